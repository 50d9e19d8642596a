/**
 * What B sounds like when nobody talks: L90 per octave, from leased frames and from the `stats` every device tells. Only
 * estimates are kept, no levels of single seconds, so the state may be written to disk.
 *
 * No 5 s smoothing before L90 (ACOUSTICS §3.9 has it): under a lease A talks, its pauses are 1–2 s long, and smoothing fills them.
 */
import { mean } from "#protocol/acoustics/bands.ts";
import { energyOf, levelOf } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import { CEILING_DB, FLOOR_DB, MEMORY_S, OCTAVES, type Window } from "./frames.ts";

const MINUTE = 60_000;
/** Frames are asked for over this long, s. */
export const BACKGROUND_WINDOW_S = 600;
/** Ventilation that switches on shows here first, s. */
const LATEST_S = 120;
/** Octaves, and how much louder each must be, for the latest minutes to count alone. */
const STEP_OCTAVES = 3;
const STEP_DB = 3;
/** So many quiet seconds tell what the room sounds like by itself. */
export const LEAST_QUIET_S = 60;
const LEAST_HEARD_S = 60;
/** Quantile below the mean that L90 is, in standard deviations. */
const L90 = 1.28;
/** Level jitter of 1 s of steady noise, dB: 4.34/sqrt(width·1 s); octaves are 0.7046·fm wide, thirds 0.2316·fm (TV-29). */
const OCTAVE_JITTER_DB = [250, 500, 1000, 2000, 4000].map((hz) => 4.34 / Math.sqrt(0.7046 * hz));
const thirdJitter = (octave: number, third: number): number =>
  4.34 / Math.sqrt(0.2316 * 250 * 2 ** (octave + (third - 1) / 3));
/** White noise of 30 dBA, 63 Hz–8 kHz: the microphone's own (ACOUSTICS §7.6), energies. */
const SENSOR_NOISE = [12.1, 15.1, 18.1, 21.1, 24.1].map(energyOf);
/** The sensor's own noise is taken out by no more than this, dB. */
const MOST_TAKEN_OUT_DB = 6;
/** An estimate is this certain when it is new, dB, and less by the hour, down to what ventilation varies; after a week it is none. */
const SIGMA_DB = 1;
const SIGMA_PER_HOUR_DB = 2;
const SIGMA_AT_MOST_DB = 3;
const FORGOTTEN_AFTER_MS = 7 * 24 * 60 * MINUTE;
/** Two estimates further apart, dB, are two states of the ventilation: the newer counts. */
const SAME_DB = 2;

interface Estimate {
  /** Octaves 250–4000 Hz, dB, as the sensor hears them. */
  readonly levels: readonly number[];
  /** End of what it rests on. */
  readonly at: Millis;
}

/** Plain JSON; one per room. */
export interface Background {
  readonly frames: Estimate | null;
  readonly stats: Estimate | null;
}

/** Of the room, the sensor's own noise taken out. */
export interface Noise {
  readonly levels: readonly number[];
  readonly sigma: number;
  readonly at: Millis;
}

export const noBackground: Background = { frames: null, stats: null };

/** `background` of a `stats` reading, 16 thirds from 160 Hz, dB; `at` is the end of its window. Null thirds say nothing. */
export function hearStats(kept: Background, thirds: readonly number[] | null, at: Millis): Background {
  if (thirds === null || (kept.stats !== null && kept.stats.at >= at)) return kept;
  const levels = Array.from({ length: OCTAVES }, (_, octave) =>
    levelOf([0, 1, 2].reduce((sum, third) => sum + energyOf(unbiasedThird(thirds, octave, third)), 0)),
  );
  return { ...kept, stats: { levels, at } };
}

const unbiasedThird = (thirds: readonly number[], octave: number, third: number): number =>
  thirds[1 + 3 * octave + third]! + L90 * thirdJitter(octave, third);

/**
 * The last minutes of a room's frames (`BACKGROUND_WINDOW_S` of them at best). `quiet` marks seconds in which neither this room
 * nor a paired one talks. Where they are too few, L90 of all seconds holds the talk in the room as well: it counts only while
 * nothing better is known, or when even so it is lower than what was known.
 */
export function hearFrames(kept: Background, window: Window, quiet: Uint8Array, at: Millis): Background {
  const silent = levelsExceeded(window, quiet, 0, LEAST_QUIET_S);
  if (silent !== null) {
    const levels = silent.map(unbiased);
    const latest = levelsExceeded(window, quiet, window.seconds - LATEST_S, LEAST_QUIET_S)?.map(unbiased);
    const risen = latest?.filter((level, k) => level > levels[k]! + STEP_DB).length ?? 0;
    return { ...kept, frames: { levels: risen >= STEP_OCTAVES ? latest! : levels, at } };
  }
  const levels = levelsExceeded(window, null, 0, LEAST_HEARD_S);
  const before = newest(kept, at);
  if (levels === null || (before !== undefined && mean(levels) >= mean(before.levels))) return kept;
  return { ...kept, frames: { levels, at } };
}

