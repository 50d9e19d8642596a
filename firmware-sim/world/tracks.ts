/** A room's day by the second: how much is said, how many are there, what else sounds. What the levels are made from. */
import type { Interval } from "#protocol/calendar.ts";
import { energyOf, levelOf } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Conversation, Stay } from "./day-plan.ts";
import { QUANTILES } from "./dice.ts";
import { type Programme, programmeOf } from "./programme.ts";
import { createRandom, type Random } from "./random.ts";
import { type Spurt, spurtsOf } from "./talk.ts";
import type { Day, Timetable } from "./timetable.ts";

const SECOND = 1000;
/** How long before opening and after closing somebody may be in the house. */
const MARGIN = 900 * SECOND;
/** Somebody who comes or goes moves about this long, s. */
const SETTLING_S = 6;

/** Sounds other than speech, as bits of `Track.sounds`. */
export const KEYBOARD = 1;
export const PRINTER = 2;
export const RING = 4;
export const DOOR = 8;
export const STEPS = 16;
export const VACUUM = 32;
const BIT_OF = { printer: PRINTER, ring: RING, door: DOOR, vacuum: VACUUM } as const;

/** Index i of each array is the second that starts at `from` + i s. */
export interface Track extends Interval {
  /** Energy of normal voices and of raised ones, relative to one voice that speaks at its nominal level throughout. */
  readonly normal: Float32Array;
  readonly raised: Float32Array;
  /** How bright the voices are, dB per octave, times those energies. */
  readonly tilted: Float32Array;
  /** Share of the second in which somebody in this room speaks, 0–1. */
  readonly spoken: Float32Array;
  readonly sounds: Uint8Array;
  readonly people: Uint8Array;
  readonly moving: Uint8Array;
  /** What loudspeakers in this room play, and at which energy. */
  readonly programmes: readonly { readonly programme: Programme; readonly gain: number }[];
  /** When ventilation runs otherwise than usual, and by which factor on energy. */
  readonly ventilation: readonly (Interval & { readonly factor: number })[];
}

/**
 * How a voice's level varies from second to second within its spurts, dB, and how alike neighbours are. With the pauses
 * inside the seconds this makes the 4.3 dB and 0.12 measured on real conversations (ACOUSTICS §4, §7.6).
 */
const VOICE_SD_DB = 2.6;
const VOICE_MA = 0.17;
/** Voices have moments of silence but none of thunder: above this many standard deviations they do not rise. */
const VOICE_MOST = 1.5;
/** Taken off each second, so that the energy mean of a voice is its nominal level. */
const VOICE_BIAS_DB = levelOf(
  QUANTILES.reduce((sum, q) => sum + energyOf(VOICE_SD_DB * Math.min(VOICE_MOST, q)), 0) / QUANTILES.length,
);

/** The turns of a conversation, the same for whoever asks: levels, audio and ground truth. */
export const turnsOf = (day: Day, conversation: Conversation): Spurt[] =>
  spurtsOf(
    conversation.style,
    conversation.talkers.length,
    (conversation.until - conversation.from) / SECOND,
    createRandom(`${day.stream}/turns/${conversation.stream}`),
  );

const blank = (from: Millis, until: Millis, more: Partial<Track> = {}): Track => {
  const length = (until - from) / SECOND;
  return {
    from,
    until,
    normal: new Float32Array(length),
    raised: new Float32Array(length),
    tilted: new Float32Array(length),
    spoken: new Float32Array(length),
    sounds: new Uint8Array(length),
    people: new Uint8Array(length),
    moving: new Uint8Array(length),
    programmes: [],
    ventilation: [],
    ...more,
  };
};
const EMPTY = blank(0, 0);

/** The track of one room and day; of a closed day it is empty. */
function trackOf(day: Day, room: RoomId): Track {
  const random = createRandom(`${day.stream}/track/${room}`);
  const from = day.open ? Math.max(day.from, day.open.from - MARGIN) : day.from;
  const until = day.open ? Math.min(day.until, day.open.until + MARGIN) : day.from;
  const track = blank(from, until, {
    programmes: day.plan.broadcasts.flatMap((broadcast) =>
      broadcast.rooms
        .filter((taken) => taken.room === room)
        .map(({ gainDb }) => ({ programme: programmeOf(day, broadcast), gain: energyOf(gainDb) })),
    ),
    ventilation: day.plan.ventilation
      .filter(({ rooms }) => rooms.includes(room))
      .map(({ from, until, byDb }) => ({ from, until, factor: energyOf(byDb) })),
  });
  for (const conversation of day.plan.conversations)
    if (conversation.room === room)
      addConversation(track, conversation, turnsOf(day, conversation), random.fork(conversation.stream));
  for (const [i, stay] of day.plan.stays.entries())
    if (stay.room === room) addStay(track, stay, random.fork(`stay ${i}`));
  for (const sound of day.plan.sounds)
    if (sound.room === room) mark(track, sound.from, sound.until, BIT_OF[sound.kind]);
  return track;
}

