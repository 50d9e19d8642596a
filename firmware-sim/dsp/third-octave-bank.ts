/**
 * Sixteen one-third octave filters, 160 Hz–5 kHz, each a Butterworth band-pass of order 4 per skirt, class 1 of
 * IEC 61260-1:2014 (held by test over the whole bank).
 *
 * Three thirds run at 16 kHz, the three below at 8 kHz, and so on down to 1 kHz: a third of the work of sixteen bands
 * at the full rate, and filters whose poles keep their distance from z = 1.
 */
import { type Band, THIRDS } from "./bands.ts";
import { flushSilence } from "./biquad.ts";
import { type BandPass, designBandPass } from "./butterworth.ts";
import { createHalfBandDecimator } from "./half-band.ts";

export const ORDER = 4;
const RATE_HZ = 16_000;
const STAGES = 5;
/** The rate of stage s is 16 kHz / 2^s. */
const stageOf = (third: number): number => Math.min(STAGES - 1, Math.floor((THIRDS.length - 1 - third) / 3));

export interface ThirdOctaveBank {
  /** Filters one block, whose length is the bank's. */
  process(block: Float64Array): void;
  /** Writes the mean square of each third since the last call to `into`, counted over `samples` at 16 kHz; begins anew. */
  take(samples: number, into: Float64Array): void;
}

interface Third {
  readonly index: number;
  readonly filter: BandPass;
  /** The last two outputs of each of the four sections, then the sum of squares. */
  readonly state: Float64Array;
}

const SUM = 2 * ORDER;

/** Throws a RangeError unless the block length is a multiple of 16, so that every stage gets whole samples. */
export function createThirdOctaveBank(blockLength: number): ThirdOctaveBank {
  if (blockLength % 2 ** (STAGES - 1) !== 0) throw new RangeError(`blocks of ${blockLength} do not halve four times`);
  const stages = Array.from({ length: STAGES }, (_, stage) => ({
    thirds: THIRDS.flatMap((band, index) => (stageOf(index) === stage ? [third(band, index, stage)] : [])),
    decimator: createHalfBandDecimator(),
    zeros: new Float64Array(2 * ORDER),
    /** Its input with the zeros of its filters. */
    shaped: new Float64Array(blockLength / 2 ** stage),
    /** What the next stage hears. */
    output: new Float64Array(blockLength / 2 ** (stage + 1)),
  }));
  return {
    process(block) {
      let input = block;
      let count = blockLength;
      for (let s = 0; s < STAGES; s++) {
        const { thirds, decimator, zeros, shaped, output } = stages[s]!;
        addZeros(zeros, input, count, shaped);
        for (let i = 0; i < thirds.length; i++) addSquares(thirds[i]!, shaped, count);
        if (s === STAGES - 1) return;
        decimator.process(input, count, output);
        input = output;
        count /= 2;
      }
    },
    take(samples, into) {
      for (let s = 0; s < STAGES; s++) {
        for (const { index, state } of stages[s]!.thirds) {
          into[index] = (state[SUM]! * 2 ** s) / samples;
          state[SUM] = 0;
        }
      }
    },
  };
}

const third = (band: Band, index: number, stage: number): Third => ({
  index,
  filter: designBandPass(band, ORDER, RATE_HZ / 2 ** stage),
  state: new Float64Array(SUM + 1),
});

/** The numerator of all bands, (1 − z^−2)^4 = 1 − 4z^−2 + 6z^−4 − 4z^−6 + z^−8, taken once for the bands of a stage. */
function addZeros(state: Float64Array, input: Float64Array, length: number, output: Float64Array): void {
  let x1 = state[0]!;
  let x2 = state[1]!;
  let x3 = state[2]!;
  let x4 = state[3]!;
  let x5 = state[4]!;
  let x6 = state[5]!;
  let x7 = state[6]!;
  let x8 = state[7]!;
  for (let n = 0; n < length; n++) {
    const x = input[n]!;
    output[n] = x + x8 - 4 * (x2 + x6) + 6 * x4;
    x8 = x7;
    x7 = x6;
    x6 = x5;
    x5 = x4;
    x4 = x3;
    x3 = x2;
    x2 = x1;
    x1 = x;
  }
  state[0] = x1;
  state[1] = x2;
  state[2] = x3;
  state[3] = x4;
  state[4] = x5;
  state[5] = x6;
  state[6] = x7;
  state[7] = x8;
  flushSilence(state);
}

/** The poles of one band, its four sections in one loop, and the squares of what comes out. */
function addSquares({ filter, state }: Third, input: Float64Array, length: number): void {
  const { gain, poles } = filter;
  const a11 = poles[0]!;
  const a12 = poles[1]!;
  const a21 = poles[2]!;
  const a22 = poles[3]!;
  const a31 = poles[4]!;
  const a32 = poles[5]!;
  const a41 = poles[6]!;
  const a42 = poles[7]!;
  let u1 = state[0]!;
  let u2 = state[1]!;
  let v1 = state[2]!;
  let v2 = state[3]!;
  let w1 = state[4]!;
  let w2 = state[5]!;
  let y1 = state[6]!;
  let y2 = state[7]!;
  let sum = state[SUM]!;
  for (let n = 0; n < length; n++) {
    const u = gain * input[n]! - a11 * u1 - a12 * u2;
    const v = u - a21 * v1 - a22 * v2;
    const w = v - a31 * w1 - a32 * w2;
    const y = w - a41 * y1 - a42 * y2;
    sum += y * y;
    u2 = u1;
    u1 = u;
    v2 = v1;
    v1 = v;
    w2 = w1;
    w1 = w;
    y2 = y1;
    y1 = y;
  }
  state[0] = u1;
  state[1] = u2;
  state[2] = v1;
  state[3] = v2;
  state[4] = w1;
  state[5] = w2;
  state[6] = y1;
  state[7] = y2;
  state[SUM] = sum;
  flushSilence(state);
}
