/** What a room sounds like when nobody talks, from the hours that are kept of it (`background_1h`). Pure. */
import { mean, THIRDS_HZ } from "#protocol/acoustics/bands.ts";
import type { PairHistoryView } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import { openIntervals } from "#protocol/calendar.ts";
import { addLevels } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { backgroundIn, HOUR_MS } from "../history/background-rollup.ts";
import type { Point } from "../history/history.ts";

/** An hour counts with at least a quarter of an hour of spectra, 5 min each. */
const LEAST_SPECTRA = 3;

/** Starts of the hours in which the house is open: at night the ventilation is set back and nobody talks. */
export function openHours(site: Site, period: Interval): ReadonlySet<Millis> {
  const hours = new Set<Millis>();
  for (const { from, until } of openIntervals(site, period.from, period.until))
    for (let hour = Math.ceil(from / HOUR_MS) * HOUR_MS; hour + HOUR_MS <= until; hour += HOUR_MS) hours.add(hour);
  return hours;
}

/**
 * Per room the mean of the 16 background thirds, dB, in the hour that is quieter than nine in ten of the open ones: privacy
 * must not rest on a noise that is not always there (ACOUSTICS §3.9). Without enough of any hour a room is left out.
 */
export function quietHours(hours: readonly Point[], open: ReadonlySet<Millis>): ReadonlyMap<RoomId, number> {
  const counted = hours.filter(({ t, fields }) => open.has(t) && Number(fields.n) >= LEAST_SPECTRA);
  const byRoom = Map.groupBy(counted, ({ tags }) => tags.room!);
  return new Map(
    Array.from(byRoom, ([room, inRoom]) => {
      const levels = inRoom.map(({ fields }) => fields.mean as number).sort((a, b) => a - b);
      return [room, levels[Math.ceil(levels.length / 10) - 1]!];
    }),
  );
}

/** A-weighting at the 16 thirds, dB (IEC 61672-1:2013, table 3). */
const A_WEIGHTING_DB = [-13.4, -10.9, -8.6, -6.6, -4.8, -3.2, -1.9, -0.8, 0, 0.6, 1.0, 1.2, 1.3, 1.2, 1.0, 0.5];
/** Of each octave 250–4000 Hz the first of its three thirds. */
const FIRST_THIRDS = [1, 4, 7, 10, 13];

/** By local hour of day: per third the median over the days, which one noisy day does not move, as octaves and in dBA. */
export function noiseByHour(hours: readonly Point[], hourOf: (t: Millis) => number): PairHistoryView["noiseByHour"] {
  const byHour = Map.groupBy(
    hours.filter(({ fields }) => Number(fields.n) >= LEAST_SPECTRA),
    ({ t }) => hourOf(t),
  );
  return Array.from(byHour, ([hour, points]) => {
    const spectra = points.map(backgroundIn);
    const thirds = THIRDS_HZ.map((_, i) => median(spectra.map((spectrum) => spectrum[i]!)));
    return {
      hour,
      l90: FIRST_THIRDS.map((first) => round1(addLevels(thirds.slice(first, first + 3)))),
      dba: round1(addLevels(thirds.map((level, i) => level + A_WEIGHTING_DB[i]!))),
    };
  }).sort((a, b) => a.hour - b.hour);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : mean([sorted[middle - 1]!, sorted[middle]!]);
}

const round1 = (value: number): number => Math.round(value * 10) / 10;
