/** Exact mid-band and edge frequencies of octaves and one-third octaves (IEC 61260-1:2014, 5.2–5.5), base ten. */
import { OCTAVES_HZ, THIRDS_HZ } from "./second.ts";

/** Octave ratio G = 10^(3/10). */
export const OCTAVE_RATIO = 10 ** 0.3;

export interface Band {
  /** Exact mid-band frequency, Hz. */
  readonly mid: number;
  /** Lower and upper band-edge frequency, Hz. */
  readonly low: number;
  readonly high: number;
}

/** The band number `x` steps above 1 kHz, of `fraction` bands to an octave (1 or 3). */
export function band(x: number, fraction: 1 | 3): Band {
  const mid = 1000 * OCTAVE_RATIO ** (x / fraction);
  const half = OCTAVE_RATIO ** (1 / (2 * fraction));
  return { mid, low: mid / half, high: mid * half };
}

const THIRDS_BELOW_1_KHZ = THIRDS_HZ.indexOf(1000);
const OCTAVES_BELOW_1_KHZ = OCTAVES_HZ.indexOf(1000);

/** The 16 one-third octaves from 160 Hz to 5 kHz, as `THIRDS_HZ`. */
export const THIRDS: readonly Band[] = THIRDS_HZ.map((_, i) => band(i - THIRDS_BELOW_1_KHZ, 3));
/** The 5 octaves from 250 Hz to 4 kHz, as `OCTAVES_HZ`. */
export const OCTAVES: readonly Band[] = OCTAVES_HZ.map((_, i) => band(i - OCTAVES_BELOW_1_KHZ, 1));

/** Position in `THIRDS_HZ` of an octave's lowest third: 250 Hz is 200, 250 and 315 Hz. */
const firstThirdOf = (octave: number): number => 3 * octave + 1;

/** Mean squares of the five octaves 250 Hz–4 kHz: an octave is the sum of its three thirds. */
export function octavesOf(thirds: Float64Array): Float64Array {
  const octaves = new Float64Array(OCTAVES_HZ.length);
  for (let o = 0; o < octaves.length; o++) {
    const first = firstThirdOf(o);
    octaves[o] = thirds[first]! + thirds[first + 1]! + thirds[first + 2]!;
  }
  return octaves;
}
