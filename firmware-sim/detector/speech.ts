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
  bias: -4.939,
  rise: 0,
  voiced: -0.129,
  harmonicity: -2.46,
  modulation: 1.32,
  low: -1.97,
  onset: -0.139,
  breadth: -1.61,
  flux: 5.57,
  tiltSpread: 0.323,
  tiltVoicing: -1.2,
  moving: 10.2,
  gliding: 0.247,
  run: 0.191,
  pitchSpread: 0.313,
  grid: -3.58,
  tuned: -9.36,
  voicedLong: 3.81,
  sustained: -12.7,
  rhythm: -1.32,
  regular: -22.3,
  swing: 0.0217,
  pauses: 1.45,
};