/** Written anew by each call of `levelsExceeded`, to spare the memory: indexes of seconds. */
const chosen = new Uint16Array(MEMORY_S);

/** L90 of the marked seconds (null: of all) from index `first` on; null when fewer than `least` of them were heard. */
function levelsExceeded(window: Window, marked: Uint8Array | null, first: number, least: number): number[] | null {
  const heard = window.levels[0]!;
  let seconds = 0;
  for (let i = Math.max(0, first); i < heard.length; i++)
    if ((marked === null || marked[i] === 1) && !Number.isNaN(heard[i]!)) chosen[seconds++] = i;
  return seconds < least ? null : window.levels.map((levels) => tenthOf(levels, seconds));
}

/** Levels come in steps of 0.5 dB within the published range: they are counted rather than sorted. */
const STEPS_PER_DB = 2;
const counts = new Uint16Array(STEPS_PER_DB * (CEILING_DB - FLOOR_DB) + 1);

/** The 10th percentile of the levels of the first `seconds` chosen, dB, linear between neighbours. */
function tenthOf(levels: Float64Array, seconds: number): number {
  counts.fill(0);
  for (let i = 0; i < seconds; i++) counts[Math.round(STEPS_PER_DB * (levels[chosen[i]!]! - FLOOR_DB))]!++;
  const place = 0.1 * (seconds - 1);
  const below = Math.floor(place);
  let passed = 0;
  let step = 0;
  while (passed + counts[step]! <= below) passed += counts[step++]!;
  let next = step;
  while (passed + counts[step]! <= below + 1 && next < counts.length - 1 && (next === step || counts[next] === 0))
    next++;
  return FLOOR_DB + (step + (place - below) * (next - step)) / STEPS_PER_DB;
}

/** Steady noise whose L90 this is. */
const unbiased = (l90: number, k: number): number => l90 + L90 * OCTAVE_JITTER_DB[k]!;

/** Newest first; none that is forgotten. */
function estimatesOf({ frames, stats }: Background, at: Millis): readonly (Estimate | undefined)[] {
  const [framed, told] = [lasting(frames, at), lasting(stats, at)];
  if (framed === undefined || told === undefined) return [framed ?? told];
  return told.at > framed.at ? [told, framed] : [framed, told];
}

const lasting = (estimate: Estimate | null, at: Millis): Estimate | undefined =>
  estimate !== null && at - estimate.at <= FORGOTTEN_AFTER_MS ? estimate : undefined;

const newest = (kept: Background, at: Millis): Estimate | undefined => estimatesOf(kept, at)[0];

/** What was answered last of each: every pair that a room is heard from asks the same again. */
const answered = new WeakMap<Background, { readonly at: Millis; readonly noise: Noise | null }>();

/** Null when nothing is known, or nothing any more. */
export function currentBackground(kept: Background, at: Millis): Noise | null {
  const last = answered.get(kept);
  if (last?.at === at) return last.noise;
  const noise = backgroundAt(kept, at);
  answered.set(kept, { at, noise });
  return noise;
}

function backgroundAt(kept: Background, at: Millis): Noise | null {
  const [newer, older] = estimatesOf(kept, at);
  if (newer === undefined) return null;
  const levels = older !== undefined && agree(newer, older) ? between(newer, older, at) : newer.levels;
  return { levels: levels.map(withoutSensor), sigma: sigmaAt(newer, at), at: newer.at };
}

const agree = (x: Estimate, y: Estimate): boolean =>
  Math.abs(x.levels.reduce((sum, level, k) => sum + level - y.levels[k]!, 0)) <= SAME_DB * OCTAVES;

const sigmaAt = (estimate: Estimate, at: Millis): number =>
  Math.min(SIGMA_AT_MOST_DB, Math.hypot(SIGMA_DB, (SIGMA_PER_HOUR_DB * Math.max(0, at - estimate.at)) / (60 * MINUTE)));

/** Weighted by precision. */
function between(x: Estimate, y: Estimate, at: Millis): number[] {
  const [wx, wy] = [sigmaAt(x, at) ** -2, sigmaAt(y, at) ** -2];
  return x.levels.map((level, k) => (wx * level + wy * y.levels[k]!) / (wx + wy));
}

const withoutSensor = (level: number, k: number): number =>
  levelOf(Math.max(energyOf(level) - SENSOR_NOISE[k]!, energyOf(level - MOST_TAKEN_OUT_DB)));
