/**
 * The last 15 minutes of one room's 1 s octave levels, in memory only: never serialised, never kept longer (PRIVACY, ACOUSTICS §6.4).
 * Octaves are 250, 500, 1000, 2000, 4000 Hz throughout the folder.
 */
import type { Millis } from "#protocol/quantities.ts";

export const OCTAVES = 5;
/** How long a frame lives, s. */
export const MEMORY_S = 900;
/** Ends of the published range, dB: the room may be quieter than the one and louder than the other. */
export const FLOOR_DB = 12;
export const CEILING_DB = 84;
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
  /** A message of consecutive seconds from `t`: [second][octave] dB, and which are speech. Of two words on a second the first counts. */
  put(t: Millis, levels: readonly (readonly number[])[], speech: readonly boolean[]): void;
  window(from: Millis, seconds: number): Window;
  /** Takes the mark (1) off every second of `marks`, which begin at `from`, that is speech, or that was not heard if `unheard`. */
  unmarkSpeech(marks: Uint8Array, from: Millis, unheard: boolean): void;
  /** Start of the oldest second kept; null without any. */
  first(): Millis | null;
  /** End of the newest second; null without any. */
  last(): Millis | null;
  forget(before: Millis): void;
}

/** Nothing louder than that was there: a level at the lower end is an upper bound. */
export const isFloor = (level: number): boolean => level <= FLOOR_DB;
/** Something louder may have been there. */
export const isCeiling = (level: number): boolean => level >= CEILING_DB;

export function createFrames(): Frames {
  const levels = new Float32Array(MEMORY_S * OCTAVES);
  const speech = new Uint8Array(MEMORY_S);
  /** Which second a place holds, s UTC; 0 for none. */
  const seconds = new Float64Array(MEMORY_S);
  let oldest = 0;
  let newest = -1;

  const holds = (second: number): boolean => seconds[second % MEMORY_S] === second;

  function put(t: Millis, frames: readonly (readonly number[])[], talk: readonly boolean[]): void {
    const start = Math.round(t / SECOND);
    for (const [i, frame] of frames.entries()) hear(start + i, frame, talk[i] === true);
  }

  function hear(second: number, frame: readonly number[], talk: boolean): void {
    if (newest >= 0 && second <= newest - MEMORY_S) return;
    const place = second % MEMORY_S;
    if (seconds[place]! >= second) return;
    seconds[place] = second;
    for (let k = 0; k < OCTAVES; k++) levels[place * OCTAVES + k] = frame[k]!;
    speech[place] = talk ? 1 : 0;
    oldest = newest < 0 ? second : Math.min(oldest, second);
    newest = Math.max(newest, second);
    oldest = Math.max(oldest, newest - MEMORY_S + 1);
  }

  function window(from: Millis, length: number): Window {
    const start = Math.round(from / SECOND);
    const octaves = Array.from({ length: OCTAVES }, () => new Float64Array(length).fill(Number.NaN));
    const talk = new Uint8Array(length);
    let heard = 0;
    for (let i = 0; i < length; i++) {
      const second = start + i;
      if (second < oldest || second > newest || !holds(second)) continue;
      const place = second % MEMORY_S;
      for (let k = 0; k < OCTAVES; k++) octaves[k]![i] = levels[place * OCTAVES + k]!;
      talk[i] = speech[place]!;
      heard++;
    }
    return { from, seconds: length, levels: octaves, speech: talk, heard };
  }

  function unmarkSpeech(marks: Uint8Array, from: Millis, unheard: boolean): void {
    const start = Math.round(from / SECOND);
    for (let i = 0; i < marks.length; i++) {
      const second = start + i;
      const heard = second >= oldest && second <= newest && holds(second);
      if (heard ? speech[second % MEMORY_S] === 1 : unheard) marks[i] = 0;
    }
  }

  /** The oldest second still held; places are emptied by `forget` and overwritten by newer seconds. */
  function first(): Millis | null {
    while (oldest <= newest && !holds(oldest)) oldest++;
    return newest < 0 || oldest > newest ? null : oldest * SECOND;
  }

  function forget(before: Millis): void {
    const until = Math.min(Math.ceil(before / SECOND), newest + 1);
    for (let second = oldest; second < until; second++) {
      const place = second % MEMORY_S;
      if (seconds[place] !== second) continue;
      seconds[place] = 0;
      levels.fill(0, place * OCTAVES, (place + 1) * OCTAVES);
      speech[place] = 0;
    }
    oldest = Math.max(oldest, until);
    if (oldest > newest) newest = -1;
  }

  return { put, window, unmarkSpeech, first, last: () => (newest < 0 ? null : (newest + 1) * SECOND), forget };
}
