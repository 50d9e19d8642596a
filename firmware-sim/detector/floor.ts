/**
 * The level below which a room rarely falls: the 10th percentile, over 20 s, of the mean level in 128 ms
 * (minimum statistics in the spirit of Martin, IEEE Trans. Speech Audio Proc. 9(5), 2001).
 */
import { FRAMES_PER_SECOND } from "./frames.ts";

const FRAMES_PER_MEAN = 8;
const MEANS = Math.floor((20 * FRAMES_PER_SECOND) / FRAMES_PER_MEAN);

export interface NoiseFloor {
  /** Takes the level of the next frame, dB. */
  add(level: number): void;
  /** The floor of what was heard, dB; the first level when nothing else was. */
  floor(): number;
  reset(): void;
}

export function createNoiseFloor(): NoiseFloor {
  const means = new Float64Array(MEANS);
  const sorted = new Float64Array(MEANS);
  let heard = 0;
  let frames = 0;
  let sum = 0;
  return {
    add(level) {
      sum += level;
      if (++frames < FRAMES_PER_MEAN) return;
      means[heard % MEANS] = sum / FRAMES_PER_MEAN;
      heard++;
      frames = 0;
      sum = 0;
    },
    floor() {
      const count = Math.min(heard, MEANS);
      if (count === 0) return frames === 0 ? 0 : sum / frames;
      sorted.set(means);
      const part = count === MEANS ? sorted : sorted.fill(Number.POSITIVE_INFINITY, count);
      part.sort();
      return sorted[Math.floor(0.1 * count)]!;
    },
    reset() {
      heard = 0;
      frames = 0;
      sum = 0;
    },
  };
}
