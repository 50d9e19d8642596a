/**
 * What the speech detector would have said of a second that exists only as levels. Fitted to the real detector; to
 * refit, change the constants.
 */

/** Speech over everything else in dB, −12 to 25 in steps of one, → normal quantile of the share of seconds with p > 0.5. */
const LOWEST_SNR_DB = -12;
const HIGHEST_SNR_DB = 25;
/**
 * The points between which it is linear: at 3, 8, 13 and 18 dB the shares of ACOUSTICS §5.2 (.73 .83 .90 .86 for 47, 52,
 * 57 and 62 dBA in 44 dBA); below them the detector's gate takes over.
 */
const POINTS: readonly (readonly [snrDb: number, quantile: number])[] = [
  [-12, -5],
  [-6, -2.4],
  [-3, -1],
  [0, 0],
  [3, 0.61],
  [8, 0.95],
  [13, 1.28],
  [18, 1.08],
  [25, 1.08],
];
const QUANTILE_BY_SNR = Float64Array.from({ length: HIGHEST_SNR_DB - LOWEST_SNR_DB + 1 }, (_, i) =>
  between(POINTS, LOWEST_SNR_DB + i),
);
/** How clearly most seconds are one or the other. */
const STEEPNESS = 1.6;
/** The detector looks at two seconds: with less than this share of speech in them it begins to doubt. */
const ENOUGH_SPEECH = 0.55;
const DOUBT = 5;
/** Other sounds without speech: .002 of the seconds pass (keyboard; ACOUSTICS §5.2). */
const OTHER_SOUND = -2.9;
/** Speech energy over the rest below which the detector's gate (3 dB over the floor) stays shut: −8 dB. */
const GATE = 10 ** -0.8;

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
