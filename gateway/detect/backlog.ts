/**
 * Conversations in what a device tells afterwards: its backlog after an outage, or a reading that others overtook.
 * They are told when they are over, and never where the room's episodes cover the time already.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Hint, Readings } from "#protocol/readings.ts";
import { BACKLOG_QUIET_MS, STALE_MS } from "./rules.ts";

interface Open {
  readonly start: Millis;
  readonly knownOn: Millis;
  readonly hint: Hint;
  readonly occupied: boolean;
}

export interface Backlog {
  /** Time of the newest reading of the backlog. */
  readonly newest: Millis;
  readonly open: Open | null;
  /** When an open conversation is closed for want of further readings. */
  readonly quietAt: Millis;
}

/** A conversation of the past; whether it overlaps others is for the room to say. */
export interface Recovered {
  readonly start: Millis;
  readonly end: Millis;
  readonly hint: Hint;
  readonly occupied: boolean;
}

export interface BacklogStep {
  readonly backlog: Backlog;
  readonly recovered: Recovered | null;
}

export function stepBacklog(backlog: Backlog | null, reading: Readings["state"], receivedAt: Millis): BacklogStep {
  const open = backlog?.open ?? null;
  if (backlog !== null && reading.t < backlog.newest) return { backlog, recovered: null };
  const next = (now: Open | null): Backlog => ({
    newest: reading.t,
    open: now,
    quietAt: receivedAt + BACKLOG_QUIET_MS,
  });
  if (reading.conversation === "off")
    return { backlog: next(null), recovered: open && closed(open, Math.max(open.start, reading.since)) };
  const goesOn = open !== null && reading.since <= open.knownOn + STALE_MS;
  const now: Open = {
    start: goesOn ? open.start : reading.since,
    knownOn: reading.t,
    hint: reading.hint,
    occupied: (goesOn && open.occupied) || reading.occupied,
  };
  return { backlog: next(now), recovered: open === null || goesOn ? null : closed(open, open.knownOn) };
}

/** Nothing more has come: what was open is over where it was last known to go on. */
export function closeBacklog(backlog: Backlog): BacklogStep {
  return { backlog: { ...backlog, open: null }, recovered: backlog.open && closed(backlog.open, backlog.open.knownOn) };
}

const closed = ({ start, hint, occupied }: Open, end: Millis): Recovered => ({ start, end, hint, occupied });
