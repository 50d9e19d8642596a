/** Does what B hears follow the talk in A? The link statistic of ACOUSTICS §4 over one window, and the verdict it leads to. */
import { energyOf, levelOf } from "#protocol/decibel.ts";
import { type Frames, OCTAVES, type Window } from "./frames.ts";
import { quantile } from "./quantile.ts";

/** One-sided 1e-4 of a normal distribution (TV-30). */
export const LINK_Z = 3.72;
/** Beyond this one window is enough: see the README's study. */
export const STRONG_Z = 6;
/** Seconds heard in both rooms that a window needs. */
export const LEAST_SECONDS = 40;
/** A is the source only if it is that much louder at its own microphone, dB. */
export const LOUDER_DB = 3;
/** B's past, 30 to 300 s before the window, has nothing to do with what A says in it. */
export const SURROGATE_SHIFTS_S: readonly number[] = Array.from({ length: 28 }, (_, i) => 30 + 10 * i);
const ENOUGH_SURROGATES = 10;
const LAGS = 10;
const SECOND = 1000;

export interface LinkStatistic {
  /** About N(0, 1) when the rooms have nothing to do with each other. */
  readonly z: number;
  /** Effective sample size, mean over the octaves. */
  readonly neff: number;
  /** Seconds heard in both rooms. */
  readonly n: number;
}

export interface Surrogates {
  readonly count: number;
  /** Greatest statistic of them; -Infinity without any. */
  readonly greatest: number;
}

/** Why a window is what it is. Only `common-source` speaks against a link; the others just do not speak for one. */
export type Because =
  | "linked"
  | "too-short"
  | "no-speech"
  | "not-significant"
  | "not-above-surrogates"
  | "not-louder"
  | "not-rising"
  | "common-source";

export interface WindowVerdict {
  readonly verdict: "positive" | "negative" | "rejected";
  readonly because: Because;
  /** Null when the window is too short. */
  readonly z: number | null;
  /** One such window is enough. */
  readonly strong: boolean;
  /** Null unless they decided. */
  readonly surrogates: Surrogates | null;
  /** A above B in A's speech seconds, 500 + 1000 + 2000 Hz, dB; null without such seconds. */
  readonly louderDb: number | null;
  /** B is louder in A's louder half of the window. */
  readonly rises: boolean;
}

/** Null below `least` seconds heard in both rooms, or where no octave moves. */
export function linkStatistic(a: Window, b: Window, least = LEAST_SECONDS): LinkStatistic | null {
  return statisticOver(a, b, heardInBoth(a, b), least);
}

/** The same between any two rooms, whoever talks: what more than two rooms share comes from neither of them. */
export const correlationZ = (a: Window, b: Window): number | null => linkStatistic(a, b)?.z ?? null;

/** The statistic of A's window with B's past. Only shifts for which B was heard long enough count. */
export function surrogates(a: Window, b: Frames, shiftsS: readonly number[] = SURROGATE_SHIFTS_S): Surrogates {
  let count = 0;
  let greatest = Number.NEGATIVE_INFINITY;
  let whole: Side | null = null;
  for (const shift of shiftsS) {
    const past = b.window(a.from - shift * SECOND, a.seconds);
    const both = heardInBoth(a, past);
    if (both.length < LEAST_SECONDS) continue;
    if (both.length === a.heard) whole ??= sideOf(a, both);
    const link = statisticOf(both.length === a.heard ? whole! : sideOf(a, both), sideOf(past, both));
    if (link === null) continue;
    count++;
    greatest = Math.max(greatest, link.z);
  }
  return { count, greatest };
}

/**
 * The Z a window needs beside `count` surrogates. Ten or more and the test of significance keeps its 1e-4; with fewer it is
 * divided by the share that is missing, alpha = 1e-4·(count + 1)/11, whose quantile is close to sqrt(3.72² + 2·ln(11/(count + 1))).
 */
export const neededZ = (count: number): number =>
  count >= ENOUGH_SURROGATES ? LINK_Z : Math.sqrt(LINK_Z ** 2 + 2 * Math.log((ENOUGH_SURROGATES + 1) / (count + 1)));

