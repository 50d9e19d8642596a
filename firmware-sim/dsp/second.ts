/**
 * What one second of sound becomes before anything else is done with it. The audio path makes it from samples; the
 * levels-only world makes it directly. Everything after this point (conversation, windows, messages) is one code.
 */

export { OCTAVES_HZ, THIRDS_HZ } from "#protocol/acoustics/bands.ts";

/** LAF samples per second: one each 125 ms. */
export const LAF_PER_SECOND = 8;

export interface Second {
  /** Start of the second, ms UTC. */
  readonly t: number;
  /** Mean square per one-third octave, Pa², 16 values. */
  readonly thirds: Float64Array;
  /** A-weighted mean square, Pa². */
  readonly a: number;
  /** A-weighted, Fast time-weighted mean square at the end of each 125 ms, Pa², 8 values. */
  readonly laf: Float64Array;
  /** Greatest A-weighted, Fast time-weighted mean square in the second, Pa². */
  readonly lafMax: number;
  /** Probability that the second is speech, 0–1. */
  readonly speech: number;
  /** A sample was within 0.1 dB of full scale. */
  readonly clipped: boolean;
  /** Mean of the samples as a share of full scale; absent where a second is not made from samples. */
  readonly dc?: number;
}

/** Reference sound pressure squared, (20 µPa)², Pa². */
export const P0_SQUARED = 4e-10;
