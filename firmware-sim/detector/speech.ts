/** Is this second speech? Logistic regression on the features of `features.ts` (ACOUSTICS §5.2). */
import { createFeatureExtractor, FEATURES, type Feature } from "./features.ts";

export interface SpeechDetector {
  /** Takes the next samples, 16 kHz, in pascal, in a block of any length. Allocates nothing. */
  process(block: Float32Array): void;
  reset(): void;
}

/** Log-odds at all features zero, and what one unit of each feature adds. */
export interface SpeechWeights {
  readonly bias: number;
  readonly features: Readonly<Record<Feature, number>>;
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
  const factors = FEATURES.map((name) => weights.features[name]);
  const rise = FEATURES.indexOf("rise");
  return createFeatureExtractor((features) => {
    if (features[rise]! < LEAST_RISE_DB) return onSecond(0);
    let logOdds = weights.bias;
    for (let i = 0; i < factors.length; i++) logOdds += factors[i]! * features[i]!;
    onSecond(1 / (1 + Math.exp(-logOdds)));
  });
}

/** Fitted on the tuning half of the scenes (test/scenes/fit-detector.ts). */
export const speechWeights: SpeechWeights = {
  bias: -4.451,
  features: {
    rise: -0.001,
    voiced: -1.81,
    voicingTop: -2.594,
    modulation: 1.521,
    depth: 0.0,
    low: -2.23,
    moving: 8.211,
    gliding: 4.673,
    held: 0.168,
    runLength: 7.497,
    tiltSpread: 2.764,
    tiltVoicing: -1.328,
    onset: -2.7,
    breadth: -1.641,
    flux: 5.969,
    rhythm: -3.228,
    grid: -9.321,
    swing: 1.073,
    pause: 2.009,
    pitchSpread: 2.814,
    heldLong: 2.356,
    voicedLong: 3.748,
    bandModulation: 0.0,
  },
};
