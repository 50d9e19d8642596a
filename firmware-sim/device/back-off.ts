/** How long to wait before trying again: full jitter, so that a thousand devices do not come back in the same second. */

export interface BackOff {
  readonly baseMs: number;
  readonly ceilingMs: number;
}

export const RECONNECT: BackOff = { baseMs: 1000, ceilingMs: 30_000 };

/** Longest wait before attempt `attempt` (0 is the first after a failure), ms. */
export const backOffCeiling = (attempt: number, { baseMs, ceilingMs }: BackOff): number =>
  Math.min(ceilingMs, baseMs * 2 ** attempt);

/** A wait drawn evenly from 0 to the ceiling, ms; `random` is in [0, 1). */
export const backOff = (attempt: number, rule: BackOff, random: number): number =>
  random * backOffCeiling(attempt, rule);
