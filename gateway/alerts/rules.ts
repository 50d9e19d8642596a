/** What the rule `conversation-in-shared-office` needs of a site, and its waiting times. */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { isSilent, type Site } from "#protocol/site.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** An office counts as left when nobody has been there for this long; sitting still looks like absence for a moment. */
export const VACANT_AFTER_MS = 60 * SECOND;
/** A conversation that begins within this time after an alert of the room continues the one that was told (ACOUSTICS §9.3 A1). */
export const REARM_MS = 5 * MINUTE;
/**
 * A continuation is told anew when it has itself lasted this long: longer than the rest of most half-hour interviews,
 * so that an interview with a pause is one alert, and shorter than a whole one, so that the next interview is another.
 */
export const CONTINUATION_MS = 15 * MINUTE;
/** From this many desks on, an overhearing is critical. */
export const CRITICAL_STAFF = 3;

export interface WatchRule {
  readonly id: RoomId;
  /** A shared office that may be measured. */
  readonly watched: boolean;
  readonly assigned: number;
  /** Indices of the rooms that only an `open` boundary separates. */
  readonly openTo: readonly number[];
}

export interface AlertRules {
  /** In the order of the site file. */
  readonly rooms: readonly WatchRule[];
  readonly indexOf: ReadonlyMap<RoomId, number>;
  /** How long a conversation lasts before the alert fires. */
  readonly afterMs: Millis;
}

export function alertRules(site: Site): AlertRules {
  const indexOf = new Map(site.rooms.map((room, i) => [room.id, i]));
  const openTo = (id: RoomId) =>
    site.boundaries
      .filter(({ kind, between }) => kind === "open" && between.includes(id))
      .map(({ between }) => indexOf.get(between[0] === id ? between[1] : between[0])!);
  const rooms = site.rooms.map((room) => ({
    id: room.id,
    watched: room.kind === "shared-office" && !isSilent(room),
    assigned: room.assigned,
    openTo: openTo(room.id),
  }));
  return { rooms, indexOf, afterMs: site.policy.conversationAlertAfterS * SECOND };
}
