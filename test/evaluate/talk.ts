/** Who really talked where, and what of it could really be heard elsewhere: the truth that everything is judged by. */
import type { Conversation } from "#firmware/world/day-plan.ts";
import type { Timetable } from "#firmware/world/timetable.ts";
import type { MinuteTruth, Truth } from "#firmware/world/truth.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";

export const MINUTE = 60_000;
/** Conversations of a room that overlap or follow each other within this are one. */
export const SAME_TALK_MS = MINUTE;

/** Talk in one room, from its first conversation to its last. */
export interface Talk extends Interval {
  readonly conversations: readonly Conversation[];
}

/** The talks of every room in [from, until), in order. */
export function talksOf(timetable: Timetable, from: Millis, until: Millis): Map<RoomId, Talk[]> {
  const talks = new Map<RoomId, Talk[]>();
  for (const one of timetable.conversations(from, until).toSorted((a, b) => a.from - b.from)) {
    const inRoom = talks.get(one.room) ?? [];
    const last = inRoom.at(-1);
    if (last && one.from <= last.until + SAME_TALK_MS)
      inRoom[inRoom.length - 1] = {
        from: last.from,
        until: Math.max(last.until, one.until),
        conversations: [...last.conversations, one],
      };
    else inRoom.push({ from: one.from, until: one.until, conversations: [one] });
    talks.set(one.room, inRoom);
  }
  return talks;
}

export const overlap = (one: Interval, other: Interval): boolean => one.from < other.until && one.until > other.from;

/** The minutes of the clock that [from, until) touches. */
export function minutesIn({ from, until }: Interval): Millis[] {
  const first = Math.floor(from / MINUTE) * MINUTE;
  return Array.from({ length: Math.max(0, Math.ceil((until - first) / MINUTE)) }, (_, i) => first + i * MINUTE);
}

/** The truth of one ordered pair, minute by minute; each minute is worked out once. */
export interface PairTruth {
  minute(t: Millis): MinuteTruth | null;
  /** Of the speech that `from` really has in the interval at `to`; −∞ without any. */
  greatestSnr(interval: Interval): number;
}

export function pairTruth(truth: Truth, from: RoomId, to: RoomId): PairTruth {
  const known = new Map<Millis, MinuteTruth | null>();
  const minute = (t: Millis): MinuteTruth | null => {
    const one = known.get(t) ?? truth.minute(from, to, t);
    known.set(t, one);
    return one;
  };
  return {
    minute,
    greatestSnr: (interval) =>
      Math.max(Number.NEGATIVE_INFINITY, ...minutesIn(interval).map((t) => minute(t)?.snrUni ?? -Infinity)),
  };
}

/** An ordered pair of rooms that a boundary joins, and the talk in the first. */
export interface Pair {
  readonly from: RoomId;
  readonly to: RoomId;
  readonly truth: PairTruth;
  readonly talks: readonly Talk[];
}
