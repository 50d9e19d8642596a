/**
 * How much of A's sound comes through to B: regression of B's energy on A's, per octave, PB = h·PA + N, LD = −10·log10 h
 * (ACOUSTICS §3.9). A window is reduced to sums at once, and sums of windows add up to an episode; the frames are forgotten.
 *
 * Every window of an episode in which the link is established counts, also those in which it did not show: taking only those
 * in which B followed A would choose by what B heard, and find every weak boundary weaker than it is.
 */
import { energyOf, levelOf } from "#protocol/decibel.ts";
import { isCeiling, isFloor, levelEnergy, MEMORY_S, OCTAVES, type Window } from "./frames.ts";
import { quantile } from "./quantile.ts";

/** A band counts as measured from this t = h/se on, and only above this signal-to-noise ratio at B, dB. */
export const LEAST_T = 5;
export const LEAST_SNR_DB = -17;
/** No measurement of 0.5 dB steps is better than this, dB. */
export const LEAST_SIGMA_DB = 0.5;
/** A bound never says that less than this came through, as signal to noise at B, dB: quantisation hides it. */
const DEEPEST_SNR_DB = -20;
/** Standard errors above the estimate that a bound keeps: 97.5 %. */
const BOUND_SE = 2;
/** Standard uncertainty of a level in steps of 0.5 dB, as a share of its energy: 0.144 dB. */
const STEP_SHARE = 0.0338;
/** The same of a second of steady noise, octave by octave: its jitter, 1/sqrt(width·1 s), and the steps. */
const ROUGHNESS = [250, 500, 1000, 2000, 4000].map((hz) => Math.hypot(1 / Math.sqrt(0.7046 * hz), STEP_SHARE));
/** Seconds on either side by which a second is judged. */
const REACH_S = 3;
const PASSES = 4;
const LEAST_SECONDS = 30;
/** `outdone`: this share of the speech seconds differ by less, of at least so many; margin for seats and steps, dB. */
const OUTDONE_SHARE = 0.9;
const LEAST_OUTDONE_S = 20;
const OUTDONE_MARGIN_DB = 2;
const NOT_OUTDONE_DB = -100;
const CONTRADICTED_DB = 2;
/** Windows in which B is at the floor more often than that are not regressed. */
const FLOOR_SHARE = 0.1;
const LAGS = 10;

/** Sums of one octave; energies relative to p0². They add up over windows. */
export interface BandSums {
  /** Seconds, and energies of both rooms over them. */
  readonly n: number;
  readonly a: number;
  readonly b: number;
  /** Seconds of A's speech, and energies over them. */
  readonly speechSeconds: number;
  readonly speechA: number;
  readonly speechB: number;
  /** Regression within windows, weighted by precision: h = ab/aa with variance 1/aa. */
  readonly aa: number;
  readonly ab: number;
  /** Greatest level difference, dB, by which most of A's speech seconds of a window outdo B's quietest; −100 for none. */
  readonly outdone: number;
}

/** Sums of the five octaves. */
export type LeakSums = readonly BandSums[];

export interface BandLeak {
  readonly h: number;
  readonly se: number;
  readonly t: number;
  /** Seconds it rests on. */
  readonly n: number;
  /** A's energy mean over its speech seconds, and B's noise, dB. */
  readonly la: number;
  readonly nb: number;
}

/** What windows say of the boundary. Where `ld` is null, `bound` may say that it is at least so much. */
export interface LeakEstimate {
  readonly ld: readonly (number | null)[];
  readonly sigma: readonly (number | null)[];
  readonly bound: readonly (number | null)[];
  readonly seconds: number;
}

const NO_SUMS: BandSums = {
  n: 0,
  a: 0,
  b: 0,
  speechSeconds: 0,
  speechA: 0,
  speechB: 0,
  aa: 0,
  ab: 0,
  outdone: NOT_OUTDONE_DB,
};
export const noLeak: LeakSums = Array.from({ length: OCTAVES }, () => NO_SUMS);

/** One window of A with the same seconds of B. */
export const leakSums = (a: Window, b: Window): LeakSums => a.levels.map((_, k) => bandSums(a, b, k));

