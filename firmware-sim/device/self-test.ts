/** How the microphone is: the quietest it has heard in the last hour, and its offset. */
import { P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import { levelOf } from "#protocol/decibel.ts";

const MINUTES = 60;
const MINUTE_MS = 60_000;

export interface SelfTest {
  hear(second: Second): void;
  /** Lowest LAF of the last hour, dBA; 0 before anything was heard. */
  floor(): number;
  /** Mean of the samples in the latest second, % of full scale; 0 where there are none. */
  dc(): number;
}

export function createSelfTest(): SelfTest {
  /** Lowest mean square in each of the last sixty minutes, Pa², by minute of the hour, and which minute it was. */
  const lowest = new Float64Array(MINUTES).fill(Number.POSITIVE_INFINITY);
  const minuteOf = new Float64Array(MINUTES).fill(Number.NaN);
  let latest = Number.NaN;
  let offset = 0;
  return {
    hear({ t, laf, dc }) {
      latest = Math.floor(t / MINUTE_MS);
      offset = dc ?? 0;
      const place = latest % MINUTES;
      if (minuteOf[place] !== latest) lowest[place] = Number.POSITIVE_INFINITY;
      minuteOf[place] = latest;
      for (let i = 0; i < laf.length; i++) if (laf[i]! < lowest[place]!) lowest[place] = laf[i]!;
    },
    floor() {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < MINUTES; i++) if (latest - minuteOf[i]! < MINUTES && lowest[i]! < least) least = lowest[i]!;
      return Number.isFinite(least) ? Math.max(0, levelOf(least / P0_SQUARED)) : 0;
    },
    dc: () => 100 * offset,
  };
}
