/** Does what B hears follow the talk in A? The link statistic of ACOUSTICS §4 over one window, and the verdict it leads to. */
import { energyOf, levelOf } from "#protocol/decibel.ts";
import { type Frames, levelEnergy, MEMORY_S, OCTAVES, type Window } from "./frames.ts";
import { quantile } from "./quantile.ts";

/** One-sided 1e-4 of a normal distribution (TV-30). */
export const LINK_Z = 3.72;
/** The same for a window that is looked at in two ways: half of 1e-4 each. */
const EITHER_Z = 3.89;
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
/** Seconds on either side that tell how restless B is. */
const REACH_S = 2;
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
  return statisticOver(a, b, heardInBoth(a, b), "plain", least);
}

/** The same between any two rooms, whoever talks: what more than two rooms share comes from neither of them. */
export const correlationZ = (a: Window, b: Window): number | null => linkStatistic(a, b)?.z ?? null;

/** The statistic of A's window with B's past. Only shifts for which B was heard long enough count. */
export function surrogates(
  a: Window,
  b: Frames,
  look: Look = "plain",
  shiftsS: readonly number[] = SURROGATE_SHIFTS_S,
): Surrogates {
  let count = 0;
  let greatest = Number.NEGATIVE_INFINITY;
  let side: Side | null = null;
  const longest = Math.max(...shiftsS);
  const past = b.window(a.from - longest * SECOND, longest - Math.min(...shiftsS) + a.seconds);
  for (const shift of shiftsS) {
    const start = longest - shift;
    const both = heardInBoth(a, past, start);
    if (both.length < LEAST_SECONDS) continue;
    // Almost always all that was heard of A counts, and its side is the one of the shift before.
    if (side?.n !== a.heard || both.length !== a.heard) side = sideOf(a, both, "plain");
    const other = sideOf(past, both, look, start);
    const most = mostZ(side, other);
    if (most === null) continue;
    count++;
    if (most > greatest) greatest = Math.max(greatest, statisticOf(side, other)!.z);
  }
  return { count, greatest };
}

/**
 * The Z a window needs beside `count` surrogates. Ten or more and the test of significance keeps its 1e-4; with fewer it is
 * divided by the share that is missing, alpha = 1e-4·(count + 1)/11, whose quantile is close to sqrt(z² + 2·ln(11/(count + 1))).
 */
export const neededZ = (count: number): number =>
  count >= ENOUGH_SURROGATES
    ? EITHER_Z
    : Math.sqrt(EITHER_Z ** 2 + 2 * Math.log((ENOUGH_SURROGATES + 1) / (count + 1)));

/** Whether B follows A in this window of A, in which A is in conversation. */
export function judgeWindow(a: Window, bFrames: Frames): WindowVerdict {
  const b = bFrames.window(a.from, a.seconds);
  const both = heardInBoth(a, b);
  const best = bestLook(a, b, both);
  if (best === null)
    return {
      verdict: "negative",
      because: "too-short",
      z: null,
      strong: false,
      surrogates: null,
      louderDb: null,
      rises: false,
    };
  const { z, look } = best;
  const loudA = speechBand(a, both);
  const loudB = speechBand(b, both);
  const louderDb = louderBy(a, both, loudA, loudB);
  const fromA = explainable(loudA, loudB);
  const rises = riseDb(b, both, loudA, fromA) > 0;
  const judged = (because: Because, surrogates: Surrogates | null = null): WindowVerdict => ({
    verdict: because === "linked" ? "positive" : because === "common-source" ? "rejected" : "negative",
    because,
    z,
    strong: false,
    surrogates,
    louderDb,
    rises,
  });
  if (z <= EITHER_Z) return judged("not-significant");
  if (louderDb === null) return judged("no-speech");
  if (louderDb < LOUDER_DB) return judged("not-louder");
  if (!rises) return judged("not-rising");
  const explained =
    statisticOver(
      a,
      b,
      Uint16Array.from(fromA, (i) => both[i]!),
      look,
      LEAST_EXPLAINED,
    )?.z ?? 0;
  if (explained <= LINK_Z) return judged(explained < COMMON_Z ? "common-source" : "not-significant");
  const past = surrogates(a, bFrames, look);
  if (z <= neededZ(past.count)) return judged("not-significant", past);
  if (z <= past.greatest) return judged("not-above-surrogates", past);
  return { ...judged("linked", past), strong: Math.min(z, explained) >= STRONG_Z };
}

/**
 * How B's levels are looked at: `plain` as they are, `calm` with its restless seconds weighed down, so that a leak is seen
 * between the bouts of B's own talk and typing. B alone decides on the weights: whatever they are, a B that has nothing to do
 * with A gives the same distribution of Z.
 */
export type Look = "plain" | "calm";