export const mergeLeak = (x: LeakSums, y: LeakSums): LeakSums =>
  x.map((band, k) => {
    const other = y[k]!;
    return {
      n: band.n + other.n,
      a: band.a + other.a,
      b: band.b + other.b,
      speechSeconds: band.speechSeconds + other.speechSeconds,
      speechA: band.speechA + other.speechA,
      speechB: band.speechB + other.speechB,
      aa: band.aa + other.aa,
      ab: band.ab + other.ab,
      outdone: Math.max(band.outdone, other.outdone),
    };
  });

/** Null when nothing was regressed or nobody spoke. */
export function bandLeak({ n, a, b, speechSeconds, speechA, aa, ab }: BandSums): BandLeak | null {
  if (aa === 0 || speechSeconds === 0) return null;
  const h = ab / aa;
  const se = 1 / Math.sqrt(aa);
  const noise = Math.max((b - h * a) / n, (b / n) * 1e-3);
  return { h, se, t: h / se, n, la: levelOf(speechA / speechSeconds), nb: levelOf(noise) };
}

/** Whether the octave counts as measured; never against seconds in which B was plainly quieter than the estimate has it. */
export const isAccepted = (leak: BandLeak, outdone: number): boolean =>
  leak.t >= LEAST_T &&
  leak.la + levelOf(leak.h) - leak.nb >= LEAST_SNR_DB &&
  -levelOf(leak.h) >= outdone - CONTRADICTED_DB;

export function estimateLeak(sums: LeakSums): LeakEstimate {
  const bands = sums.map(bandLeak);
  const accepted = bands.map((band, k) => band !== null && isAccepted(band, sums[k]!.outdone));
  return {
    ld: bands.map((band, k) => (accepted[k] ? -levelOf(band!.h) : null)),
    sigma: bands.map((band, k) => (accepted[k] ? sigmaDb(band!) : null)),
    bound: sums.map((band, k) => (accepted[k] ? null : lowerBound(band, bands[k]!))),
    seconds: Math.max(...sums.map(({ n }) => n)),
  };
}

const sigmaDb = ({ h, se }: BandLeak): number => Math.max(LEAST_SIGMA_DB, (4.34 * se) / h);

/** The greatest level difference that is certain: B was no louder than it was, and no more came through than the regression allows. */
function lowerBound(sums: BandSums, leak: BandLeak | null): number | null {
  if (sums.speechSeconds === 0) return null;
  const physical = Math.max(levelOf(sums.speechA / sums.speechB), sums.outdone);
  if (leak === null) return physical;
  const deepest = energyOf(leak.nb - leak.la + DEEPEST_SNR_DB);
  return Math.max(physical, -levelOf(Math.max(Math.max(leak.h, 0) + BOUND_SE * leak.se, deepest)));
}

/** Written anew by each call of `bandSums`, to spare the memory: energies of both rooms, level differences, weights. */
const pa = new Float64Array(MEMORY_S);
const pb = new Float64Array(MEMORY_S);
const differences = new Float64Array(MEMORY_S);
const weights = new Float64Array(MEMORY_S);
const squares = new Float64Array(MEMORY_S + 2 * REACH_S);
const rootsA = new Float64Array(MEMORY_S);
const residuals = new Float64Array(MEMORY_S);

function bandSums(roomA: Window, roomB: Window, k: number): BandSums {
  const [levelsA, levelsB] = [roomA.levels[k]!, roomB.levels[k]!];
  const length = Math.min(roomA.seconds, roomB.seconds);
  let [n, floors, a, b, speechSeconds, speechA, speechB] = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const [levelA, levelB] = [levelsA[i]!, levelsB[i]!];
    if (!(levelA < 1e3 && levelB < 1e3) || isCeiling(levelA)) continue;
    const [energyA, energyB] = [levelEnergy(levelA), levelEnergy(levelB)];
    pa[n] = energyA;
    pb[n] = energyB;
    n++;
    a += energyA;
    b += energyB;
    if (isFloor(levelB)) floors++;
    if (roomA.speech[i] === 0) continue;
    differences[speechSeconds] = levelA - levelB;
    speechSeconds++;
    speechA += energyA;
    speechB += energyB;
  }
  const regressed = n >= LEAST_SECONDS && floors <= FLOOR_SHARE * n;
  const { aa, ab } = regressed ? regress(n, k) : { aa: 0, ab: 0 };
  const outdone =
    speechSeconds < LEAST_OUTDONE_S
      ? NOT_OUTDONE_DB
      : quantile(differences, OUTDONE_SHARE, speechSeconds) - OUTDONE_MARGIN_DB;
  return { n, a, b, speechSeconds, speechA, speechB, aa, ab, outdone };
}

