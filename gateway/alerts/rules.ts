/** What the rules need of a site, and their waiting times. */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Room, Site } from "#protocol/site.ts";
import { leakageRules } from "../detect/leakage/rules.ts";
import { pairName } from "./alert.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
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

/** How long a conversation lasts before it is told that another room hears it (ACOUSTICS §9.3 A2). */
export const OVERHEARD_AFTER_MS = 30 * SECOND;
/** An alert stands while that SNR_uni is above −12 dB is at least this probable, and for this long after (A2). */
export const HELD_FROM = 0.5;
export const FADED_AFTER_MS = 2 * MINUTE;
/** What is not known of a pair for this long is no longer told. */
export const PAIR_UNKNOWN_AFTER_MS = 5 * MINUTE;
/** An alert is raised when more could be heard than it says for this long. */
export const WORSE_AFTER_MS = 60 * SECOND;

/**
 * When it is told that a boundary has changed: at the first full hour (UTC) after it was found. It is found when somebody
 * stops talking, and nobody needs the second of a fact about the building.
 */
export const fullHourAfter = (found: Millis): Millis => Math.floor(found / HOUR) * HOUR + HOUR;

export interface WatchRule {
  readonly id: RoomId;
  /** A shared office that may be measured. */
  readonly watched: boolean;
  readonly assigned: number;
  /** Indices of the rooms that only an `open` boundary separates. */
  readonly openTo: readonly number[];
  /** Indices of the pairs from it and to it. */
  readonly pairs: readonly number[];
}

export interface PairRule {
  readonly pair: readonly [from: RoomId, to: RoomId];
  /** Indices of its rooms. */
  readonly from: number;
  readonly to: number;
}

export interface AlertRules {
  /** In the order of the site file. */
  readonly rooms: readonly WatchRule[];
  readonly indexOf: ReadonlyMap<RoomId, number>;
  /** Pairs of which both rooms may be measured, from rooms that people go to for talk. */
  readonly pairs: readonly PairRule[];
  /** By `pairName`. */
  readonly pairIndexOf: ReadonlyMap<string, number>;
  /** How long a conversation in a shared office lasts before its alert fires. */
  readonly afterMs: Millis;
}

export function alertRules(site: Site): AlertRules {
  const indexOf = new Map(site.rooms.map((room, i) => [room.id, i]));
  const openTo = (id: RoomId) =>
    site.boundaries
      .filter(({ kind, between }) => kind === "open" && between.includes(id))
      .map(({ between }) => indexOf.get(between[0] === id ? between[1] : between[0])!);
  const pairs = pairRules(site);
  const rooms = site.rooms.map((room, index) => ({
    id: room.id,
    watched: room.kind === "shared-office" && !isSilent(room),
    assigned: room.assigned,
    openTo: openTo(room.id),
    pairs: pairs.flatMap(({ from, to }, i) => (from === index || to === index ? [i] : [])),
  }));
  const pairIndexOf = new Map(pairs.map(({ pair }, i) => [pairName(...pair), i]));
  return { rooms, indexOf, pairs, pairIndexOf, afterMs: site.policy.conversationAlertAfterS * SECOND };
}

/** Whoever talks in a waiting room or a corridor knows that others hear it: what is heard of it elsewhere alerts nobody. */
const isPassage = ({ kind }: Room): boolean => kind === "waiting-room" || kind === "corridor";

function pairRules(site: Site): PairRule[] {
  return leakageRules(site).pairs.flatMap(({ from, to }): PairRule[] => {
    const [a, b] = [site.rooms[from]!, site.rooms[to]!];
    return isSilent(a) || isSilent(b) || isPassage(a) ? [] : [{ pair: [a.id, b.id], from, to }];
  });
}
