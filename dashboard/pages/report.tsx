/** Choose a period, see what it holds in brief, open the report or take it along. */
import { useState } from "preact/hooks";
import type { ReportView } from "#protocol/api.ts";
import { Failure } from "../parts/failure.tsx";
import { Icon } from "../parts/icon.tsx";
import { useLoad } from "../parts/load.ts";
import { Title } from "../parts/title.tsx";
import { getReport, reportUrl } from "../state/api.ts";
import { timeZone } from "../state/app.ts";
import { language } from "../state/settings.ts";
import { isoDate, number, percent } from "../texts/format.ts";
import { text } from "../texts/texts.ts";

const DAY = 86_400_000;
const presets = { week: 7, month: 28, quarter: 90 } as const;
type Preset = keyof typeof presets;

/** Local dates of the site, both included. */
interface Period {
  readonly from: string;
  readonly to: string;
}

const lastDays = (days: number): Period => ({
  from: isoDate(Date.now() - (days - 1) * DAY, timeZone.value),
  to: isoDate(Date.now(), timeZone.value),
});

function Figures({ period }: { period: Period }) {
  const words = text.value;
  const { locale, report: say } = words;
  const { value, error, retry } = useLoad(`${period.from} ${period.to}`, 0, (signal) =>
    getReport(period.from, period.to, signal),
  );
  if (error !== undefined) return <Failure error={error} retry={retry} />;
  if (!value) return <p>{words.loading}</p>;
  const fired = (report: ReportView) => report.alerts.reduce((sum, alert) => sum + alert.fired, 0);
  const { coverage, sharedOffices } = value;
  return (
    <>
      <dl class="figures-brief">
        <div>
          <dt>{say.sharedConversations}</dt>
          <dd>{number(sharedOffices.conversations, locale)}</dd>
        </div>
        <div>
          <dt>{say.sharedMinutes}</dt>
          <dd>{number(sharedOffices.minutes, locale)}</dd>
        </div>
        <div>
          <dt>{say.alerts}</dt>
          <dd>{number(fired(value), locale)}</dd>
        </div>
        <div>
          <dt>{say.coverage}</dt>
          <dd>{coverage.overall === null ? say.notKnown : percent(coverage.overall, locale)}</dd>
        </div>
      </dl>
      <p class={coverage.conclusive ? "conclusive" : "inconclusive"}>
        <Icon name={coverage.conclusive ? "check" : "warning"} />
        {coverage.conclusive ? say.conclusive : say.notConclusive}
      </p>
    </>
  );
}

function Links({ period }: { period: Period }) {
  const words = text.value.report;
  return (
    <p class="actions">
      <a
        class="button button-primary"
        target="_blank"
        rel="noopener"
        href={reportUrl(period.from, period.to, "html", language.value)}
      >
        <Icon name="out" />
        {words.open} <span class="sr-only">{words.newTab}</span>
      </a>
      <a class="button button-secondary" download href={reportUrl(period.from, period.to, "csv", language.value)}>
        <Icon name="download" />
        {words.csv}
      </a>
    </p>
  );
}

function DateField({
  id,
  label,
  value,
  set,
}: {
  id: string;
  label: string;
  value: string;
  set: (date: string) => void;
}) {
  return (
    <div class="form-group">
      <label class="form-label" for={id}>
        {label}
      </label>
      <input class="form-input" type="date" id={id} value={value} onInput={(event) => set(event.currentTarget.value)} />
    </div>
  );
}

function Chosen({ period }: { period: Period }) {
  const words = text.value.report;
  const wrong =
    period.from === "" || period.to === "" ? words.incomplete : period.from > period.to ? words.wrongOrder : null;
  if (wrong !== null)
    return (
      <p class="inconclusive" role="alert">
        <Icon name="error" />
        {wrong}
      </p>
    );
  return (
    <>
      <Links period={period} />
      <section aria-labelledby="figures-title">
        <h2 id="figures-title">{words.figures}</h2>
        <Figures period={period} />
      </section>
    </>
  );
}

export function ReportPage() {
  const words = text.value.report;
  const [period, setPeriod] = useState<Period>(() => lastDays(presets.month));
  return (
    <>
      <Title>{words.title}</Title>
      <p class="lead">{words.lead}</p>
      <fieldset class="period">
        <legend class="form-label">{words.period}</legend>
        <div class="choices">
          {(Object.keys(presets) as Preset[]).map((preset) => {
            const days = lastDays(presets[preset]);
            const chosen = days.from === period.from && days.to === period.to;
            return (
              <label key={preset} class={chosen ? "chosen" : ""}>
                <input type="radio" name="preset" checked={chosen} onChange={() => setPeriod(days)} />
                {words.presets[preset]}
              </label>
            );
          })}
        </div>
        <div class="dates">
          <DateField id="from" label={words.from} value={period.from} set={(from) => setPeriod({ ...period, from })} />
          <DateField id="to" label={words.to} value={period.to} set={(to) => setPeriod({ ...period, to })} />
        </div>
      </fieldset>
      <Chosen period={period} />
    </>
  );
}
