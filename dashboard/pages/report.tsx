/** Choose a period, see what it holds in brief, open the report or take it along. */
import { useState } from "preact/hooks";
import type { ReportView } from "#protocol/api.ts";
import { Comparison } from "../parts/comparison.tsx";
import { Failure } from "../parts/failure.tsx";
import { Field } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { useLoad } from "../parts/load.ts";
import { ReportedPairs } from "../parts/reported-pairs.tsx";
import { ReportedRooms } from "../parts/reported-rooms.tsx";
import { Title } from "../parts/title.tsx";
import { addedUp, amountOf, countOf } from "../parts/told.tsx";
import { getReport, type Period, reportUrl } from "../state/api.ts";
import { timeZone } from "../state/app.ts";
import { language } from "../state/settings.ts";
import { isoDate, percent } from "../texts/format.ts";
import { text } from "../texts/texts.ts";

const DAY = 86_400_000;
const presets = { week: 7, month: 28, quarter: 90 } as const;
type Preset = keyof typeof presets;

const lastDays = (days: number): Period => ({
  from: isoDate(Date.now() - (days - 1) * DAY, timeZone.value),
  to: isoDate(Date.now(), timeZone.value),
});

/** Dates as such: whole days of UTC stand for days of the calendar. */
const daysAfter = (date: string, days: number) => new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10);

/** The days just before a period, as many as it has; the last four weeks where the period is not whole yet. */
function periodBefore({ from, to }: Period): Period {
  if (from === "" || to === "" || from > to) return lastDays(presets.month);
  const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
  return { from: daysAfter(from, -days), to: daysAfter(from, -1) };
}

function Brief({ report }: { report: ReportView }) {
  const { locale, report: say } = text.value;
  const fired = addedUp(report.alerts.map((alert) => alert.fired));
  const { coverage, sharedOffices } = report;
  return (
    <section aria-labelledby="figures-title">
      <h2 id="figures-title">{say.figures}</h2>
      <dl class="figures-brief">
        <div>
          <dt>{say.sharedConversations}</dt>
          <dd>{countOf(sharedOffices.conversations)}</dd>
        </div>
        <div>
          <dt>{say.sharedMinutes}</dt>
          <dd>{amountOf(sharedOffices.minutes)}</dd>
        </div>
        <div>
          <dt>{say.alerts}</dt>
          <dd>{countOf(fired)}</dd>
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
      {report.reach !== "all" && <p class="small-text">{text.value.told.reportRules}</p>}
    </section>
  );
}

function Figures({ period, compared }: { period: Period; compared: Period | null }) {
  const key = [period, compared].map((days) => `${days?.from} ${days?.to}`).join(" ");
  const { value, error, retry } = useLoad(key, 0, (signal) => getReport(period, compared, signal));
  if (error !== undefined) return <Failure error={error} retry={retry} />;
  if (!value) return <p>{text.value.loading}</p>;
  return (
    <>
      <Brief report={value} />
      {value.comparison && <Comparison report={value} comparison={value.comparison} />}
      {value.reach !== "all" && <ReportedRooms report={value} />}
      <ReportedPairs pairs={value.pairs} />
    </>
  );
}

function Links({ period, compared }: { period: Period; compared: Period | null }) {
  const words = text.value.report;
  return (
    <p class="actions">
      <a
        class="button button-primary"
        target="_blank"
        rel="noopener"
        href={reportUrl(period, compared, "html", language.value)}
      >
        <Icon name="out" />
        {words.open} <span class="sr-only">{words.newTab}</span>
      </a>
      <a class="button button-secondary" download href={reportUrl(period, compared, "csv", language.value)}>
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
    <Field id={id} label={label}>
      <input class="form-input" type="date" id={id} value={value} onInput={(event) => set(event.currentTarget.value)} />
    </Field>
  );
}

function mistakeIn({ from, to }: Period): string | null {
  const words = text.value.report;
  if (from === "" || to === "") return words.incomplete;
  return from > to ? words.wrongOrder : null;
}

/** Of two whole periods. */
const overlap = (a: Period, b: Period) => a.from <= b.to && b.from <= a.to;

function mistakeInBoth(period: Period, compared: Period | null): string | null {
  const wrong = mistakeIn(period) ?? (compared && mistakeIn(compared));
  if (wrong !== null || compared === null) return wrong;
  return overlap(period, compared) ? text.value.report.overlap : null;
}

function Chosen({ period, compared }: { period: Period; compared: Period | null }) {
  const wrong = mistakeInBoth(period, compared);
  if (wrong !== null)
    return (
      <p class="inconclusive" role="alert">
        <Icon name="error" />
        {wrong}
      </p>
    );
  return (
    <>
      <Links period={period} compared={compared} />
      <Figures period={period} compared={compared} />
    </>
  );
}

/** A second period to hold the first against, where that is wanted. At first it is as long as the first and lies before it. */
function CompareFields({
  period,
  compared,
  set,
}: {
  period: Period;
  compared: Period | null;
  set: (compared: Period | null) => void;
}) {
  const words = text.value.report;
  return (
    <fieldset class="period compare">
      <legend class="sr-only">{words.compare}</legend>
      <label class="check">
        <input
          type="checkbox"
          checked={compared !== null}
          onChange={(event) => set(event.currentTarget.checked ? periodBefore(period) : null)}
        />
        {words.compare}
      </label>
      <p class="small-text">{words.compareText}</p>
      {compared && (
        <div class="dates">
          <DateField
            id="compare-from"
            label={words.compareFrom}
            value={compared.from}
            set={(from) => set({ ...compared, from })}
          />
          <DateField
            id="compare-to"
            label={words.compareTo}
            value={compared.to}
            set={(to) => set({ ...compared, to })}
          />
        </div>
      )}
    </fieldset>
  );
}

export function ReportPage() {
  const words = text.value.report;
  const [period, setPeriod] = useState<Period>(() => lastDays(presets.month));
  const [compared, setCompared] = useState<Period | null>(null);
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
      <CompareFields period={period} compared={compared} set={setCompared} />
      <Chosen period={period} compared={compared} />
    </>
  );
}
