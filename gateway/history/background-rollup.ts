/**
 * What a room sounds like in an hour when nobody talks, from the L90 of the 16 thirds that its device says every five
 * minutes (`spectrum`): their energy mean per third, so that a fan that ran for half an hour counts by what it sounded
 * like, and `mean`, the arithmetic mean of those 16 levels, which is Ln_avg of ACOUSTICS §3.3. `n` counts the spectra.
 * Kept as long as building facts, because the leakage of a year ago cannot be judged without the background of then. Pure.
 */
import { mean, THIRDS_HZ } from "#protocol/acoustics/bands.ts";
import { meanLevel } from "#protocol/decibel.ts";
import type { Point } from "./history.ts";

export const HOUR_MS = 3_600_000;

/** One point per device and hour that has any spectrum of a quiet moment; `points` are `spectrum`, in any order. */
export function rollUpBackground(points: readonly Point[]): Point[] {
  const quiet = points.filter(({ fields }) => fields.background160 !== undefined);
  const windows = Map.groupBy(quiet, ({ t, tags }) => `${t - (t % HOUR_MS)} ${tags.room} ${tags.device}`);
  return Array.from(windows.values(), backgroundOf);
}

/** In order of time, so that the sums are the same to the last bit however the spectra came. */
function backgroundOf(spectra: readonly Point[]): Point {
  const { t, tags } = spectra[0]!;
  const inOrder = spectra.toSorted((a, b) => a.t - b.t);
  const levels = THIRDS_HZ.map((hz) => meanLevel(inOrder.map(({ fields }) => fields[`background${hz}`] as number)));
  const thirds = Object.fromEntries(THIRDS_HZ.map((hz, i) => [`background${hz}`, levels[i]!]));
  return {
    measurement: "background_1h",
    tags,
    fields: { mean: mean(levels), n: spectra.length, ...thirds },
    t: t - (t % HOUR_MS),
  };
}

/** Back again: the 16 levels of a `background_1h`, dB. */
export const backgroundIn = ({ fields }: Point): number[] => THIRDS_HZ.map((hz) => fields[`background${hz}`] as number);