function bestLook(a: Window, b: Window, both: Uint16Array): { z: number; look: Look } | null {
  if (both.length < LEAST_SECONDS) return null;
  const side = sideOf(a, both, "plain");
  const plain = statisticOf(side, sideOf(b, both, "plain"));
  if (plain === null) return null;
  const calm = plain.z >= STRONG_Z ? null : statisticOf(side, sideOf(b, both, "calm"));
  return calm !== null && calm.z > plain.z ? { z: calm.z, look: "calm" } : { z: plain.z, look: "plain" };
}

/** Indexes of the seconds heard in both windows; `start` is the second of B that goes with A's first. */
function heardInBoth(a: Window, b: Window, start = 0): Uint16Array {
  const both = new Uint16Array(Math.min(a.seconds, b.seconds - start));
  let n = 0;
  const [inA, inB] = [a.levels[0]!, b.levels[0]!];
  for (let i = 0; i < both.length; i++) if (!Number.isNaN(inA[i]! + inB[start + i]!)) both[n++] = i;
  return both.subarray(0, n);
}

const statisticOver = (a: Window, b: Window, seconds: Uint16Array, look: Look, least: number): LinkStatistic | null =>
  seconds.length < least ? null : statisticOf(sideOf(a, seconds, "plain"), sideOf(b, seconds, look));

/** One room's part of the statistic: each octave with mean 0 and sum of squares 1, null when it does not move. */
interface Side {
  readonly n: number;
  /** [octave][LAGS + second], behind as many zeros as there are lags: seconds before the first add nothing to any sum. */
  readonly octaves: readonly (Float64Array | null)[];
  /** What `innerOf` has found. */
  inner: Inner | null;
}

/** What the statistic needs to know of a room by itself. */
interface Inner {
  /** Autocorrelation at lags 1 … 10 of each octave, and correlation of octave k with octave j < k. */
  readonly lagged: readonly (readonly number[])[];
  readonly between: readonly (readonly number[])[];
}

/** Sides of whole windows: each room is compared with several others over the same seconds. */
const sides: Readonly<Record<Look, WeakMap<Window, Side>>> = { plain: new WeakMap(), calm: new WeakMap() };

function sideOf(room: Window, seconds: Uint16Array, look: Look, start = 0): Side {
  if (seconds.length < room.seconds) return makeSide(room, seconds, look, start);
  const known = sides[look].get(room);
  if (known !== undefined) return known;
  const made = makeSide(room, seconds, look, start);
  sides[look].set(room, made);
  return made;
}

function makeSide(room: Window, seconds: Uint16Array, look: Look, start: number): Side {
  const n = seconds.length;
  // One block of memory for all octaves: blocks of their own take longer to get than to fill.
  const all = new Float64Array(OCTAVES * (LAGS + n));
  const octaves = room.levels.map((levels, k) => {
    const values = all.subarray(k * (LAGS + n), (k + 1) * (LAGS + n));
    for (let i = 0; i < n; i++) values[LAGS + i] = levels[start + seconds[i]!]!;
    if (look === "calm") calm(values);
    return standardise(values) ? values : null;
  });
  return { n, octaves, inner: null };
}

/** Most of what a side costs, and most surrogates do without (`mostZ`): only when asked for. */
const innerOf = (side: Side): Inner => {
  side.inner ??= {
    lagged: side.octaves.map(autocorrelation),
    between: side.octaves.map((x, k) =>
      side.octaves.slice(0, k).map((y) => (x === null || y === null ? 0 : dot(x, y))),
    ),
  };
  return side.inner;
};

function autocorrelation(x: Float64Array | null): number[] {
  return x === null ? Array<number>(LAGS).fill(0) : [...fiveLags(x, 1), ...fiveLags(x, 6)];
}

/** Five sums in one loop: none waits for its own last addition, as it would in a loop of its own. */
function fiveLags(x: Float64Array, lag: number): number[] {
  let [one, two, three, four, five] = [0, 0, 0, 0, 0];
  for (let i = LAGS; i < x.length; i++) {
    const now = x[i]!;
    const then = i - lag;
    one += x[then]! * now;
    two += x[then - 1]! * now;
    three += x[then - 2]! * now;
    four += x[then - 3]! * now;
    five += x[then - 4]! * now;
  }
  return [one, two, three, four, five];
}

/** No statistic of the two can be greater, however little the seconds and octaves depend on one another; null where no octave moves. */
function mostZ(a: Side, b: Side): number | null {
  let [z, octaves] = [0, 0];
  for (let k = 0; k < OCTAVES; k++) {
    const [inA, inB] = [a.octaves[k]!, b.octaves[k]!];
    if (inA === null || inB === null) continue;
    octaves++;
    z += Math.max(0, fisher(dot(inA, inB))) * Math.sqrt(Math.max(a.n - 3, 4));
  }
  return octaves === 0 ? null : z;
}

