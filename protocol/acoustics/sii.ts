/**
 * Speech Intelligibility Index, 0–1 (ANSI S3.5-1997): how much of what makes speech intelligible reaches a listener.
 *
 * The standard works on spectrum levels: dB re 20 µPa per hertz, at the listener, in the bands of one of its tables; −50
 * means silence. What is measured are band levels, wider by the band: `sii5` and `siiOfThirds` take those.
 */
import { clip, OCTAVE_WIDTHS_DB, OCTAVES_HZ, requireBands, THIRD_WIDTHS_DB, THIRDS_HZ } from "./bands.ts";

export type VocalEffort = "normal" | "raised" | "loud" | "shout";

/** One value per band, lowest band first. */
interface BandTable extends Readonly<Record<VocalEffort, readonly number[]>> {
  readonly hz: readonly number[];
  /** Band importance; sums to 1. */
  readonly importance: readonly number[];
  /** Spectrum level of the equivalent internal noise of an ear of 0 dB HL, dB. */
  readonly innerNoise: readonly number[];
}

/** ANSI S3.5-1997, table 4: octaves 250–8000 Hz. Efforts are spectrum levels 1 m in front of the lips, dB. */
// biome-ignore format: one column of the table per line
export const SII_OCTAVES: BandTable = {
  hz:         [  250,   500,  1000,  2000,  4000,  8000],
  importance: [.0617, .1671, .2373, .2648, .2142, .0549],
  normal:     [34.75, 34.27, 25.01, 17.32,  9.33,  1.13],
  raised:     [38.98, 40.15, 33.86, 25.32, 16.78,  5.07],
  loud:       [41.55, 44.85, 42.16, 34.39, 25.41, 11.39],
  shout:      [42.50, 49.24, 51.31, 44.32, 34.41, 20.72],
  innerNoise: [ -3.9,  -9.7, -12.5, -17.7, -25.9,  -7.1],
};

/** ANSI S3.5-1997, table 3: one-third octaves 160–8000 Hz. */
// biome-ignore format: one column of the table per line
export const SII_THIRDS: BandTable = {
  hz: [160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 8000],
  importance: [
    .0083, .0095, .0150, .0289, .0440, .0578, .0653, .0711, .0818,
    .0844, .0882, .0898, .0868, .0844, .0771, .0527, .0364, .0185,
  ],
  normal: [
    32.41, 34.48, 34.75, 33.98, 34.59, 34.27, 32.06, 28.30, 25.01,
    23.00, 20.15, 17.32, 13.18, 11.55,  9.33,  5.31,  2.59,  1.13,
  ],
  raised: [
    33.81, 33.92, 38.98, 38.57, 39.11, 40.15, 38.78, 36.37, 33.86,
    31.89, 28.58, 25.32, 22.35, 20.15, 16.78, 11.47,  7.67,  5.07,
  ],
  loud: [
    35.29, 37.76, 41.55, 43.78, 43.30, 44.85, 45.55, 44.05, 42.16,
    40.53, 37.70, 34.39, 30.98, 28.21, 25.41, 18.35, 13.87, 11.39,
  ],
  shout: [
    30.77, 36.65, 42.50, 46.51, 47.40, 49.24, 51.21, 51.44, 51.31,
    49.63, 47.65, 44.32, 40.80, 38.13, 34.41, 28.24, 23.45, 20.72,
  ],
  innerNoise: [
     0.6,  -1.7,  -3.9,  -6.1,  -8.2,  -9.7, -10.8, -11.9, -12.5,
   -13.5, -15.4, -17.7, -21.2, -24.2, -25.9, -23.6, -15.8,  -7.1,
  ],
};

export interface SiiOptions {
  /** I: importance per band; the table's own unless given. */
  readonly importance?: readonly number[];
  /** T: hearing threshold, dB HL, in every band or per band; 0 unless given. */
  readonly threshold?: number | readonly number[];
}

/** Listening with two ears hears this much better, as a hearing threshold, dB. */
export const BINAURAL_THRESHOLD_DB = -1.7;

