/**
 * Random numbers by place and time instead of by order: the numbers of a room's second are the same whoever asks and
 * whenever. Made for millions of seconds: a xorshift per draw, normal deviates from a table of quantiles.
 */
import { mix } from "./random.ts";

const TABLE = 1024;

/** Quantile of the standard normal distribution (Acklam's rational approximation, relative error below 1.2e-9). */
function normalQuantile(p: number): number {
  const tail = Math.min(p, 1 - p);
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  const at = (polynomial: readonly number[], x: number) => polynomial.reduce((sum, k) => sum * x + k, 0);
  if (tail < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(tail));
    return (at(c, q) / at(d, q)) * (p < 0.5 ? 1 : -1);
  }
  const q = p - 0.5;
  return (at(a, q * q) * q) / at(b, q * q);
}

/** Normal deviates at the middles of 1024 equally likely steps, scaled to variance one. */
export const QUANTILES: Float64Array = (() => {
  const raw = Float64Array.from({ length: TABLE }, (_, i) => normalQuantile((i + 0.5) / TABLE));
  const sd = Math.sqrt(raw.reduce((sum, q) => sum + q * q, 0) / TABLE);
  return raw.map((q) => q / sd);
})();

export interface Dice {
  /** Starts the numbers of the second `second` of whatever `place` names (a hash). */
  throwFor(place: number, second: number): void;
  /** The next normal deviate. */
  gaussian(): number;
  /** One of a table's 1024 equally likely values, such as a function of `QUANTILES`. */
  from(table: Float64Array): number;
  /** The next uniform number in [0, 1). */
  uniform(): number;
}

export function createDice(): Dice {
  let state = 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return {
    throwFor(place, second) {
      state = mix(place ^ mix(second)) | 1;
      next();
    },
    gaussian: () => QUANTILES[next() >>> 22]!,
    from: (table) => table[next() >>> 22]!,
    uniform: () => next() * 2 ** -32,
  };
}