export interface TrackReader {
  /** The track of the day `t` lies in and the index of its second there, −1 when the house is closed. Reused. */
  at(t: Millis): { readonly track: Track; readonly s: number };
}

/** Reads a room's tracks day after day, making each when it is come to. */
export function createTrackReader(room: RoomId, timetable: Timetable): TrackReader {
  let day: Interval = { from: 0, until: 0 };
  const place = { track: EMPTY, s: -1 };
  return {
    at(t) {
      if (t < day.from || t >= day.until) {
        const next = timetable.day(t);
        day = next;
        place.track = trackOf(next, room);
      }
      const { from, until } = place.track;
      place.s = t < from || t >= until ? -1 : Math.floor((t - from) / SECOND);
      return place;
    },
  };
}

/** Energy of a room's ventilation at `t` relative to what it usually is. */
export function ventilationAt(tracks: TrackReader, t: Millis): number {
  const { ventilation } = tracks.at(t).track;
  let factor = 1;
  for (let i = 0; i < ventilation.length; i++) {
    const step = ventilation[i]!;
    if (t >= step.from && t < step.until) factor *= step.factor;
  }
  return factor;
}

const secondAt = (track: Track, t: Millis): number => Math.floor((t - track.from) / SECOND);
const within = (track: Track, second: number): boolean => second >= 0 && second < track.sounds.length;

function addConversation(track: Track, { from, talkers }: Conversation, turns: readonly Spurt[], random: Random): void {
  const start = (from - track.from) / SECOND;
  let at = -1;
  let swing = 1;
  let last = random.gaussian();
  for (const spurt of turns) {
    const { gainDb, raised, tiltDb = 0 } = talkers[spurt.talker]!;
    const energies = raised ? track.raised : track.normal;
    const begin = start + spurt.from;
    const end = start + spurt.until;
    for (let s = Math.floor(begin); s < end; s++) {
      if (s !== at) {
        const fresh = random.gaussian();
        const x = (fresh + VOICE_MA * last) / Math.hypot(1, VOICE_MA);
        swing = energyOf(VOICE_SD_DB * Math.min(VOICE_MOST, x) - VOICE_BIAS_DB);
        last = fresh;
        at = s;
      }
      if (!within(track, s)) continue;
      const share = Math.min(end, s + 1) - Math.max(begin, s);
      const energy = share * swing * energyOf(gainDb);
      energies[s]! += energy;
      track.tilted[s]! += energy * tiltDb;
      track.spoken[s] = Math.min(1, track.spoken[s]! + share);
    }
  }
}

function addStay(track: Track, stay: Stay, random: Random): void {
  const first = Math.max(0, secondAt(track, stay.from));
  const end = Math.min(track.people.length, secondAt(track, stay.until));
  for (let s = first; s < end; s++) {
    track.people[s]!++;
    const moves = stay.as === "walker" || s < first + SETTLING_S || s >= end - SETTLING_S;
    if (!moves) continue;
    track.moving[s]!++;
    track.sounds[s]! |= STEPS;
  }
  if (stay.as === "worker") addTyping(track, first, end, random);
}

/** Somebody at a desk types in bursts, a third of the time. */
function addTyping(track: Track, first: number, end: number, random: Random): void {
  for (let s = first; s < end; ) {
    const pause = s + 2 + Math.round(random.exponential(30));
    const stop = pause + 2 + Math.round(random.exponential(14));
    for (let k = pause; k < Math.min(stop, end); k++) track.sounds[k]! |= KEYBOARD;
    s = stop;
  }
}

function mark(track: Track, from: Millis, until: Millis, bit: number): void {
  const end = Math.max(secondAt(track, from) + 1, secondAt(track, until));
  for (let s = secondAt(track, from); s < end; s++) if (within(track, s)) track.sounds[s]! |= bit;
}