/**
 * Weighted least squares in a few passes. A second weighs by what may be wrong with it: a share of the energy that the pass
 * before expects at B (jitter, steps), and how far B was off in the seconds before and after it. Typing and talk at B come in
 * bouts, so their seconds count little. A second's own level at B has no say in its weight: that would choose by the outcome.
 * The sums are divided by the variance that the residuals then show.
 */
function regress(n: number, k: number): { aa: number; ab: number } {
  const quietest = quantile(pb, 0.25, n);
  let [h, noise] = [0, quietest];
  let fit: LineFit | null = null;
  for (let pass = 0; pass < PASSES; pass++) {
    weigh(n, h, noise, k);
    fit = lineFit(n);
    h = Math.max(0, fit.h);
    noise = Math.max(fit.meanB - h * fit.meanA, 0.02 * quietest);
  }
  if (fit === null || fit.aa === 0) return { aa: 0, ab: 0 };
  const variance = residualVariance(n, fit) * autocorrelation(n, fit);
  return { aa: fit.aa / variance, ab: (fit.h * fit.aa) / variance };
}

/** Weights are one over the variance of each second. */
function weigh(n: number, h: number, noise: number, k: number): void {
  const rough = ROUGHNESS[k]!;
  // With zeros on either side, which add nothing.
  squares.fill(0, REACH_S + n, n + 2 * REACH_S);
  for (let i = 0; i < n; i++) squares[REACH_S + i] = (pb[i]! - h * pa[i]! - noise) ** 2;
  for (let i = 0; i < n; i++) {
    const before = squares[i]! + squares[i + 1]! + squares[i + 2]!;
    const around = before + squares[i + 4]! + squares[i + 5]! + squares[i + 6]!;
    const neighbours = Math.min(i, REACH_S) + Math.min(n - 1 - i, REACH_S);
    weights[i] = 1 / ((rough * (h * pa[i]! + noise)) ** 2 + around / neighbours);
  }
}

interface LineFit {
  readonly h: number;
  readonly meanA: number;
  readonly meanB: number;
  /** Weighted sum of squares of PA about its mean. */
  readonly aa: number;
}

function lineFit(n: number): LineFit {
  let [total, meanA, meanB, aa, ab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    total += weights[i]!;
    meanA += weights[i]! * pa[i]!;
    meanB += weights[i]! * pb[i]!;
  }
  meanA /= total;
  meanB /= total;
  for (let i = 0; i < n; i++) {
    const deviation = pa[i]! - meanA;
    aa += weights[i]! * deviation ** 2;
    ab += weights[i]! * deviation * (pb[i]! - meanB);
  }
  return { h: aa === 0 ? 0 : ab / aa, meanA, meanB, aa };
}

/** Per unit of weight, at least that of the level steps. */
function residualVariance(n: number, fit: LineFit): number {
  let sum = 0;
  let steps = 0;
  for (let i = 0; i < n; i++) {
    sum += weights[i]! * residual(fit, i) ** 2;
    steps += weights[i]! * (STEP_SHARE * pb[i]!) ** 2;
  }
  return Math.max(sum / (n - 2), steps / n);
}

/** Factor by which autocorrelation of A and of the residuals widens the variance of the slope (Bartlett). */
function autocorrelation(n: number, fit: LineFit): number {
  for (let i = 0; i < n; i++) {
    const root = Math.sqrt(weights[i]!);
    rootsA[i] = root * (pa[i]! - fit.meanA);
    residuals[i] = root * residual(fit, i);
  }
  const [a0, e0] = [lagged(rootsA, n, 0), lagged(residuals, n, 0)];
  if (a0 === 0 || e0 === 0) return 1;
  let factor = 1;
  for (let lag = 1; lag <= LAGS; lag++)
    factor += (2 * (1 - lag / n) * lagged(rootsA, n, lag) * lagged(residuals, n, lag)) / (a0 * e0);
  return Math.max(1, factor);
}

const residual = (fit: LineFit, i: number): number => pb[i]! - fit.meanB - fit.h * (pa[i]! - fit.meanA);

function lagged(x: Float64Array, n: number, lag: number): number {
  let sum = 0;
  for (let i = lag; i < n; i++) sum += x[i - lag]! * x[i]!;
  return sum;
}
