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
const LEAST_RISE_DB = 1.5;

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
  bias: -4.365,
  rise: 0,
  voiced: -0.376,
  harmonicity: -2.9,
  modulation: 1.37,
  low: -1.86,
  onset: -0.132,
  breadth: -0.762,
  flux: 5.13,
  tiltSpread: 0.314,
  tiltVoicing: -1.19,
  moving: 9.79,
  gliding: 0.886,
  run: 0.22,
  pitchSpread: 0.332,
  grid: -2.85,
  tuned: -9.46,
  voicedLong: 4.99,
  sustained: -14.9,
  rhythm: -2.19,
  regular: -19.8,
  swing: 0.0156,
  pauses: 1.26,
};
