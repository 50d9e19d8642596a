/** Background noise of a room by hour of the local day; an hour without measurements is a gap. */
import type { PairHistoryView } from "#protocol/api.ts";
import { number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { FigureTable } from "./figure-table.tsx";
import { Frame, type Place, tensAround } from "./frame.tsx";
import { octaveNames } from "./octaves.ts";

type Hours = PairHistoryView["noiseByHour"];

/** A step for each hour; joined to the hour before where that was measured too. */
export function steps(hours: Hours, { x, y }: Pick<Place, "x" | "y">): string {
  return hours
    .map(({ hour, dba }, i) => {
      const joined = hours[i - 1]?.hour === hour - 1;
      return `${joined ? "L" : "M"}${x(hour / 24)} ${y(dba)}H${x((hour + 1) / 24)}`;
    })
    .join("");
}

const two = (hour: number) => String(hour).padStart(2, "0");

export function NoiseByHour({ hours, room }: { hours: Hours; room: string }) {
  const words = text.value;
  const { locale } = words;
  const say = words.pair.noise;
  if (hours.length === 0) return <p>{say.none}</p>;
  return (
    <>
      <Frame
        label={say.label(room)}
        axis={{
          name: say.axis,
          ...tensAround([...hours.map(({ dba }) => dba - 1), ...hours.map(({ dba }) => dba + 1)]),
        }}
        marks={[0, 4, 8, 12, 16, 20, 24].map((hour) => ({ at: hour / 24, word: two(hour) }))}
      >
        {(place) => <path class="drawn-noise" d={steps(hours, place)} />}
      </Frame>
      <FigureTable
        caption={say.caption(room)}
        head={[say.hour, "dB(A)", ...octaveNames(locale)]}
        rows={hours.map(({ hour, dba, l90 }) => [
          `${two(hour)}–${two(hour + 1)}`,
          number(dba, locale, 1),
          ...l90.map((level) => number(level, locale, 1)),
        ])}
      />
    </>
  );
}