/** By the octave method (6 spectrum levels each, 250–8000 Hz). Throws a RangeError on another number of bands. */
export function siiOctave(speech: readonly number[], noise: readonly number[], options: SiiOptions = {}): number {
  requireBands(speech, SII_OCTAVES.hz.length);
  requireBands(noise, SII_OCTAVES.hz.length);
  return indexOf(SII_OCTAVES, speech, noise, options);
}

/** By the one-third octave method (18 spectrum levels each, 160–8000 Hz). Throws a RangeError on another number of bands. */
export function siiThird(speech: readonly number[], noise: readonly number[], options: SiiOptions = {}): number {
  requireBands(speech, SII_THIRDS.hz.length);
  requireBands(noise, SII_THIRDS.hz.length);
  return indexOf(SII_THIRDS, speech, maskingOf(speech, noise), options);
}

/** Share of the importance that lies below the 8 kHz octave, which 16 kHz sampling does not carry; the same in both tables. */
const IMPORTANCE_WITHOUT_8_KHZ = 0.9451;

/**
 * SII5: the octave method over the five octaves 250–4000 Hz, from octave levels at the listener in dB, with the importance
 * of the missing 8 kHz octave shared out among them. Throws a RangeError on another number of bands.
 */
export function sii5(speechLevels: readonly number[], noiseLevels: readonly number[]): number {
  requireBands(speechLevels, OCTAVES_HZ.length);
  requireBands(noiseLevels, OCTAVES_HZ.length);
  const speech = speechLevels.map((level, i) => level - OCTAVE_WIDTHS_DB[i]!);
  const noise = noiseLevels.map((level, i) => level - OCTAVE_WIDTHS_DB[i]!);
  return indexOf(SII_OCTAVES, speech, noise, {}) / IMPORTANCE_WITHOUT_8_KHZ;
}

/** The third-octave method over the thirds 160–5000 Hz, from third-octave levels, otherwise as `sii5`. */
export function siiOfThirds(speechLevels: readonly number[], noiseLevels: readonly number[]): number {
  requireBands(speechLevels, THIRDS_HZ.length);
  requireBands(noiseLevels, THIRDS_HZ.length);
  const speech = speechLevels.map((level, i) => level - THIRD_WIDTHS_DB[i]!);
  const noise = noiseLevels.map((level, i) => level - THIRD_WIDTHS_DB[i]!);
  return indexOf(SII_THIRDS, speech, maskingOf(speech, noise), {}) / IMPORTANCE_WITHOUT_8_KHZ;
}

/** Steps 5 and 7–9 of the standard over as many of the table's bands as there are values; `masking` is its Z. */
function indexOf(
  table: BandTable,
  speech: readonly number[],
  masking: readonly number[],
  { importance = table.importance, threshold = 0 }: SiiOptions,
): number {
  return speech.reduce((sum, level, i) => {
    const hearing = typeof threshold === "number" ? threshold : threshold[i]!;
    const disturbance = Math.max(masking[i]!, table.innerNoise[i]! + hearing);
    const distortion = clip(1 - (level - table.normal[i]! - 10) / 160, 0, 1);
    return sum + importance[i]! * distortion * audibility(level, disturbance);
  }, 0);
}

/** Share of the 30 dB of speech, from 15 dB above its level to 15 dB below, that stands out of the disturbance, 0–1. */
const audibility = (speech: number, disturbance: number): number => clip((speech - disturbance + 15) / 30, 0, 1);

/** Z of the one-third octave method, dB: noise, and what spreads upwards from lower bands of noise and of speech itself. */
function maskingOf(speech: readonly number[], noise: readonly number[]): number[] {
  const { hz } = SII_THIRDS;
  const masker = noise.map((level, i) => Math.max(level, speech[i]! - 24));
  const slope = masker.map((level, i) => 0.6 * (level + 10 * Math.log10(hz[i]!) - 6.353) - 80);
  return masker.map((own, i) => {
    if (i === 0) return own;
    const spread = masker
      .slice(0, i)
      .map((level, k) => 10 ** (0.1 * (level + 3.32 * slope[k]! * Math.log10((0.89 * hz[i]!) / hz[k]!))));
    return 10 * Math.log10(spread.reduce((sum, energy) => sum + energy, 10 ** (0.1 * noise[i]!)));
  });
}
