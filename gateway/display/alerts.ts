/** Which alerts somebody may see singly, with room and time. In sums: the report. Pure. */
import type { AlertRule } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";

/** For this long an alert that is over is still told as what is so now, to whom it was told while it was open. */
const RECENT_MS = 86_400_000;

/** Of an alert what decides; `pair`: speech from the first room, heard at the second. */
export interface Listed {
  readonly rule: AlertRule;
  readonly room: RoomId | null;
  readonly pair: readonly [RoomId, RoomId] | null;
  readonly resolvedAt: Millis | null;
}

export interface AlertLooker {
  /** Rooms of which somebody sees the live state. */
  readonly live: ReadonlySet<RoomId>;
  /** Rooms of which nobody does (units.ts). */
  readonly withheld: ReadonlySet<RoomId>;
  /** Whether somebody sees all that was, room by room. */
  readonly seesAll: boolean;
}

const roomsOf = ({ room, pair }: Pick<Listed, "room" | "pair">): readonly RoomId[] =>
  [room, ...(pair ?? [])].filter((one) => one !== null);

/**
 * Whether it is told in sums alone, while it is news and afterwards. Also where such a room only hears: how grave that is
 * depends on whether somebody is there. A boundary that keeps in less is a fact about the building.
 */
export const isInSumsAlone = (alert: Omit<Listed, "resolvedAt">, withheld: ReadonlySet<RoomId>): boolean =>
  alert.rule !== "privacy-degraded" && roomsOf(alert).some((room) => withheld.has(room));

/**
 * That a boundary keeps in less than it did is a fact about the building, for whoever sees leakage. All others say when
 * somebody talked: open or just over, for the rooms one sees live; later they are history, which is told singly to few.
 */
export function mayList(alert: Listed, { live, withheld, seesAll }: AlertLooker, now: Millis): boolean {
  const { rule, resolvedAt } = alert;
  if (seesAll || rule === "privacy-degraded") return true;
  if (isInSumsAlone(alert, withheld)) return false;
  const isPast = resolvedAt !== null && resolvedAt < now - RECENT_MS;
  return !isPast && roomsOf(alert).some((room) => live.has(room));
}
