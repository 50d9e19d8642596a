/**
 * Which messages of the journal history does not hold yet, as arithmetic on their ids. Pure.
 * Normally there is one lane: live, in order. Far behind, what is missed becomes a range of its own, so that live
 * messages need not wait for it; then the two lanes take turns, and of the ranges the oldest drains first.
 */
import type { Backlog } from "../journal/journal.ts";

export interface Position {
  /** Half-open id ranges that are still to be moved, oldest first, disjoint. */
  readonly pending: Backlog;
  /** Every message from this id on is still to be moved. */
  readonly next: number;
}

export type Lane = "backlog" | "live";

/** A run of ids to read: [from, to). */
export interface Errand {
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
}

export const startPosition: Position = { pending: [], next: 1 };

/** How many messages history does not hold; ids that the journal has skipped count as well. */
export const behindOf = ({ pending, next }: Position, lastId: number): number =>
  pending.reduce((sum, [from, to]) => sum + to - from, 0) + Math.max(0, lastId + 1 - next);

/** Opens a fresh live lane at the head when the present one has more than `limit` messages before it. */
export function parkWhenFarBehind(position: Position, lastId: number, limit: number): Position {
  if (lastId + 1 - position.next <= limit) return position;
  return { pending: joined(position.pending, [position.next, lastId + 1]), next: lastId + 1 };
}

/**
 * What to read next: the lanes take turns while both have messages. `collecting`: fewer live messages than this wait for
 * more, without holding up the backlog.
 */
export function nextErrand(position: Position, lastId: number, previous: Lane, collecting = 1): Errand | undefined {
  const [oldest] = position.pending;
  const live = lastId + 1 - position.next >= collecting;
  if (oldest && (!live || previous === "live")) return { lane: "backlog", from: oldest[0], to: oldest[1] };
  return live ? { lane: "live", from: position.next, to: lastId + 1 } : undefined;
}

/** The position after the messages of an errand below `reached` have been moved. */
export function advance(position: Position, errand: Errand, reached: number): Position {
  if (errand.lane === "live") return { ...position, next: Math.max(position.next, reached) };
  const [oldest, ...rest] = position.pending;
  if (!oldest || reached >= oldest[1]) return { ...position, pending: rest };
  return { ...position, pending: [[reached, oldest[1]], ...rest] };
}

/** Everything from `id` on is to be moved again: the database may have lost what it had confirmed. */
export function rewind(position: Position, id: number): Position {
  const from = Math.min(id, position.pending[0]?.[0] ?? id);
  return from < position.next ? { ...position, pending: [[from, position.next]] } : position;
}

/** Every message with this id or a lower one is in history. */
export const heldThrough = ({ pending, next }: Position): number => (pending[0]?.[0] ?? next) - 1;

function joined(pending: Backlog, range: readonly [number, number]): Backlog {
  const last = pending.at(-1);
  return last && last[1] === range[0] ? [...pending.slice(0, -1), [last[0], range[1]]] : [...pending, range];
}
