/**
 * Which rooms are looked at, and when: those of which there is news, with the rooms next to them, at once; for what time alone
 * changes each room has its turn, once a minute and every ten seconds while somebody talks, shortly after the bands have come.
 * The rooms of a large house have their turns in portions, a moment apart: what arrives meanwhile waits for one portion and
 * never for the house.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Ear } from "./ear.ts";
import type { LeakageInput } from "./hear.ts";
import { type LeakageRules, LOOK_MS } from "./rules.ts";
import type { LeakageState } from "./state.ts";

const MINUTE = 60_000;
/** Bands come on the tens of seconds. */
const AFTER_BANDS_MS = 2000;
const PORTION_ROOMS = 50;
const BETWEEN_PORTIONS_MS = 100;

/** Indices of rooms, in order. */
export interface Looks {
  readonly rooms: readonly number[];
  /** Those whose pairs are judged even where nobody talks: there is news of them, or it is their turn of the minute. */
  readonly anew: readonly number[];
}

const NONE: Looks = { rooms: [], anew: [] };

/** After an input at `now`; `off` are those whose clock is found wrong. */
export function looksDue(
  state: LeakageState,
  input: LeakageInput,
  off: readonly boolean[],
  now: Millis,
  rules: LeakageRules,
): Looks {
  if (input.kind === "start") {
    const all = [...rules.rooms.keys()];
    return { rooms: all, anew: all };
  }
  const news = roomsWithNews(input, state.off, off, rules);
  const isTurn = now >= (state.due ?? 0);
  if (news.length === 0 && !isTurn) return NONE;
  const turns = (every: number) => (isTurn ? roomsWithTurn(rules.rooms.length, every, state.now, now) : []);
  const near = news.flatMap((room) => [room, ...rules.rooms[room]!.neighbours]);
  return { rooms: inOrder([...turns(turnsEvery(state.ears)), ...near]), anew: inOrder([...turns(MINUTE), ...news]) };
}

/** The room of a fact, and those whose clock is found right or wrong. */
function roomsWithNews(
  input: LeakageInput,
  before: readonly boolean[],
  off: readonly boolean[],
  { indexOf }: LeakageRules,
): readonly number[] {
  const ofClocks = off === before ? [] : [...off.keys()].filter((room) => off[room] !== before[room]);
  if (input.kind !== "room") return ofClocks;
  const room = indexOf.get(input.fact.kind === "situation" ? input.fact.situation.room : input.fact.episode.room);
  return room === undefined ? ofClocks : [...ofClocks, room];
}

/** When the next rooms have their turn. */
export function nextLook(ears: readonly Ear[], now: Millis): Millis {
  const every = turnsEvery(ears);
  const portions = Math.ceil(ears.length / PORTION_ROOMS);
  return Math.min(...Array.from({ length: portions }, (_, portion) => turnAfter(now, portion, portions, every)));
}

const turnsEvery = (ears: readonly Ear[]): number =>
  ears.some(({ talkingSince }) => talkingSince !== null) ? LOOK_MS : MINUTE;

function roomsWithTurn(rooms: number, every: number, before: Millis, now: Millis): readonly number[] {
  const due: number[] = [];
  const portions = Math.ceil(rooms / PORTION_ROOMS);
  for (let portion = 0; portion < portions; portion++) {
    if (turnAfter(before, portion, portions, every) > now) continue;
    const first = portion * PORTION_ROOMS;
    for (let room = first; room < Math.min(first + PORTION_ROOMS, rooms); room++) due.push(room);
  }
  return due;
}

/** When one of so many portions has its turn next; all of them within ten seconds. */
function turnAfter(at: Millis, portion: number, portions: number, every: number): Millis {
  const phase = AFTER_BANDS_MS + Math.floor(portion * Math.min(BETWEEN_PORTIONS_MS, LOOK_MS / portions));
  return (Math.floor((at - phase) / every) + 1) * every + phase;
}

/** Each once. */
export const inOrder = (indices: readonly number[]): readonly number[] => [...new Set(indices)].sort((a, b) => a - b);
