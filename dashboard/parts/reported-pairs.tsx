/** What a period has shown of each pair of rooms, the leakiest first. What was not measured is counted, not left out. */
import type { PairReport } from "#protocol/api.ts";
import { leakOf } from "../state/pair-state.ts";
import { pathOf } from "../state/route.ts";
import { pairKey } from "../state/store.ts";
import { number, percent, spc as wholeSpc } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { FirstFew } from "./first-few.tsx";
import { minutesFollowed, sharesFollowed } from "./heard-minutes.tsx";
import { LeakSign } from "./leak.tsx";
import { roomName } from "./room-name.ts";
import { Table } from "./table.tsx";
import { amountOf } from "./told.tsx";

const NONE = "–";

const isKnown = (pair: PairReport) => leakOf(pair) !== "unknown";

/** By how much comes through: known ones first, lowest SPC first. */
const leakiestFirst = (a: PairReport, b: PairReport) =>
  Number(isKnown(b)) - Number(isKnown(a)) || (a.spc ?? Number.POSITIVE_INFINITY) - (b.spc ?? Number.POSITIVE_INFINITY);

function spcOf({ spc, spcInterval, spcLimited }: PairReport): string {
  const { locale } = text.value;
  if (spc === null) return NONE;
  const value = wholeSpc(spc, locale);
  if (spcLimited) return `≥ ${value}`;
  const [low, high] = spcInterval ?? [];
  if (low === undefined || high === undefined) return value;
  return `${value} (${wholeSpc(low, locale)}–${number(Math.ceil(high), locale)})`;
}

/** Minutes, or percent of the talk where minutes are not told. */
function Followed({ pair: { minutes, shares, suppressed } }: { pair: PairReport }) {
  const { locale, told } = text.value;
  if (shares) return <>{told.percent(amountOf(sharesFollowed(shares)))}</>;
  if (minutes) return <>{number(minutesFollowed(minutes), locale)}</>;
  return <span class="not-told">{suppressed && told.because[suppressed]}</span>;
}

function restsOn({ episodes, days }: PairReport): string {
  const { locale, report, told } = text.value;
  if (episodes === null || days === null) return told.notTold;
  return episodes === 0 ? NONE : report.rests(number(episodes, locale), number(days, locale));
}

function Row({ pair }: { pair: PairReport }) {
  const words = text.value;
  const { locale } = words;
  const columns = words.report.pairColumns;
  return (
    <tr data-pair={pairKey(pair.from, pair.to)}>
      <th scope="row">
        <a href={pathOf.pair(pair.from, pair.to)}>{words.leakage.pair(roomName(pair.from), roomName(pair.to))}</a>
      </th>
      <td data-title={columns.class}>
        <LeakSign leak={leakOf(pair)} />
      </td>
      <td data-title={columns.spc} class="number">
        {spcOf(pair)}
      </td>
      <td data-title={columns.target} class="number">
        {pair.targetRw === null ? NONE : number(pair.targetRw, locale)}
      </td>
      <td data-title={columns.minutes} class="number">
        <Followed pair={pair} />
      </td>
      <td data-title={columns.coverage} class="number">
        {pair.coverage === null ? NONE : percent(pair.coverage, locale)}
      </td>
      <td data-title={columns.rests} class="number">
        {restsOn(pair)}
      </td>
    </tr>
  );
}

export function ReportedPairs({ pairs }: { pairs: readonly PairReport[] }) {
  const { locale, report: words } = text.value;
  const unmeasured = pairs.filter((pair) => !isKnown(pair)).length;
  const { pair, ...rest } = words.pairColumns;
  return (
    <section aria-labelledby="report-leaks-title">
      <h2 id="report-leaks-title">{words.leakage}</h2>
      {pairs.length === 0 && <p>{words.leakageNone}</p>}
      {pairs.length > 0 && (
        <>
          <p class="facts">
            {words.leakageText} {unmeasured > 0 && words.leakageUnmeasured(number(unmeasured, locale))}
          </p>
          <FirstFew items={[...pairs].sort(leakiestFirst)}>
            {(shown) => (
              <Table
                look="reported"
                caption={words.leakage}
                heads={[pair, ...Object.entries(rest).map(([key, name]) => ({ name, isNumber: key !== "class" }))]}
                blocks
              >
                {shown.map((shownPair) => (
                  <Row key={pairKey(shownPair.from, shownPair.to)} pair={shownPair} />
                ))}
              </Table>
            )}
          </FirstFew>
        </>
      )}
    </section>
  );
}
