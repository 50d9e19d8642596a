/**
 * How many minutes of talk in a room were heard how in another, per hour and per UTC day, from the minutes themselves
 * (`leak`) or from the hours: the same function, the same answer. Pure.
 */
import type { MinutesByHearing } from "#protocol/api.ts";
import type { Point } from "./history.ts";
import { hearings } from "./measurements.ts";

export type LeakRollup = "leak_1h" | "leak_1d";
export const leakWindowMs: Readonly<Record<LeakRollup, number>> = { leak_1h: 3_600_000, leak_1d: 86_400_000 };

/** One point per pair and window that has any minute; `points` must hold everything there is of each window they touch. */
export function rollUpLeaks(points: readonly Point[], into: LeakRollup): Point[] {
  const startOf = (t: number) => t - (t % leakWindowMs[into]);
  const windows = Map.groupBy(points, ({ t, tags }) => `${startOf(t)} ${tags.from} ${tags.to}`);
  return Array.from(windows.values(), (inWindow) => {
    const { t, tags } = inWindow[0]!;
    const counts = countHearings(inWindow);
    const minutes = hearings.reduce((sum, hearing) => sum + counts[hearing], 0);
    return { measurement: into, tags, fields: { minutes, ...counts }, t: startOf(t) };
  });
}

/** Minutes by what was heard, of any mixture of minutes and rollups that do not overlap. */
export function countHearings(points: readonly Point[]): MinutesByHearing {
  const counts = { inaudible: 0, audible: 0, words: 0, partly: 0, intelligible: 0, clearly: 0, unknown: 0 };
  for (const { measurement, fields } of points)
    for (const hearing of hearings)
      counts[hearing] += measurement === "leak" ? Number(fields.hearing === hearing) : Number(fields[hearing] ?? 0);
  return counts;
}
