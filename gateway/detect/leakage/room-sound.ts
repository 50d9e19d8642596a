/** One room by itself: how loud it is when nobody talks, and how loud the talk in it. */
import { energyOf, levelOf } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import { BACKGROUND_WINDOW_S, currentBackground, hearFrames, LEAST_QUIET_S } from "./background.ts";
import type { Draft } from "./draft.ts";
import type { Ear } from "./ear.ts";
import { levelEnergy, type Window } from "./frames.ts";
import { LOOK_MS, WINDOW_MS, WINDOW_S } from "./rules.ts";

const BACKGROUND_MS = BACKGROUND_WINDOW_S * 1000;
/** How often the background is looked at. */
const BACKGROUND_EVERY_MS = 60_000;
/** Speech seconds of the last minute that a level of talk needs. */
const LEAST_SPEECH_S = 5;

/** How loud the room is by itself, and how loud the talk in it. */
export function hearRoomItself(draft: Draft, room: number): void {
  const { ears, frames, now } = draft;
  const last = frames[room]!.last();
  const ear = ears[room]!;
  if (last === null || last < now - 2 * LOOK_MS) return;
  const background = isBackgroundDue(ear, now)
    ? hearFrames(
        ear.background,
        frames[room]!.window(last - BACKGROUND_MS, BACKGROUND_WINDOW_S),
        quietIn(draft, room, last),
        last,
      )
    : ear.background;
  const noise = currentBackground(background, now);
  const talk =
    ear.talkingSince === null ? null : talkIn(frames[room]!.window(last - WINDOW_MS, WINDOW_S), noise?.levels ?? null);
  ears[room] = { ...ear, background, talk: talk ?? ear.talk };
}

const isBackgroundDue = ({ background }: Ear, now: Millis): boolean =>
  now - (background.frames?.at ?? 0) >= BACKGROUND_EVERY_MS;

/** Marks the seconds in which neither the room nor any next to it is heard to speak; too few may be too many. */
function quietIn({ rules, ears, frames }: Draft, room: number, until: Millis): Uint8Array {
  const quiet = new Uint8Array(BACKGROUND_WINDOW_S).fill(1);
  for (const one of [room, ...rules.rooms[room]!.neighbours]) {
    const left = frames[one]!.unmarkSpeech(quiet, until - BACKGROUND_MS, ears[one]!.talkingSince !== null);
    if (left < LEAST_QUIET_S) break;
  }
  return quiet;
}

/** Octave levels of the window's speech, its background taken out; null with too little of it. */
function talkIn({ levels, speech }: Window, noise: readonly number[] | null): number[] | null {
  let seconds = 0;
  for (const one of speech) seconds += one;
  if (seconds < LEAST_SPEECH_S) return null;
  return levels.map((octave, k) => {
    let sum = 0;
    for (let i = 0; i < speech.length; i++) if (speech[i] === 1) sum += levelEnergy(octave[i]!);
    const energy = sum / seconds;
    const background = noise === null ? 0 : energyOf(noise[k]!);
    return levelOf(Math.max(energy - background, energy / 10));
  });
}
