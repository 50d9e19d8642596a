/** How far speech carries in an open-plan office (ISO 3382-3:2012), from positions in a line away from one talker. */
import { mean } from "./bands.ts";

export interface Position {
  /** From the talker, m. */
  readonly distance: number;
  /** A-weighted level of speech, dB. */
  readonly speech: number;
  /** Speech Transmission Index, 0–1. */
  readonly sti: number;
}

export interface OpenPlan {
  /** D2,S: how much speech falls off per doubling of the distance, dB. */
  readonly decay: number;
  /** Lp,A,S,4m: A-weighted speech at 4 m, dB. */
  readonly at4m: number;
  /** rD and rP: where STI has fallen to 0.50 and 0.20, m; null where it does not fall with distance. */
  readonly distraction: number | null;
  readonly privacy: number | null;
}

const LEAST_POSITIONS = 4;
/** Distances that speech's decay is fitted over, m (6.2). */
const DECAY_FROM_M = 2;
const DECAY_UNTIL_M = 16;

/** Throws a RangeError on fewer than four positions between 2 and 16 m (5.2.2). */
export function openPlan(positions: readonly Position[]): OpenPlan {
  const near = positions.filter(({ distance }) => distance >= DECAY_FROM_M && distance <= DECAY_UNTIL_M);
  if (near.length < LEAST_POSITIONS) throw new RangeError(`${near.length} positions from 2 to 16 m; it takes four`);
  const level = fitLine(
    near.map(({ distance }) => Math.log2(distance)),
    near.map(({ speech }) => speech),
  );
  const sti = fitLine(
    positions.map(({ distance }) => distance),
    positions.map(({ sti }) => sti),
  );
  return {
    decay: -level.slope,
    at4m: level.intercept + 2 * level.slope,
    distraction: distanceTo(0.5, sti),
    privacy: distanceTo(0.2, sti),
  };
}

interface Line {
  readonly slope: number;
  readonly intercept: number;
}

/** Least squares. */
function fitLine(x: readonly number[], y: readonly number[]): Line {
  const meanX = mean(x);
  const meanY = mean(y);
  const covariance = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i]! - meanY), 0);
  const slope = covariance / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  return { slope, intercept: meanY - slope * meanX };
}

/** Where a falling line has come down to `value`, at the talker at the nearest; null when it does not fall. */
function distanceTo(value: number, { slope, intercept }: Line): number | null {
  return slope < 0 ? Math.max(0, (value - intercept) / slope) : null;
}

export type Grade = "good" | "fair" | "poor";

/** Good and poor offices as the standard's annex A gives them; `fair` is between. */
export function gradeOf({ decay, at4m, distraction }: OpenPlan): Grade {
  const reach = distraction ?? Number.POSITIVE_INFINITY;
  if (decay >= 7 && at4m <= 48 && reach <= 5) return "good";
  return decay < 5 || at4m > 50 || reach > 10 ? "poor" : "fair";
}
