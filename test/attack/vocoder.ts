/** A noise vocoder: noise in one-third octaves that follows given levels, frame by frame. */
import { type Band, THIRDS } from "#firmware/dsp/bands.ts";
import { type BiquadCoefficients, createBiquadCascade } from "#firmware/dsp/biquad.ts";
import { designBandPass } from "#firmware/dsp/butterworth.ts";
import type { Random } from "#firmware/world/random.ts";

const RATE_HZ = 16_000;
const ORDER = 4;

/** Long enough that a sound's noise is hardly ever that of another one, s. */
const NOISE_S = 20;

/** `frames[n][i]`: mean square of third i in frame n, each frame `length` samples. */
export type Vocoder = (frames: readonly Float64Array[], length: number) => Float32Array;

export function createVocoder(random: Random): Vocoder {
  const noises = THIRDS.map((band) => noiseIn(band, random));
  return (frames, length) => {
    const sound = new Float32Array(frames.length * length);
    for (const [i, noise] of noises.entries()) {
      const place = random.integer(0, noise.length - 1);
      for (let n = 0; n < sound.length; n++)
        sound[n]! += noise[(place + n) % noise.length]! * Math.sqrt(frames[Math.floor(n / length)]![i]!);
    }
    return sound;
  };
}

/** Mean square 1. */
function noiseIn(band: Band, random: Random): Float64Array {
  const noise = Float64Array.from({ length: NOISE_S * RATE_HZ }, () => random.gaussian());
  createBiquadCascade(bandPass(band)).process(noise, noise.length);
  const rms = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / noise.length);
  return noise.map((x) => x / rms);
}

function bandPass(band: Band): BiquadCoefficients {
  const { gain, poles } = designBandPass(band, ORDER, RATE_HZ);
  const sections = Array.from({ length: ORDER }, (_, k) => [1, 0, -1, poles[2 * k]!, poles[2 * k + 1]!]);
  sections[0] = sections[0]!.map((b, i) => (i < 3 ? b * gain : b));
  return Float64Array.from(sections.flat());
}
