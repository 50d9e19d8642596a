/** What a room adds to a recording: it goes on after it, and it is never quite silent. Microphone in, microphone out. */
import { createNoise, noiseCriterion } from "#firmware/world/noise.ts";
import type { Random } from "#firmware/world/random.ts";
import { type Microphone, SAMPLE_RATE_HZ } from "./device/microphone.ts";

/** Samples in a block of quiet, 32 ms. */
const BLOCK = 512;

/** The recording again and again. */
export const looped = (microphone: Microphone): Microphone => ({
  async *blocks() {
    for (let heard = 1; heard > 0; ) {
      heard = 0;
      for await (const block of microphone.blocks()) {
        heard += block.length;
        yield block;
      }
    }
  },
});

/** Goes on for `seconds` after the recording, with nothing in it. */
export const withTail = (microphone: Microphone, seconds: number): Microphone => ({
  async *blocks() {
    yield* microphone.blocks();
    const quiet = new Float32Array(BLOCK);
    for (let left = Math.round(seconds * SAMPLE_RATE_HZ); left > 0; left -= BLOCK)
      yield quiet.fill(0).subarray(0, Math.min(BLOCK, left));
  },
});

/** With ventilation of this NC curve, 15–45. Throws a RangeError for another. */
export function withVentilation(microphone: Microphone, nc: number, random: Random): Microphone {
  const octaves = noiseCriterion(nc);
  return {
    async *blocks() {
      const noise = createNoise(octaves, random);
      for await (const block of microphone.blocks()) {
        noise.addTo(block);
        yield block;
      }
    },
  };
}
