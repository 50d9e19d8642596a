/**
 * What somebody may see of rooms, alerts, pairs and devices: one answer for the API and the stream, for a team lead and for
 * the people of the room (PRIVACY §1.5, §2, §3). Pure.
 */
import {
  type AlertView,
  type DeviceView,
  type FreeRoomView,
  heardFaults,
  type PairView,
  type RoomView,
} from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Room, Site } from "#protocol/site.ts";
import { mayList } from "../display/alerts.ts";
import type { ToldFrom } from "../display/regrouping.ts";
import { groupedSight, type Sight as HistorySight, sightOf as historySight } from "../display/sight.ts";
import { withheldRooms } from "../display/units.ts";
import { type Person, reachFor } from "./person.ts";

export interface Sight {
  /** The same for all who are told the same now. */
  readonly key: string;
  /** Rooms whose present state, talk and alerts are told. */
  readonly live: ReadonlySet<RoomId>;
  readonly freeRooms: boolean;
  /** Of every boundary how much it keeps in. */
  readonly leakage: boolean;
  /** Every alert that is over. */
  readonly pastAlerts: boolean;
  /** Rooms of which nothing that happens in them is told to anybody. */
  readonly silent: ReadonlySet<RoomId>;
  /** Rooms of which it is told to nobody while it happens: never `live`, whoever works there or leads. */
  readonly withheld: ReadonlySet<RoomId>;
  /** Rooms that a boundary joins to one of these. */
  readonly nextDoor: ReadonlySet<RoomId>;
}

export type SightOf = (person: Person | undefined) => Sight;

/** Prepares the answers for a site. Rooms that the site does not have are nobody's. */
export function sightsOf(site: Site): SightOf {
  const ownRooms = ownRoomsOf(site);
  const everywhere = site.rooms.map(({ id }) => id);
  const silent = new Set(site.rooms.filter(isHidden).map(({ id }) => id));
  const withheld = withheldRooms(site);
  const joined = site.boundaries.filter(({ between }) => between.some((room) => withheld.has(room)));
  const nextDoor = new Set(joined.flatMap(({ between }) => between));
  return (person) => {
    const reach = reachFor(person, "live");
    const theirs = new Set(reach.has("all") ? everywhere : reach.has("own-rooms") ? ownRooms(person) : []);
    const live = theirs.difference(withheld);
    const freeRooms = reachFor(person, "free-rooms").has("all");
    const leakage = reachFor(person, "leakage").has("all");
    const pastAlerts = reachFor(person, "history").has("all");
    const key = JSON.stringify([freeRooms, leakage, pastAlerts, [...live].sort()]);
    return { key, live, freeRooms, leakage, pastAlerts, silent, withheld, nextDoor };
  };
}

export type HistorySightOf = (person: Person | undefined, now: Millis) => HistorySight;

/** What the display rules (display/sight.ts) tell somebody of the past; who may see none of it is told building facts alone. */
export function historySightsOf(site: Site, toldFrom?: ToldFrom): HistorySightOf {
  const ownRooms = ownRoomsOf(site);
  return (person, now) => {
    const looker = { reach: reachFor(person, "history"), rooms: ownRooms(person) };
    const none = { ...groupedSight(site, now, toldFrom), reach: "own-rooms" as const, own: [] };
    return historySight(site, looker, now, toldFrom) ?? none;
  };
}

/** By the ids of the site file, whatever case a person's are written in. */
function ownRoomsOf(site: Site): (person: Person | undefined) => readonly RoomId[] {
  const byName = new Map(site.rooms.map(({ id }) => [id.toLowerCase(), id]));
  return (person) => (person?.rooms ?? []).flatMap((id) => byName.get(id.toLowerCase()) ?? []);
}

const isHidden = (room: Room): boolean => isSilent(room) || room.kind === "private-office";

/** Why it is not known whether a room keeps talk in may be what the sensor next door hears. */
export function seenRoom({ live, nextDoor }: Sight, room: RoomView): RoomView | undefined {
  if (!live.has(room.id)) return undefined;
  const isOfPairs = room.privacyReason !== null && room.reason === null;
  return isOfPairs && nextDoor.has(room.id) ? { ...room, privacyReason: "not-told" } : room;
}

/** A door sign: of a conversation room whether somebody may go in, and whether it would keep their talk in. */
export function seenFreeRoom({ freeRooms }: Sight, room: RoomView): FreeRoomView | undefined {
  if (!freeRooms || room.kind !== "conversation-room") return undefined;
  const state = room.free === null ? "unknown" : room.free ? "free" : "in-use";
  return {
    id: room.id,
    name: room.name,
    state,
    readiness: state === "free" && room.privacy === "private" ? "private" : "unknown",
  };
}

/** What the display rules let be listed; of a room of one person only what is said of its boundary. */
export function seenAlert(sight: Sight, alert: AlertView, now: Millis): AlertView | undefined {
  const { room, rule } = alert;
  const resolvedAt = alert.resolvedAt === null ? null : Date.parse(alert.resolvedAt);
  if (rule === "privacy-degraded") return sight.leakage ? alert : undefined;
  if (room === null || sight.silent.has(room)) return undefined;
  const seesAll = sight.pastAlerts && resolvedAt !== null;
  return mayList({ ...alert, resolvedAt }, { ...sight, seesAll }, now) ? alert : undefined;
}

/** What is heard of a room one sees; not where it is heard, if that room is withheld: how well depends on what goes on there. */
export const seesTalk = ({ live, withheld }: Sight, { from, to }: Pick<PairView, "from" | "to">): boolean =>
  live.has(from) && !withheld.has(to);

/** `held`: what was known of the boundary some time ago, for who is not told of talk; see `withoutTalk`. */
export function seenPair(
  sight: Sight,
  pair: PairView,
  held: (pair: PairView) => PairView | undefined,
): PairView | undefined {
  if (seesTalk(sight, pair)) return pair;
  return sight.leakage ? held(pair) : undefined;
}

const EPISODES_STEP = 10;
const DAY_LENGTH = "2026-11-23".length;

/** Of a pair what is known of its boundary, whoever talks. Counts and times are coarse: each conversation moves them. */
export const withoutTalk = (pair: PairView): PairView => ({
  ...pair,
  state: "unknown",
  reason: pair.reason === "silent-room" ? "silent-room" : "not-told",
  reasonRoom: null,
  link: null,
  hearing: null,
  snr: null,
  sii5: null,
  probability: null,
  confidence: null,
  episodes: Math.floor(pair.episodes / EPISODES_STEP) * EPISODES_STEP,
  learnedAt: pair.learnedAt && `${pair.learnedAt.slice(0, DAY_LENGTH)}T00:00:00.000Z`,
});

const MINUTE_LENGTH = "2026-11-23T10:00".length;

/** A device says more when its room's state changes, and hears what goes on there: that is told with the room alone. */
export const seenDevice = ({ live }: Sight, device: DeviceView): DeviceView =>
  live.has(device.room)
    ? device
    : {
        ...device,
        lastSeen: device.lastSeen && `${device.lastSeen.slice(0, MINUTE_LENGTH)}:00.000Z`,
        clockSkewMs: null,
        received: null,
        faults: device.faults.filter((fault) => !heardFaults.has(fault)),
      };
