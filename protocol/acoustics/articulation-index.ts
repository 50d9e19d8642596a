/**
 * Articulation Index, 0–1 (ANSI S3.5-1969), and the Privacy Index made of it (ASTM E1130). A Privacy Index is not the share
 * of words that is hidden: at 80 % about half the words can be understood.
 */
import { clip, requireBands, THIRDS_HZ } from "./bands.ts";

/** Weight per dB of each third, 160–5000 Hz. The index has no 160 Hz band; the others sum to 0.999 over their 30 dB. */
// biome-ignore format: one octave per line
const WEIGHTS = [
  0, 4e-4, 10e-4,
  10e-4, 14e-4, 14e-4,
  20e-4, 20e-4, 24e-4,
  30e-4, 37e-4, 38e-4,
  34e-4, 34e-4, 24e-4, 20e-4,
];

/** How far speech peaks lie above its RMS level, and the range of levels that carries speech, dB. */
const PEAKS_DB = 12;
const RANGE_DB = 30;

/** From the 16 third-octave levels 160–5000 Hz of speech (RMS) and noise at the listener, dB. Throws a RangeError on others. */
export function articulationIndex(speechLevels: readonly number[], noiseLevels: readonly number[]): number {
  requireBands(speechLevels, THIRDS_HZ.length);
  requireBands(noiseLevels, THIRDS_HZ.length);
  return WEIGHTS.reduce(
    (sum, weight, i) => sum + weight * clip(speechLevels[i]! + PEAKS_DB - noiseLevels[i]!, 0, RANGE_DB),
    0,
  );
}

/** SII5 ↔ AI for a normal voice in ventilation noise NC-20 … NC-35 (ACOUSTICS §3.2), within 0.01 of SII. */
const AI_OF_SII5: readonly (readonly [sii5: number, ai: number])[] = [
  [0.03, 0],
  [0.11, 0.05],
  [0.31, 0.2],
  [0.52, 0.4],
  [1, 1],
];

/** The Articulation Index that goes with an SII5 (0–1): where only octaves are known. Linear between the points above. */
export function articulationIndexFromSii5(sii5: number): number {
  const upper = AI_OF_SII5.findIndex(([sii]) => sii5 <= sii);
  if (upper < 0) return 1;
  if (upper === 0) return 0;
  const [fromSii, fromAi] = AI_OF_SII5[upper - 1]!;
  const [toSii, toAi] = AI_OF_SII5[upper]!;
  return fromAi + ((sii5 - fromSii) / (toSii - fromSii)) * (toAi - fromAi);
}

/** Privacy Index, %: 95 and more is confidential, 80–95 normal, 60–80 poor, less is none. */
export const privacyIndex = (articulationIndex: number): number => 100 * (1 - articulationIndex);
