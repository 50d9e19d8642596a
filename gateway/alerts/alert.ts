/** An alert and its transitions, as values. */
import type { AlertRule, AlertState, Hearing, ResolveReason, Severity } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";

/** Identity is (rule, room or pair, start): a new start is a new alert, a replay of the same start is the same one. */
export interface Alert {
  readonly id: string;
  readonly rule: AlertRule;
  /** Of a pair the room that is heard. */
  readonly room: RoomId | null;
  /** Speech from the first room, heard at the second. */
  readonly pair: readonly [RoomId, RoomId] | null;
  readonly state: AlertState;
  readonly severity: Severity;
  readonly startedAt: Millis;
  readonly firedAt: Millis | null;
  readonly acknowledgedAt: Millis | null;
  readonly resolvedAt: Millis | null;
  readonly reason: ResolveReason | null;
  /** Of `overheard`: what could be heard when it fired, or more that could be for a minute since; at least `partly`. */
  readonly hearing?: Hearing;
  /** Of `privacy-degraded`: how much less the boundary keeps in, dB. */
  readonly dropDb?: number;
}

/** One step in an alert's life; (`alert.id`, `to`) happens at most once. */
export interface Transition {
  readonly to: AlertState;
  readonly at: Millis;
  /** The alert after the step. */
  readonly alert: Alert;
}

export const alertId = (rule: AlertRule, place: string, start: Millis): string => `${rule}:${place}:${start}`;

/** Names an ordered pair; no room's id has the sign. */
export const pairName = (from: RoomId, to: RoomId): string => `${from}>${to}`;
