/**
 * The last 15 minutes of one room's 1 s octave levels, in memory only: never serialised, never kept longer (PRIVACY, ACOUSTICS §6.4).
 * Octaves are 250, 500, 1000, 2000, 4000 Hz throughout the folder.
 */
import { energyOf } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";

export const OCTAVES = 5;
/** How long a frame lives, s. */
export const MEMORY_S = 900;
/** Ends of the published range, dB: the room may be quieter than the one and louder than the other. */
export const FLOOR_DB = 12;
export const CEILING_DB = 84;
/** Levels come in steps of 0.5 dB. */
const STEPS_PER_DB = 2;
const STEPS = STEPS_PER_DB * (CEILING_DB - FLOOR_DB) + 1;
/** No step: nothing was heard. */
const UNHEARD = 255;
const SECOND = 1000;

/** Consecutive seconds of one room; index 0 is the second that begins at `from`. */
export interface Window {
  readonly from: Millis;
  readonly seconds: number;
  /** [octave][second], dB; NaN where nothing was heard. */
  readonly levels: readonly Float64Array[];
  /** 1 in seconds the device took for speech. */
  readonly speech: Uint8Array;
  /** How many of the seconds were heard. */
  readonly heard: number;
}

export interface Frames {
  /**
   * A message of consecutive seconds from `t`: [second][octave] dB, in steps of 0.5 from 12 to 84, and which are speech. Of two
   * words on a second the first counts.
   */
  put(t: Millis, levels: readonly (readonly number[])[], speech: readonly boolean[]): void;
  /** Nobody may write into it: whoever asks again is given the same. */
  window(from: Millis, seconds: number): Window;
  /**
   * Takes the mark (1) off every second of `marks`, which begin at `from`, that is speech, or that was not heard if `unheard`;
   * answers how many are left.
   */
  unmarkSpeech(marks: Uint8Array, from: Millis, unheard: boolean): number;
  /** Start of the oldest second kept; null without any. */
  first(): Millis | null;
  /** End of the newest second; null without any. */
  last(): Millis | null;
  /** Seconds before that, and every window that was given. */
  forget(before: Millis): void;
}

/** Nothing louder than that was there: a level at the lower end is an upper bound. */
export const isFloor = (level: number): boolean => level <= FLOOR_DB;
/** Something louder may have been there. */
export const isCeiling = (level: number): boolean => level >= CEILING_DB;

/** Level of a step, dB; NaN for none. */
const LEVELS = Float64Array.from({ length: UNHEARD + 1 }, (_, step) =>
  step < STEPS ? FLOOR_DB + step / STEPS_PER_DB : Number.NaN,
);
const STEP_ENERGIES = LEVELS.subarray(0, STEPS).map(energyOf);

/** Energy of a level of a window, relative to p0²: looked up where it is a whole step, as published levels are. */
export function levelEnergy(level: number): number {
  const step = STEPS_PER_DB * (level - FLOOR_DB);
  const whole = step | 0;
  return whole === step && whole >= 0 && whole < STEP_ENERGIES.length ? STEP_ENERGIES[whole]! : energyOf(level);
}

export function createFrames(): Frames {
  /** [octave][second % MEMORY_S], steps above the floor; unheard wherever it is forgotten, so that runs of places can be copied. */
  const ring = Array.from({ length: OCTAVES }, () => new Uint8Array(MEMORY_S).fill(UNHEARD));
  const speech = new Uint8Array(MEMORY_S);
  /** No second before the one or after the other is held. */
  let oldest = 0;
  let newest = -1;
  /** Those that were asked for since the last change: several pairs look at the same seconds. */
  let windows: Window[] = [];

  const holds = (second: number): boolean =>
    second >= oldest && second <= newest && ring[0]![second % MEMORY_S] !== UNHEARD;

  function put(t: Millis, frames: readonly (readonly number[])[], talk: readonly boolean[]): void {
    const start = Math.round(t / SECOND);
    for (let i = 0; i < frames.length; i++) hear(start + i, frames[i]!, talk[i] === true);
  }

  function hear(second: number, frame: readonly number[], talk: boolean): void {
    if ((newest >= 0 && second <= newest - MEMORY_S) || holds(second)) return;
    forgetBefore(second - MEMORY_S + 1);
    const place = second % MEMORY_S;
    windows = [];
    for (let k = 0; k < OCTAVES; k++) ring[k]![place] = STEPS_PER_DB * (frame[k]! - FLOOR_DB);
    speech[place] = talk ? 1 : 0;
    oldest = newest < 0 ? second : Math.min(oldest, second);
    newest = Math.max(newest, second);
  }

  function window(from: Millis, length: number): Window {
    const known = windows.find((one) => one.from === from && one.seconds === length);
    if (known !== undefined) return known;
    const made = makeWindow(from, length);
    windows.push(made);
    return made;
  }

  function makeWindow(from: Millis, length: number): Window {
    const start = Math.round(from / SECOND);
    // One block of memory for all octaves: blocks of their own take longer to get than to fill.
    const all = new Float64Array(OCTAVES * length).fill(Number.NaN);
    const levels = ring.map((_, k) => all.subarray(k * length, (k + 1) * length));
    const talk = new Uint8Array(length);
    const [first, end] = [Math.max(start, oldest), Math.min(start + length, newest + 1)];
    for (let second = first; second < end; ) {
      const place = second % MEMORY_S;
      const run = Math.min(end - second, MEMORY_S - place);
      // Element by element: a view of so few takes longer to make than to copy.
      for (let k = 0; k < OCTAVES; k++) {
        const octave = ring[k]!;
        const into = k * length + second - start;
        for (let i = 0; i < run; i++) all[into + i] = LEVELS[octave[place + i]!]!;
      }
      for (let i = 0; i < run; i++) talk[second - start + i] = speech[place + i]!;
      second += run;
    }
    let heard = 0;
    for (let i = first - start; i < end - start; i++) if (!Number.isNaN(all[i]!)) heard++;
    return { from, seconds: length, levels, speech: talk, heard };
  }

  function unmarkSpeech(marks: Uint8Array, from: Millis, unheard: boolean): number {
    const start = Math.round(from / SECOND);
    const heard = ring[0]!;
    let left = 0;
    for (let i = 0, place = start % MEMORY_S; i < marks.length; i++, place = place + 1 === MEMORY_S ? 0 : place + 1) {
      const isHeld = start + i >= oldest && start + i <= newest && heard[place] !== UNHEARD;
      if (isHeld ? speech[place] === 1 : unheard) marks[i] = 0;
      left += marks[i]!;
    }
    return left;
  }

  function first(): Millis | null {
    while (oldest <= newest && !holds(oldest)) oldest++;
    return newest < 0 ? null : oldest * SECOND;
  }

  function forgetBefore(second: number): void {
    const end = Math.min(second, newest + 1);
    for (; oldest < end; oldest++) {
      for (const octave of ring) octave[oldest % MEMORY_S] = UNHEARD;
      speech[oldest % MEMORY_S] = 0;
    }
    if (oldest > newest) newest = -1;
  }

  return {
    put,
    window,
    unmarkSpeech,
    first,
    last: () => (newest < 0 ? null : (newest + 1) * SECOND),
    forget(before) {
      forgetBefore(Math.ceil(before / SECOND));
      windows = [];
    },
  };
}
