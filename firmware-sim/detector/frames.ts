/**
 * Cuts samples into overlapping frames. This ring is the only place where the detector holds audio: 64 ms, 1024 samples
 * (the publication limit of DESIGN §4); everything after it is scalars.
 */

export const SAMPLE_RATE_HZ = 16_000;
export const FRAME = 1024;
export const HOP = 256;
export const FRAMES_PER_SECOND = SAMPLE_RATE_HZ / HOP;

export interface Framer {
  /** Takes samples in a block of any length; calls `onFrame` after every 256th with the last 1024 of them under the window. */
  process(block: Float32Array, from: number, to: number): void;
  reset(): void;
}

/** `onFrame` gets the same array each time, 1024 values weighted by a periodic Hann window of mean square one. */
export function createFramer(onFrame: (frame: Float64Array) => void): Framer {
  const ring = new Float32Array(FRAME);
  const frame = new Float64Array(FRAME);
  const window = Float64Array.from(
    { length: FRAME },
    (_, n) => Math.sqrt(2 / 3) * (1 - Math.cos((2 * Math.PI * n) / FRAME)),
  );
  let at = 0;
  let full = false;
  return {
    process(block, from, to) {
      for (let n = from; n < to; n++) {
        const sample = block[n]!;
        // A fault in the samples must not stay in the running statistics for ever.
        ring[at] = Number.isFinite(sample) ? sample : 0;
        at = (at + 1) % FRAME;
        // Before the first full frame the edge between nothing and something would look like a click.
        full ||= at === 0;
        if (!full || at % HOP !== 0) continue;
        for (let k = 0; k < FRAME; k++) frame[k] = window[k]! * ring[(at + k) % FRAME]!;
        onFrame(frame);
      }
    },
    reset() {
      ring.fill(0);
      at = 0;
      full = false;
    },
  };
}
