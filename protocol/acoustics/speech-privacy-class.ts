/**
 * Speech Privacy Class of two closed rooms (ASTM E2638): what the boundary and the background at the listener keep in
 * together, dB, however loud anybody talks.
 */
import type { SpcClass } from "../api.ts";
import { mean, requireBands, THIRDS_HZ, thirdLevelsFromOctaves, thirdsFromOctaves } from "./bands.ts";

/** SPC in dB from level difference and background level at the listener in the 16 thirds 160–5000 Hz, dB: LD_avg + Ln_avg. */
export function speechPrivacyClass(levelDifferences: readonly number[], noiseLevels: readonly number[]): number {
  requireBands(levelDifferences, THIRDS_HZ.length);
  requireBands(noiseLevels, THIRDS_HZ.length);
  return mean(levelDifferences) + mean(noiseLevels);
}

/** The same where only the five octaves 250–4000 Hz are known, interpolated. */
export const speechPrivacyClassOfOctaves = (
  levelDifferences: readonly number[],
  noiseLevels: readonly number[],
): number => speechPrivacyClass(thirdsFromOctaves(levelDifferences), thirdLevelsFromOctaves(noiseLevels));

/** Least SPC of each class, dB (ASTM E2638, X2), best first. */
const CLASSES: readonly (readonly [least: number, name: SpcClass])[] = [
  [90, "very-high-security"],
  [85, "high-security"],
  [80, "standard-security"],
  [75, "standard-privacy"],
  [70, "minimal-privacy"],
];

export const spcClassOf = (spc: number): SpcClass => CLASSES.find(([least]) => spc >= least)?.[1] ?? "below-minimal";
