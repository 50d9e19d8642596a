/** Minutes of conversation by what could be heard of it, worst first. What is not known has a row of its own. */
import type { Figure, Hearing, MinutesByHearing, SharesByHearing } from "#protocol/api.ts";
import { number, percent } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
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

export function HeardMinutes({ minutes, from }: { minutes: MinutesByHearing; from: string }) {
  const words = text.value;
  const { locale } = words;
  const say = words.pair.minutes;
  const total = minutesInAll(minutes);
  if (total === 0) return <p>{say.none(from)}</p>;
  return (
    <>
      <p class="facts">{say.overheard(number(minutesFollowed(minutes), locale), number(total, locale))}</p>
      <table class="table table--compact table--borderless heard">
        <caption class="sr-only">{say.title}</caption>
        <thead>
          <tr>
            <th scope="col">{say.columns.hearing}</th>
            <th scope="col" class="number">
              {say.columns.minutes}
            </th>
            <th scope="col" class="number">
              {say.columns.share}
            </th>
          </tr>
        </thead>
        <tbody>
          {([...hearings, "unknown"] as const).map((hearing) => (
            <tr key={hearing}>
              <th scope="row">
                {hearing === "unknown" ? say.unknown : words.hearing[hearing]}
                <Bar share={minutes[hearing] / total} of={hearing} />
              </th>
              <td class="number">{number(minutes[hearing], locale)}</td>
              <td class="number">{percent(minutes[hearing] / total, locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What is told where minutes are not. */
export function HeardShares({ shares }: { shares: SharesByHearing }) {
  const words = text.value;
  const say = words.pair.minutes;
  const lengthOf = (share: Figure) => (typeof share === "number" ? share : 0) / 100;
  return (
    <>
      <p class="facts">{words.told.sharesText}</p>
      <table class="table table--compact table--borderless heard">
        <caption class="sr-only">{say.title}</caption>
        <thead>
          <tr>
            <th scope="col">{say.columns.hearing}</th>
            <th scope="col" class="number">
              {say.columns.share}
            </th>
          </tr>
        </thead>
        <tbody>
          {([...hearings, "unknown"] as const).map((hearing) => (
            <tr key={hearing}>
              <th scope="row">
                {hearing === "unknown" ? say.unknown : words.hearing[hearing]}
                <Bar share={lengthOf(shares[hearing])} of={hearing} />
              </th>
              <td class="number">{words.told.percent(amountOf(shares[hearing]))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
