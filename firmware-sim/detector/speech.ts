/** Is this second speech? Logistic regression on the features of `features.ts` (ACOUSTICS §5.2). */
import { createFeatureExtractor, type Features } from "./features.ts";

export interface SpeechDetector {
  /** Takes the next samples, 16 kHz, in pascal, in a block of any length. Allocates nothing. */
  process(block: Float32Array): void;
  reset(): void;
}

/** Log-odds at all features zero, and what one unit of each feature adds. */
export interface SpeechWeights extends Readonly<Features> {
  readonly bias: number;
}

/** What rises less above the noise is noise, dB. */
const LEAST_RISE_DB = 2.5;

/**
 * `onSecond` is called with the probability of speech, 0–1, as soon as each 16 000th sample has been taken: the n-th call
 * belongs to samples 16 000·n … 16 000·n + 15 999 and rests on the two seconds that end with them, so a talker's first
 * second counts half and the second after their last still half.
 */
export function createSpeechDetector(
  onSecond: (probability: number) => void,
  weights: SpeechWeights = speechWeights,
): SpeechDetector {
  const names = Object.keys(weights).filter((name) => name !== "bias") as (keyof Features)[];
  return createFeatureExtractor((features) => {
    if (features.rise < LEAST_RISE_DB) return onSecond(0);
    let logOdds = weights.bias;
    for (const name of names) logOdds += weights[name] * features[name];
    onSecond(1 / (1 + Math.exp(-logOdds)));
  });
}

/** Fitted on the tuning half of the scenes (test/scenes/fit-detector.ts). */
export const speechWeights: SpeechWeights = {
  bias: -4.45,
  rise: 0,
  voiced: -1.8,
  harmonicity: -2.6,
  modulation: 1.5,
  low: -2.2,
  onset: -0.108,
  breadth: -1.64,
  flux: 5.97,
  tiltSpread: 0.276,
  tiltVoicing: -1.33,
  moving: 8.2,
  gliding: 4.7,
  run: 0.187,
  pitchSpread: 0.235,
  grid: -8,
  voicedLong: 3.7,
  rhythm: -3.2,
  swing: 0.043,
  pauses: 2,
};
