/**
 * Active speech level in the manner of ITU-T P.56 (ACOUSTICS §7.6): the RMS over the 20 ms frames that lie within 30 dB
 * of the loudest, so that pauses do not count.
 */
import { A_WEIGHTING_16_KHZ } from "#firmware/dsp/a-weighting.ts";
import { createBiquadCascade } from "#firmware/dsp/biquad.ts";

const FRAME = 320;
const ACTIVE_RANGE_DB = 30;

export type Weighting = "A" | "Z";

/** Mean square of the active frames of a signal at 16 kHz; 0 for silence. Keeps 400 bytes for each second. */
export async function activeMeanSquare(blocks: AsyncIterable<Float32Array>, weighting: Weighting): Promise<number> {
  const frames: number[] = [];
  const frame = new Float64Array(FRAME);
  const filter = createBiquadCascade(weighting === "A" ? A_WEIGHTING_16_KHZ : new Float64Array(0));
  let filled = 0;
  for await (const block of blocks) {
    for (const sample of block) {
      frame[filled++] = sample;
      if (filled < FRAME) continue;
      filter.process(frame, FRAME);
      frames.push(meanSquare(frame));
      filled = 0;
    }
  }
  const least = frames.reduce((most, energy) => Math.max(most, energy), 0) / 10 ** (ACTIVE_RANGE_DB / 10);
  const active = frames.filter((energy) => energy > least);
  return active.length === 0 ? 0 : active.reduce((sum, energy) => sum + energy, 0) / active.length;
}

function meanSquare(frame: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < frame.length; n++) sum += frame[n]! * frame[n]!;
  return sum / frame.length;
}
