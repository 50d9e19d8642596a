/** Minutes of conversation by what could be heard of it, worst first. What is not known has a row of its own. */
import type { Figure, Hearing, MinutesByHearing, SharesByHearing } from "#protocol/api.ts";
import { number, percent } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { ofFigures, Table } from "./table.tsx";
import { addedUp, amountOf } from "./told.tsx";

/** Worst first. */
const hearings = ["clearly", "intelligible", "partly", "words", "audible", "inaudible"] as const satisfies Hearing[];

/** Minutes in which a conversation could be followed, wholly or in part. */
export const minutesFollowed = (minutes: MinutesByHearing): number =>
  minutes.clearly + minutes.intelligible + minutes.partly;

export const sharesFollowed = ({ clearly, intelligible, partly }: SharesByHearing): Figure =>
  addedUp([clearly, intelligible, partly]);

export const minutesInAll = (minutes: MinutesByHearing): number =>
  Object.values(minutes).reduce((sum, count) => sum + count, 0);

const BAR = { width: 200, height: 16 };

/** A length, 0–1, for the eye only: the figures stand beside it. */
const Bar = ({ share, of }: { share: number; of: string }) => (
  <svg class={`bar bar-${of}`} viewBox={`0 0 ${BAR.width} ${BAR.height}`} preserveAspectRatio="none" aria-hidden="true">
    <rect class="bar-ground" width={BAR.width} height={BAR.height} />
    <rect width={share * BAR.width} height={BAR.height} />
  </svg>
);

/** How long each bar is, 0–1, and what stands in its row. */
interface Row {
  readonly length: number;
  readonly figures: readonly string[];
}

function HeardTable({ columns, row }: { columns: readonly string[]; row: (hearing: keyof MinutesByHearing) => Row }) {
  const words = text.value;
  const say = words.pair.minutes;
  return (
    <Table look="heard" caption={say.title} heads={[say.columns.hearing, ...columns.map(ofFigures)]}>
      {([...hearings, "unknown"] as const).map((hearing) => {
        const { length, figures } = row(hearing);
        return (
          <tr key={hearing}>
            <th scope="row">
              {hearing === "unknown" ? say.unknown : words.hearing[hearing]}
              <Bar share={length} of={hearing} />
            </th>
            {figures.map((figure, column) => (
              <td key={columns[column]} class="number">
                {figure}
              </td>
            ))}
          </tr>
        );
      })}
    </Table>
  );
}

export function HeardMinutes({ minutes, from }: { minutes: MinutesByHearing; from: string }) {
  const { locale, pair } = text.value;
  const say = pair.minutes;
  const total = minutesInAll(minutes);
  if (total === 0) return <p>{say.none(from)}</p>;
  return (
    <>
      <p class="facts">{say.overheard(number(minutesFollowed(minutes), locale), number(total, locale))}</p>
      <HeardTable
        columns={[say.columns.minutes, say.columns.share]}
        row={(hearing) => {
          const length = minutes[hearing] / total;
          return { length, figures: [number(minutes[hearing], locale), percent(length, locale)] };
        }}
      />
    </>
  );
}

/** What is told where minutes are not. */
export function HeardShares({ shares }: { shares: SharesByHearing }) {
  const { told, pair } = text.value;
  const lengthOf = (share: Figure) => (typeof share === "number" ? share : 0) / 100;
  return (
    <>
      <p class="facts">{told.sharesText}</p>
      <HeardTable
        columns={[pair.minutes.columns.share]}
        row={(hearing) => ({
          length: lengthOf(shares[hearing]),
          figures: [told.percent(amountOf(shares[hearing]))],
        })}
      />
    </>
  );
}
