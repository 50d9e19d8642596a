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
  /** Two values of each of the four sections, then the sum of squares. */
  readonly state: Float64Array;
}

const SUM = 2 * ORDER;

/** Throws a RangeError unless the block length is a multiple of 16, so that every stage gets whole samples. */
export function createThirdOctaveBank(blockLength: number): ThirdOctaveBank {
  if (blockLength % 2 ** (STAGES - 1) !== 0) throw new RangeError(`blocks of ${blockLength} do not halve four times`);
  const stages = Array.from({ length: STAGES }, (_, stage) => ({
    thirds: THIRDS.flatMap((band, index) => (stageOf(index) === stage ? [third(band, index, stage)] : [])),
    decimator: createHalfBandDecimator(),
    /** What the next stage hears. */
    output: new Float64Array(blockLength / 2 ** (stage + 1)),
  }));
  return {
    process(block) {
      let input = block;
      let count = blockLength;
      for (let s = 0; s < STAGES; s++) {
        const { thirds, decimator, output } = stages[s]!;
        for (let i = 0; i < thirds.length; i++) addSquares(thirds[i]!, input, count);
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

/** Four sections side by side in one loop, so that a processor works on several samples at once. */
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
  let s11 = state[0]!;
  let s12 = state[1]!;
  let s21 = state[2]!;
  let s22 = state[3]!;
  let s31 = state[4]!;
  let s32 = state[5]!;
  let s41 = state[6]!;
  let s42 = state[7]!;
  let sum = state[SUM]!;
  for (let n = 0; n < length; n++) {
    const x = gain * input[n]!;
    const u = x + s11;
    s11 = s12 - a11 * u;
    s12 = -x - a12 * u;
    const v = u + s21;
    s21 = s22 - a21 * v;
    s22 = -u - a22 * v;
    const w = v + s31;
    s31 = s32 - a31 * w;
    s32 = -v - a32 * w;
    const y = w + s41;
    s41 = s42 - a41 * y;
    s42 = -w - a42 * y;
    sum += y * y;
  }
  state[0] = s11;
  state[1] = s12;
  state[2] = s21;
  state[3] = s22;
  state[4] = s31;
  state[5] = s32;
  state[6] = s41;
  state[7] = s42;
  state[SUM] = sum;
  flushSilence(state);
}