/** Whether B follows A in this window of A, in which A is in conversation. */
export function judgeWindow(a: Window, bFrames: Frames): WindowVerdict {
  const b = bFrames.window(a.from, a.seconds);
  const both = heardInBoth(a, b);
  const link = statisticOver(a, b, both, LEAST_SECONDS);
  const negative = (because: Because, rest: Partial<WindowVerdict> = {}): WindowVerdict => ({
    verdict: "negative",
    because,
    z: link?.z ?? null,
    strong: false,
    surrogates: null,
    louderDb: null,
    rises: false,
    ...rest,
  });
  if (link === null) return negative("too-short");
  const loudA = speechBand(a, both);
  const loudB = speechBand(b, both);
  const louderDb = louderBy(a, both, loudA, loudB);
  const rises = riseDb(b, both, loudA) > 0;
  const told = { louderDb, rises };
  if (link.z <= LINK_Z) return negative("not-significant", told);
  if (louderDb === null) return negative("no-speech", told);
  if (louderDb < LOUDER_DB) return negative("not-louder", told);
  if (!rises) return negative("not-rising", told);
  const explained = statisticOver(a, b, explainable(both, loudA, loudB), LEAST_EXPLAINED);
  if (explained === null || explained.z <= LINK_Z) return negative("common-source", { ...told, verdict: "rejected" });
  const past = surrogates(a, bFrames);
  if (link.z <= neededZ(past.count)) return negative("not-significant", { ...told, surrogates: past });
  if (link.z <= past.greatest) return negative("not-above-surrogates", { ...told, surrogates: past });
  return {
    verdict: "positive",
    because: "linked",
    z: link.z,
    strong: Math.min(link.z, explained.z) >= STRONG_Z,
    surrogates: past,
    louderDb,
    rises,
  };
}

/** Indexes of the seconds heard in both windows. */
function heardInBoth(a: Window, b: Window): Uint16Array {
  const both = new Uint16Array(Math.min(a.seconds, b.seconds));
  let n = 0;
  const [inA, inB] = [a.levels[0]!, b.levels[0]!];
  for (let i = 0; i < both.length; i++) if (!Number.isNaN(inA[i]! + inB[i]!)) both[n++] = i;
  return both.subarray(0, n);
}

const statisticOver = (a: Window, b: Window, seconds: Uint16Array, least: number): LinkStatistic | null =>
  seconds.length < least ? null : statisticOf(sideOf(a, seconds), sideOf(b, seconds));

/** One room's part of the statistic: each octave with mean 0 and sum of squares 1, null when it does not move. */
interface Side {
  readonly n: number;
  readonly octaves: readonly (Float64Array | null)[];
  /** Autocorrelation at lags 1 … 10 of each octave, and correlation of octave k with octave j < k. */
  readonly lagged: readonly Float64Array[];
  readonly between: readonly Float64Array[];
}

function sideOf(room: Window, seconds: Uint16Array): Side {
  const octaves = room.levels.map((levels) => standardised(levels, seconds));
  return {
    n: seconds.length,
    octaves,
    lagged: octaves.map((x) => Float64Array.from({ length: LAGS }, (_, i) => (x === null ? 0 : dot(x, x, i + 1)))),
    between: octaves.map((x, k) =>
      Float64Array.from({ length: k }, (_, j) => (x === null || octaves[j] === null ? 0 : dot(x, octaves[j]!, 0))),
    ),
  };
}

function statisticOf(a: Side, b: Side): LinkStatistic | null {
  let [z, neff, variance, octaves] = [0, 0, 0, 0];
  for (let k = 0; k < OCTAVES; k++) {
    const [inA, inB] = [a.octaves[k]!, b.octaves[k]!];
    if (inA === null || inB === null) continue;
    const effective = effectiveSize(a.lagged[k]!, b.lagged[k]!, a.n);
    octaves++;
    neff += effective;
    z += fisher(dot(inA, inB, 0)) * Math.sqrt(Math.max(effective - 3, 4));
    variance++;
    for (let j = 0; j < k; j++) variance += 2 * a.between[k]![j]! * b.between[k]![j]!;
  }
  return octaves === 0 ? null : { z: z / Math.sqrt(Math.max(variance, 1)), neff: neff / octaves, n: a.n };
}

