/**
 * What the speech detector would have said of a second that exists only as levels. Fitted to the real detector; to
 * refit, change the constants.
 */

/**
 * Speech over everything else in a second, dB, A-weighted → normal quantile of the share of such seconds with p > 0.5;
 * linear between. Found by playing conversations of recorded voices (English prompts, two Dutch actors) into K1 at seven
 * levels, through the detector and through the levels-only world, until the shares were the same (README).
 */
const POINTS: readonly (readonly [snrDb: number, quantile: number])[] = [
  [-14, -5.5],
  [-11, -4.2],
  [-8, -2.5],
  [-5, -0.9],
  [-2, 0.9],
  [1, 3.2],
  [4, 4.4],
  [10, 5],
  [23, 5],
];
const LOWEST_SNR_DB = -14;
const HIGHEST_SNR_DB = 23;
const QUANTILE_BY_SNR = Float64Array.from({ length: HIGHEST_SNR_DB - LOWEST_SNR_DB + 1 }, (_, i) =>
  between(POINTS, LOWEST_SNR_DB + i),
);
/** How clearly most seconds are one or the other. */
const STEEPNESS = 1.6;
/** The detector looks at two seconds: with less than this share of speech in them it begins to doubt. */
const ENOUGH_SPEECH = 0.45;
const DOUBT = 5;
/** Other sounds without speech: .002 of the seconds pass (keyboard; ACOUSTICS §5.2). */
const OTHER_SOUND = -2.9;
/** Speech energy over the rest below which the detector hears nothing at all: −12 dB. */
const GATE = 10 ** -1.2;

/**
 * Probability that the second is speech, 0–1. `ratio` is the energy of speech over everything else, A-weighted, and
 * `spoken` the share of speech, both over this second and the one before; `disturbed` when something other than
 * ventilation sounds; `deviate` is the luck of this second, standard normal.
 */
export function speechProbability(ratio: number, spoken: number, disturbed: boolean, deviate: number): number {
  if (ratio <= GATE) return disturbed ? logistic(OTHER_SOUND + deviate) : 0;
  const position = Math.round(10 * Math.log10(ratio)) - LOWEST_SNR_DB;
  const quantile = QUANTILE_BY_SNR[Math.min(QUANTILE_BY_SNR.length - 1, position)]!;
  const doubt = DOUBT * Math.max(0, ENOUGH_SPEECH - spoken);
  return logistic(Math.max(OTHER_SOUND, quantile - doubt) + deviate);
}

const logistic = (quantile: number): number => 1 / (1 + Math.exp(-STEEPNESS * quantile));

function between(points: typeof POINTS, at: number): number {
  const above = Math.max(
    1,
    points.findIndex(([x]) => x >= at),
  );
  const [low, from] = points[above - 1]!;
  const [high, to] = points[above]!;
  return from + ((at - low) / (high - low)) * (to - from);
}
