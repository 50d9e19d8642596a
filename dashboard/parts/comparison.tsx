/** Whether boundaries keep more or less in than in another period: before and after a retrofit. */
import type { PairComparison, ReportView } from "#protocol/api.ts";
import { timeZone } from "../state/app.ts";
import { pathOf } from "../state/route.ts";
import { pairKey } from "../state/store.ts";
import { date, number, signed } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { FirstFew } from "./first-few.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { roomName } from "./room-name.ts";
import { ofFigures, Table } from "./table.tsx";

type Verdict = PairComparison["verdict"];
const NONE = "–";

const icons: Readonly<Record<Verdict, IconName>> = {
  better: "success",
  worse: "warning",
  "no-difference": "minus",
  inconclusive: "help",
};

/** What has changed before what has not, and that before what nobody knows. */
const order: readonly Verdict[] = ["better", "worse", "no-difference", "inconclusive"];

function Row({ pair }: { pair: PairComparison }) {
  const words = text.value;
  const { locale } = words;
  const columns = words.report.comparisonColumns;
  const [low, high] = pair.interval ?? [];
  return (
    <tr data-pair={pairKey(pair.from, pair.to)}>
      <th scope="row">
        <a href={pathOf.pair(pair.from, pair.to)}>{words.leakage.pair(roomName(pair.from), roomName(pair.to))}</a>
      </th>
      <td data-title={columns.verdict}>
        <span class={`verdict verdict-${pair.verdict}`}>
          <Icon name={icons[pair.verdict]} />
          {words.report.verdict[pair.verdict]}
        </span>
      </td>
      <td data-title={columns.change} class="number">
        {pair.changeDb === null ? NONE : signed(pair.changeDb, locale, 1)}
      </td>
      <td data-title={columns.interval} class="number">
        {low === undefined || high === undefined
          ? NONE
          : words.report.between(signed(low, locale, 1), signed(high, locale, 1))}
      </td>
    </tr>
  );
}

/** The periods in order of time: a change is from the earlier to the later. `until` of a period is its end, not part of it. */
function periodsInOrder(...periods: { from: string; to: string }[]): string[] {
  const { locale, report: words } = text.value;
  const dated = (instant: number) => date(instant, locale, timeZone.value);
  return periods
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from))
    .map(({ from, to }) => words.dates(dated(Date.parse(from)), dated(Date.parse(to) - 1)));
}

export function Comparison({
  report,
  comparison,
}: {
  report: ReportView;
  comparison: NonNullable<ReportView["comparison"]>;
}) {
  const { locale, report: words } = text.value;
  const [earlier, later] = periodsInOrder(report, comparison);
  const pairs = [...comparison.pairs].sort(
    (a, b) =>
      order.indexOf(a.verdict) - order.indexOf(b.verdict) || Math.abs(b.changeDb ?? 0) - Math.abs(a.changeDb ?? 0),
  );
  const count = (verdict: Verdict) => number(pairs.filter((pair) => pair.verdict === verdict).length, locale);
  const [better, worse, same, open] = order.map(count) as [string, string, string, string];
  const { comparisonColumns: columns } = words;
  return (
    <section class="comparison" aria-labelledby="comparison-title">
      <h2 id="comparison-title">{words.comparison}</h2>
      <p class="facts">{words.comparisonText(earlier!, later!)}</p>
      {pairs.length === 0 ? (
        <p>{words.comparisonNone}</p>
      ) : (
        <>
          <p class="verdict-counts">{words.verdictCounts(better, worse, same, open)}</p>
          <FirstFew items={pairs}>
            {(shown) => (
              <Table
                look="reported"
                caption={words.comparison}
                heads={[columns.pair, columns.verdict, ofFigures(columns.change), ofFigures(columns.interval)]}
                blocks
              >
                {shown.map((pair) => (
                  <Row key={pairKey(pair.from, pair.to)} pair={pair} />
                ))}
              </Table>
            )}
          </FirstFew>
        </>
      )}
    </section>
  );
}
