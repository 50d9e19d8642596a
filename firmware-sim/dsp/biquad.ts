/**
 * Second-order sections, y = b·x − a·y, direct form II transposed in float64: the form whose rounding stays small for
 * poles near z = 1 (ACOUSTICS §1.3).
 */

/** b0, b1, b2, a1, a2 of each section, one after the other; a0 is 1. */
export type BiquadCoefficients = Float64Array;

const PER_SECTION = 5;

/** Below this a state is silence: left to decay it becomes a denormal number, which processors handle slowly. */
const SILENCE = 1e-30;

export interface BiquadCascade {
  /** Filters the first `length` values in place. */
  process(block: Float64Array, length: number): void;
}

/** Throws a RangeError unless the coefficients come in fives. */
export function createBiquadCascade(coefficients: BiquadCoefficients): BiquadCascade {
  const sections = coefficients.length / PER_SECTION;
  if (!Number.isInteger(sections)) throw new RangeError("biquad coefficients come in fives");
  const state = new Float64Array(2 * sections);
  return {
    process(block, length) {
      for (let section = 0; section < sections; section++) runSection(coefficients, state, section, block, length);
      flushSilence(state);
    },
  };
}

function runSection(c: Float64Array, state: Float64Array, section: number, block: Float64Array, length: number): void {
  const at = section * PER_SECTION;
  const b0 = c[at]!;
  const b1 = c[at + 1]!;
  const b2 = c[at + 2]!;
  const a1 = c[at + 3]!;
  const a2 = c[at + 4]!;
  let s1 = state[2 * section]!;
  let s2 = state[2 * section + 1]!;
  for (let n = 0; n < length; n++) {
    const x = block[n]!;
    const y = b0 * x + s1;
    s1 = b1 * x - a1 * y + s2;
    s2 = b2 * x - a2 * y;
    block[n] = y;
  }
  state[2 * section] = s1;
  state[2 * section + 1] = s2;
}

/** Sets states that have decayed to nothing to zero. */
export function flushSilence(state: Float64Array): void {
  for (let i = 0; i < state.length; i++) if (Math.abs(state[i]!) < SILENCE) state[i] = 0;
}
