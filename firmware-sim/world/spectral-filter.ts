/** Filters with a wanted spectrum: walls, raised voices, the long-term spectrum of a voice. */
import { createConvolver } from "./reverberation.ts";

const SAMPLE_RATE_HZ = 16_000;

/**
 * Linear-phase impulse response at 16 kHz with the gain `gainDb(hz)`, by frequency sampling under a Hann window; its delay
 * is half its length. Features narrower than about three bins (3·16000/taps Hz) are smoothed.
 */
export function impulseResponse(gainDb: (hz: number) => number, taps = 512): Float64Array {
  const gains = Float64Array.from({ length: taps / 2 + 1 }, (_, k) =>
    k === 0 ? 0 : 10 ** (gainDb((k * SAMPLE_RATE_HZ) / taps) / 20),
  );
  const cosines = Float64Array.from({ length: taps }, (_, n) => Math.cos((2 * Math.PI * n) / taps));
  return Float64Array.from({ length: taps }, (_, n) => {
    let sum = 0;
    for (let k = 1; k < taps / 2; k++) sum += gains[k]! * cosines[(k * (n + taps / 2)) % taps]!;
    return (sum / (taps / 2)) * (0.5 - 0.5 * cosines[n]!);
  });
}

/** The whole of `samples` through a response, its delay of half the response taken out. */
export function filtered(samples: Float32Array, response: Float64Array): Float32Array {
  const block = 512;
  const delay = response.length / 2;
  const length = Math.ceil((samples.length + delay) / block) * block;
  const out = new Float32Array(length);
  out.set(samples);
  const convolver = createConvolver(response, block);
  for (let at = 0; at < length; at += block) convolver.process(out.subarray(at, at + block));
  return out.subarray(delay, delay + samples.length);
}