/** The chosen seconds with mean 0 and sum of squares 1; null when they do not move. */
function standardised(levels: Float64Array, seconds: Uint16Array): Float64Array | null {
  const n = seconds.length;
  const values = new Float64Array(n);
  let mean = 0;
  for (let i = 0; i < n; i++) {
    values[i] = levels[seconds[i]!]!;
    mean += values[i]! / n;
  }
  let squares = 0;
  for (let i = 0; i < n; i++) {
    values[i]! -= mean;
    squares += values[i]! ** 2;
  }
  if (squares < 1e-6) return null;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < n; i++) values[i]! *= scale;
  return values;
}

function dot(x: Float64Array, y: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = lag; i < x.length; i++) sum += x[i - lag]! * y[i]!;
  return sum;
}

/** Bartlett: how many independent seconds two autocorrelated series are worth. */
function effectiveSize(laggedA: Float64Array, laggedB: Float64Array, n: number): number {
  let inflation = 1;
  for (let lag = 1; lag <= LAGS; lag++) inflation += 2 * (1 - lag / n) * laggedA[lag - 1]! * laggedB[lag - 1]!;
  return n / Math.max(1, inflation);
}

const fisher = (r: number): number => Math.atanh(Math.min(0.999, Math.max(-0.999, r)));

/** Levels of 500 + 1000 + 2000 Hz, dB, of the chosen seconds. */
function speechBand(room: Window, seconds: Uint16Array): Float64Array {
  const levels = new Float64Array(seconds.length);
  for (let i = 0; i < seconds.length; i++) {
    const second = seconds[i]!;
    let energy = 0;
    for (let k = 1; k <= 3; k++) energy += energyOf(room.levels[k]![second]!);
    levels[i] = levelOf(energy);
  }
  return levels;
}

function louderBy(a: Window, seconds: Uint16Array, loudA: Float64Array, loudB: Float64Array): number | null {
  let inA = 0;
  let inB = 0;
  for (let i = 0; i < seconds.length; i++) {
    if (a.speech[seconds[i]!] === 0) continue;
    inA += energyOf(loudA[i]!);
    inB += energyOf(loudB[i]!);
  }
  return inA === 0 ? null : levelOf(inA / inB);
}

/** B's mean level, over all octaves, in A's louder half of the seconds less that in its quieter half, dB. */
function riseDb(b: Window, seconds: Uint16Array, loudA: Float64Array): number {
  const middle = quantile(loudA, 0.5);
  let [loud, louds, quiet, quiets] = [0, 0, 0, 0];
  for (let i = 0; i < seconds.length; i++) {
    let level = 0;
    for (let k = 0; k < OCTAVES; k++) level += b.levels[k]![seconds[i]!]! / OCTAVES;
    if (loudA[i]! > middle) {
      loud += level;
      louds++;
    } else {
      quiet += level;
      quiets++;
    }
  }
  return louds === 0 || quiets === 0 ? 0 : loud / louds - quiet / quiets;
}

/** Seconds that must be left when those that A cannot explain are out. They must show the link by themselves. */
const LEAST_EXPLAINED = 15;
/** How far above its own floor, and above what A can put there, B is plainly hearing something else, dB. */
const ELEVATED_DB = 3;
const UNEXPLAINED_DB = 3;

/**
 * The seconds in which A may be what B hears. A boundary lets through no more than the least LB − LA of any second shows:
 * where B is well above that and above its own floor, its sound is its own or comes from elsewhere to both rooms. A link
 * that rests on such seconds (an announcement, a slam, the same programme) is none.
 */
function explainable(seconds: Uint16Array, loudA: Float64Array, loudB: Float64Array): Uint16Array {
  const difference = loudA.map((level, i) => level - loudB[i]!);
  const through = quantile(difference, 0.9);
  const floor = quantile(loudB, 0.2);
  return seconds.filter((_, i) => loudB[i]! <= floor + ELEVATED_DB || difference[i]! >= through - UNEXPLAINED_DB);
}