function statisticOf(a: Side, b: Side): LinkStatistic | null {
  const [innerA, innerB] = [innerOf(a), innerOf(b)];
  let [z, neff, variance, octaves] = [0, 0, 0, 0];
  for (let k = 0; k < OCTAVES; k++) {
    const [inA, inB] = [a.octaves[k]!, b.octaves[k]!];
    if (inA === null || inB === null) continue;
    const effective = effectiveSize(innerA.lagged[k]!, innerB.lagged[k]!, a.n);
    octaves++;
    neff += effective;
    z += fisher(dot(inA, inB)) * Math.sqrt(Math.max(effective - 3, 4));
    variance++;
    for (let j = 0; j < k; j++) variance += 2 * innerA.between[k]![j]! * innerB.between[k]![j]!;
  }
  return octaves === 0 ? null : { z: z / Math.sqrt(Math.max(variance, 1)), neff: neff / octaves, n: a.n };
}

/** Gives the values behind LAGS zeros mean 0 and sum of squares 1; false when they do not move. */
function standardise(values: Float64Array): boolean {
  const n = values.length - LAGS;
  let mean = 0;
  for (let i = LAGS; i < values.length; i++) mean += values[i]! / n;
  let squares = 0;
  for (let i = LAGS; i < values.length; i++) {
    const deviation = values[i]! - mean;
    values[i] = deviation;
    squares += deviation * deviation;
  }
  if (squares < 1e-6) return false;
  const scale = 1 / Math.sqrt(squares);
  for (let i = LAGS; i < values.length; i++) values[i]! *= scale;
  return true;
}

/** Written anew by each call of `calm`, to spare the memory: weights of the seconds, and squares between zeros that add nothing. */
const weights = new Float64Array(MEMORY_S);
const squares = new Float64Array(MEMORY_S + 2 * REACH_S);

/**
 * Makes the levels behind LAGS zeros what they are above their weighted mean, times weights: one over the mean square of the
 * seconds before and after, and 1 dB².
 */
function calm(values: Float64Array): void {
  const levels = values.subarray(LAGS);
  const n = levels.length;
  squares.fill(0, REACH_S + n, n + 2 * REACH_S);
  let middle = quantile(levels, 0.3);
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < n; i++) squares[REACH_S + i] = (levels[i]! - middle) ** 2;
    let [total, sum] = [0, 0];
    for (let i = 0; i < n; i++) {
      const around = squares[i]! + squares[i + 1]! + squares[i + 3]! + squares[i + 4]!;
      const neighbours = Math.min(i, REACH_S) + Math.min(n - 1 - i, REACH_S);
      const weight = 1 / (around / neighbours + 1);
      weights[i] = weight;
      total += weight;
      sum += weight * levels[i]!;
    }
    middle = sum / total;
  }
  for (let i = 0; i < n; i++) levels[i] = weights[i]! * (levels[i]! - middle);
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** Bartlett: how many independent seconds two autocorrelated series are worth. */
function effectiveSize(laggedA: readonly number[], laggedB: readonly number[], n: number): number {
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
    for (let k = 1; k <= 3; k++) energy += levelEnergy(room.levels[k]![second]!);
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

/** B's mean level, over all octaves, in A's louder half of the chosen places less that in its quieter half, dB. */
function riseDb(b: Window, seconds: Uint16Array, loudA: Float64Array, places: Uint16Array): number {
  const loud500To2000 = new Float64Array(places.length);
  for (let n = 0; n < places.length; n++) loud500To2000[n] = loudA[places[n]!]!;
  const middle = quantile(loud500To2000, 0.5);
  let [loud, louds, quiet, quiets] = [0, 0, 0, 0];
  for (const i of places) {
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
/** Below this the explained seconds speak against a link; above, they just do not show it enough. */
const COMMON_Z = 2;
/** How far above its own floor, and above what A can put there, B is plainly hearing something else, dB. */
const ELEVATED_DB = 3;
const UNEXPLAINED_DB = 3;

/**
 * Places of the seconds in which A may be what B hears. A boundary lets through no more than the least LB − LA of any second
 * shows: where B is well above that and above its own floor, its sound is its own or comes from elsewhere to both rooms. A link
 * that rests on such seconds (an announcement, a slam, the same programme) is none.
 */
function explainable(loudA: Float64Array, loudB: Float64Array): Uint16Array {
  const difference = new Float64Array(loudA.length);
  for (let i = 0; i < loudA.length; i++) difference[i] = loudA[i]! - loudB[i]!;
  const through = quantile(difference, 0.9);
  const floor = quantile(loudB, 0.2);
  const places = new Uint16Array(loudA.length);
  let n = 0;
  for (let i = 0; i < loudA.length; i++)
    if (loudB[i]! <= floor + ELEVATED_DB || difference[i]! >= through - UNEXPLAINED_DB) places[n++] = i;
  return places.subarray(0, n);
}
