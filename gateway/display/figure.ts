/** Figures as they are told: small ones as "fewer than five", minutes to the nearest five, sums of these with what they leave open. Pure. */
import type { Millis } from "#protocol/quantities.ts";

/** Told is that the truth lies here; both ends belong to it. Of minutes each part is also rounded, by up to 2.5 min. */
export interface Told {
  readonly least: number;
  readonly most: number;
}

/** Below this a count is told as "fewer", and so are minutes. */
export const FEW = 5;
const STEP_MIN = 5;
const MINUTE_MS = 60_000;

export const isFew = (count: number): boolean => count < FEW;
/** Whole things below five: none to four. */
export const fewCount: Told = { least: 0, most: FEW - 1 };
/** None is told as few too: that in a group nothing happened would tell it of each of its rooms. */
export const toldCount = (count: number): Told => (isFew(count) ? fewCount : exactly(count));

export function toldMinutes(ms: Millis): Told {
  const minutes = ms / MINUTE_MS;
  return minutes < FEW ? { least: 0, most: FEW } : exactly(Math.round(minutes / STEP_MIN) * STEP_MIN);
}

export const exactly = (value: number): Told => ({ least: value, most: value });
export const nothing: Told = exactly(0);
export const plus = (a: Told, b: Told): Told => ({ least: a.least + b.least, most: a.most + b.most });
export const times = (told: Told, n: number): Told => ({ least: told.least * n, most: told.most * n });
export const total = (figures: readonly Told[]): Told => figures.reduce(plus, nothing);
