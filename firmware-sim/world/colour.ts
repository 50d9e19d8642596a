/**
 * What words and voices change from second to second, octave by octave, around the long-term spectrum: vowels and sibilants
 * go apart, neighbouring octaves together. Fitted to conversations of recorded and of synthetic voices (README).
 */
import { energyOf } from "#protocol/decibel.ts";
import { type Dice, QUANTILES } from "./dice.ts";
import { BANDS, type Bands, REST } from "./spectra.ts";

const OCTAVES = 5;

/**
 * Covariance of the levels of the octaves 250–4000 Hz over seconds of speech, dB², besides what all share (the swing of
 * tracks.ts) and what the thirds do on their own.
 */
// biome-ignore format: a matrix
const COVARIANCE: readonly (readonly number[])[] = [
  [12.8,  5.0,  1.8,  5.9,  7.8],
  [ 5.0,  8.3,  8.5,  4.5,  1.5],
  [ 1.8,  8.5, 29.2,  7.5,  1.0],
  [ 5.9,  4.5,  7.5, 14.6, 17.0],
  [ 7.8,  1.5,  1.0, 17.0, 37.5],
];

/** How alike neighbouring seconds are: weight of the last second's deviate. */
const MEMORY = 0.17;
const FRESH = 1 / Math.hypot(1, MEMORY);
/** Voices have moments of near silence in a band but none of thunder: deviates above this do not rise. */
const MOST = 1.5;

/** Deviates of mean nought and variance one with a cut upper tail. */
const DEVIATES: Float64Array = (() => {
  const cut = QUANTILES.map((q) => Math.min(MOST, q));
  const mean = cut.reduce((sum, q) => sum + q, 0) / cut.length;
  const sd = Math.sqrt(cut.reduce((sum, q) => sum + (q - mean) ** 2, 0) / cut.length);
  return cut.map((q) => (q - mean) / sd);
})();

/** The matrix whose product with its transpose is `matrix` (Cholesky), lower triangle. */
function rootOf(matrix: readonly (readonly number[])[]): number[][] {
  const root = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < matrix.length; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!;
      for (let k = 0; k < j; k++) rest -= root[i]![k]! * root[j]![k]!;
      root[i]![j] = i === j ? Math.sqrt(rest) : rest / root[j]![j]!;
    }
  return root;
}

const ROOT = rootOf(COVARIANCE).map((row) => row.map((x) => x * FRESH));
const NEPER = Math.LN10 / 10;

/** Mean of the energies that deviates of this size make. */
const meanEnergy = (size: number): number =>
  DEVIATES.reduce((sum, deviate) => sum + Math.exp(NEPER * size * deviate), 0) / DEVIATES.length;

/** Taken off each octave in logarithms, so that its energy mean stays. */
const BIAS = ROOT.map((row) =>
  row.reduce((sum, x) => sum + Math.log(meanEnergy(x)) + Math.log(meanEnergy(MEMORY * x)), 0),
);

/** What each third does on its own, dB, of energy mean one. */
const THIRD_DB = 3;
const THIRDS: Float64Array = (() => {
  const energies = QUANTILES.map((q) => energyOf(THIRD_DB * q));
  const mean = energies.reduce((sum, energy) => sum + energy, 0) / energies.length;
  return energies.map((energy) => energy / mean);
})();

/** Octave of each band; what lies below 250 Hz goes with it, and so does the rest. */
const OCTAVE_OF = Uint8Array.from({ length: BANDS }, (_, i) =>
  i === REST ? 0 : Math.min(OCTAVES - 1, Math.max(0, Math.floor((i - 1) / 3))),
);

const deviates = new Float64Array(OCTAVES);
const octaves = new Float64Array(OCTAVES);

/** Fills in the factors on energy of a second, of mean one. The dice of `place` and that second decide, and go on. */
export function colour(factors: Bands, dice: Dice, place: number, second: number): void {
  dice.throwFor(place, second - 1);
  for (let j = 0; j < OCTAVES; j++) deviates[j] = MEMORY * dice.from(DEVIATES);
  dice.throwFor(place, second);
  for (let j = 0; j < OCTAVES; j++) deviates[j]! += dice.from(DEVIATES);
  for (let k = 0; k < OCTAVES; k++) {
    let level = 0;
    for (let j = 0; j <= k; j++) level += ROOT[k]![j]! * deviates[j]!;
    octaves[k] = Math.exp(NEPER * level - BIAS[k]!);
  }
  for (let i = 0; i < BANDS; i++) factors[i] = octaves[OCTAVE_OF[i]!]! * dice.from(THIRDS);
}
