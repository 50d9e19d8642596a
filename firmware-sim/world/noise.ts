/**
 * Stationary Gaussian noise with given octave levels, and the NC curves of ventilation (ANSI/ASA S12.2-2008, table 1).
 *
 * Each block of noise is the transform of independent Gaussian bins; blocks overlap by half under a sine window, whose
 * squares add to one, so that the variance does not move with the block.
 */
import { createFft } from "#firmware/dsp/fft.ts";
import type { Random } from "./random.ts";

/** Octave mid-bands of every spectrum here. */
export const NOISE_OCTAVES_HZ = [63, 125, 250, 500, 1000, 2000, 4000, 8000] as const;

const NC_CURVES: readonly (readonly [nc: number, octaves: readonly number[]])[] = [
  [15, [47, 36, 28, 22, 18, 14, 12, 11]],
  [20, [50, 40, 33, 26, 22, 20, 17, 16]],
  [25, [54, 44, 37, 31, 27, 24, 22, 22]],
  [30, [57, 48, 41, 35, 32, 29, 28, 27]],
  [35, [60, 52, 45, 40, 36, 34, 33, 32]],
  [40, [64, 56, 50, 44, 41, 39, 38, 37]],
  [45, [67, 60, 54, 49, 46, 44, 43, 42]],
];

/** Octave levels of curve NC-15 … NC-45 in dB, 63 Hz first; between two curves linear. Throws a RangeError outside. */
export function noiseCriterion(nc: number): number[] {
  for (let i = 1; i < NC_CURVES.length; i++) {
    const [low, from] = NC_CURVES[i - 1]!;
    const [high, to] = NC_CURVES[i]!;
    if (nc >= low && nc <= high) return from.map((level, k) => level + ((nc - low) / (high - low)) * (to[k]! - level));
  }
  throw new RangeError(`NC-${nc}: the curves run from NC-15 to NC-45`);
}

export interface Noise {
  /** Adds the next samples, in pascal, to all of `out`. */
  addTo(out: Float32Array): void;
}

const SAMPLE_RATE_HZ = 16_000;
const BLOCK = 4096;
const HOP = BLOCK / 2;
const P0_SQUARED = 4e-10;

/**
 * An endless noise at 16 kHz with the given octave levels (dB re 20 µPa, 63 Hz … 8 kHz, what lies below 8 kHz of the
 * last). The levels measured with octave filters come within ±0.5 dB.
 */
export function createNoise(octavesDb: readonly number[], random: Random): Noise {
  const fft = createFft(BLOCK);
  const gain = binGains(octavesDb);
  const window = Float64Array.from({ length: BLOCK }, (_, n) => Math.sin((Math.PI * (n + 0.5)) / BLOCK));
  // The real and the imaginary part of one transform are two independent blocks.
  const re = new Float64Array(BLOCK);
  const im = new Float64Array(BLOCK);
  const tail = new Float64Array(HOP);
  const ready = new Float64Array(HOP);
  let parts = 0;
  let at = HOP;

  const transform = () => {
    for (let k = 0; k < BLOCK; k++) {
      re[k] = gain[k]! * random.gaussian();
      im[k] = gain[k]! * random.gaussian();
    }
    fft.forward(re, im);
    parts = 2;
  };
  const advance = () => {
    if (parts === 0) transform();
    const part = parts === 2 ? re : im;
    parts--;
    for (let n = 0; n < HOP; n++) {
      ready[n] = tail[n]! + part[n]! * window[n]!;
      tail[n] = part[HOP + n]! * window[HOP + n]!;
    }
    at = 0;
  };

  // The first half block has no predecessor to overlap with: it is made and dropped.
  advance();
  at = HOP;
  return {
    addTo(out) {
      for (let n = 0; n < out.length; n++) {
        if (at === HOP) advance();
        out[n]! += ready[at++]!;
      }
    },
  };
}

/** Standard deviation per bin, so that the sum over both halves of the spectrum is the mean square in Pa². */
function binGains(octavesDb: readonly number[]): Float64Array {
  const spacing = SAMPLE_RATE_HZ / BLOCK;
  const density = spectrumLevels(octavesDb, spacing);
  const gain = new Float64Array(BLOCK);
  for (let k = 1; k < BLOCK / 2; k++) {
    gain[k] = Math.sqrt((P0_SQUARED * 10 ** (density[k]! / 10) * spacing) / 2);
    gain[BLOCK - k] = gain[k]!;
  }
  return gain;
}

/** Spectrum level in dB per Hz at each bin, linear in log2 f between the octaves, whose energies it keeps. */
function spectrumLevels(octavesDb: readonly number[], spacing: number): Float64Array {
  const anchors = octavesDb.map((level, i) => level - 10 * Math.log10(Math.SQRT1_2 * NOISE_OCTAVES_HZ[i]!));
  const levels = new Float64Array(BLOCK / 2);
  for (let pass = 0; pass < 6; pass++) {
    interpolate(anchors, spacing, levels);
    octavesDb.forEach((wanted, i) => {
      const got = octaveLevel(levels, spacing, NOISE_OCTAVES_HZ[i]!);
      if (Number.isFinite(got) && NOISE_OCTAVES_HZ[i]! < 8000) anchors[i]! += wanted - got;
    });
  }
  return levels;
}

function interpolate(anchors: readonly number[], spacing: number, levels: Float64Array): void {
  const last = anchors.length - 1;
  for (let k = 1; k < levels.length; k++) {
    const position = Math.min(last, Math.max(0, Math.log2((k * spacing) / NOISE_OCTAVES_HZ[0])));
    const i = Math.min(last - 1, Math.floor(position));
    levels[k] = anchors[i]! + (position - i) * (anchors[i + 1]! - anchors[i]!);
  }
}

function octaveLevel(levels: Float64Array, spacing: number, midHz: number): number {
  let energy = 0;
  for (let k = 1; k < levels.length; k++) {
    const f = k * spacing;
    if (f >= midHz * Math.SQRT1_2 && f < midHz * Math.SQRT2) energy += spacing * 10 ** (levels[k]! / 10);
  }
  return 10 * Math.log10(energy);
}
