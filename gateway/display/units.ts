/**
 * Which rooms' behaviour may be told singly, which only together, which not at all (PRIVACY §2): a partition of the rooms
 * that follows from what the site file says of them, never from what was measured, nor from the order in which it says it:
 * who could group the same days anew could subtract. Pure.
 *
 * What is told is told of units, and whatever is told of more is a sum of told units. A room is in one unit at most, so no
 * difference of told figures is a part of a unit.
 */
import type { Names, SuppressReason } from "#protocol/api.ts";
import type { RoomId } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Room, Site } from "#protocol/site.ts";

/** Staff of a room whose behaviour is told singly. */
const LEAST_IN_ROOM = 3;
/** Staff, and rooms they sit in, of which behaviour is told together. */
const LEAST_IN_GROUP = 5;
const LEAST_ROOMS = 2;

export type UnitKind = "room" | "group" | "conversation-rooms";

export interface Unit {
  /** A room's id, a zone's, or one of the gateway's. */
  readonly id: string;
  readonly kind: UnitKind;
  readonly name: Names;
  /** One of kind `room`, at least two otherwise; in the order of the site file. */
  readonly rooms: readonly RoomId[];
}

export interface Units {
  readonly told: readonly Unit[];
  /** Of every room of the site: the unit it is told in, or why it is told in none. */
  readonly of: ReadonlyMap<RoomId, Unit | SuppressReason>;
}

export function unitsOf(site: Site): Units {
  const staffed = byId(site.rooms.filter(isStaffRoom));
  const told = [...staffUnits(site, staffed), ...conversationRooms(site, staffed), ...commonRooms(site, staffed)];
  const unitOf = new Map(told.flatMap((unit) => unit.rooms.map((room) => [room, unit] as const)));
  const of = new Map(
    site.rooms.map((room) => [
      room.id,
      unitOf.get(room.id) ?? (isOnePersons(room) ? ("one-person" as const) : ("too-few-people" as const)),
    ]),
  );
  return { told, of };
}

/** With `privacy: strict` rooms that people work in are told in groups and by the day alone: not live, nor their alerts singly. */
export const withheldRooms = (site: Site): ReadonlySet<RoomId> =>
  new Set(site.policy.privacy === "strict" ? site.rooms.filter(isStaffRoom).map(({ id }) => id) : []);

/** Whether it may be told on which day a boundary was learned from, which is one on which somebody talked in the room. */
export function isToldByDay({ of }: Units, room: RoomId): boolean {
  const unit = of.get(room);
  return typeof unit === "object" && unit.kind === "room";
}

/** A private office of unknown staff is taken for one person's. */
const isOnePersons = (room: Room): boolean => isSilent(room) || (room.kind === "private-office" && room.assigned < 2);
const isStaffRoom = (room: Room): boolean =>
  !isOnePersons(room) &&
  room.kind !== "conversation-room" &&
  (room.kind === "shared-office" || room.kind === "open-plan" || room.assigned > 0);

const byId = <T extends { readonly id: string }>(things: readonly T[]): readonly T[] =>
  things.toSorted((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));

const staffIn = (rooms: readonly Room[]): number => rooms.reduce((sum, { assigned }) => sum + assigned, 0);
const isEnough = (rooms: readonly Room[]): boolean =>
  staffIn(rooms) >= LEAST_IN_GROUP && rooms.filter(({ assigned }) => assigned > 0).length >= LEAST_ROOMS;

const roomUnit = ({ id, name }: Room): Unit => ({ id, kind: "room", name, rooms: [id] });

/** Rooms of at least three singly, the others in groups. `strict`: all of them in groups. */
function staffUnits(site: Site, staffed: readonly Room[]): Unit[] {
  const needsOthers = ({ assigned }: Room) => site.policy.privacy === "strict" || assigned < LEAST_IN_ROOM;
  const rooms: Places = { small: staffed.filter(needsOthers), spare: staffed.filter((room) => !needsOthers(room)) };
  const zones: Unit[] = [];
  for (const zone of byId(site.zones)) {
    const group = gather(
      rooms.small.filter(({ id }) => zone.rooms.includes(id)),
      rooms.spare.filter(({ id }) => zone.rooms.includes(id)),
    );
    if (group === undefined) continue;
    zones.push(unitOfGroup(zone.id, zone.name, group, site));
    take(rooms, group);
  }
  const others = chunks(rooms, zones.length > 0);
  const unnamed = others.groups.map((group) => unitOfGroup(`group-${group[0]!.id}`, namesOf(group), group, site));
  return [...rooms.spare.map(roomUnit), ...joined(zones, others.left, site), ...unnamed];
}

interface Places {
  /** Told only with others. */
  small: readonly Room[];
  /** Large enough to be told singly, as long as no group needs them. */
  spare: readonly Room[];
}

function take(rooms: Places, group: readonly Room[]): void {
  rooms.small = rooms.small.filter((room) => !group.includes(room));
  rooms.spare = rooms.spare.filter((room) => !group.includes(room));
}

/**
 * The small rooms, and of the larger ones as few as it takes, smallest first: complementary suppression. A zone of one
 * small and one large room, both told, would tell the small one. Undefined where all together are too few, or none needs it.
 */
function gather(small: readonly Room[], spare: readonly Room[]): Room[] | undefined {
  if (small.length === 0) return undefined;
  const group = [...small];
  const reserve = spare.toSorted((a, b) => a.assigned - b.assigned);
  while (!isEnough(group)) {
    const next = reserve.shift();
    if (next === undefined) return undefined;
    group.push(next);
  }
  return group;
}

/** Small rooms in no zone, or in one too small, by their ids: a group as soon as they are enough. */
function chunks(rooms: Places, hasZones: boolean): { groups: Room[][]; left: readonly Room[] } {
  const groups: Room[][] = [];
  let open: Room[] = [];
  for (const room of rooms.small) {
    open.push(room);
    if (!isEnough(open)) continue;
    groups.push(open);
    open = [];
  }
  if (open.length === 0) return { groups, left: [] };
  if (groups.length > 0) {
    groups.at(-1)!.push(...open);
    return { groups, left: [] };
  }
  const group = hasZones ? undefined : gather(open, rooms.spare);
  if (group === undefined) return { groups, left: open };
  take(rooms, group);
  return { groups: [group], left: [] };
}

/** What is too little by itself joins the last zone that is told; without one it is not told. */
function joined(zones: readonly Unit[], left: readonly Room[], site: Site): readonly Unit[] {
  const last = zones.at(-1);
  if (last === undefined || left.length === 0) return zones;
  const rooms = site.rooms.filter((room) => last.rooms.includes(room.id) || left.includes(room));
  return [...zones.slice(0, -1), { ...last, rooms: rooms.map(({ id }) => id) }];
}

const unitOfGroup = (id: string, name: Names, group: readonly Room[], site: Site): Unit => ({
  id,
  kind: "group",
  name,
  rooms: site.rooms.filter((room) => group.includes(room)).map((room) => room.id),
});

const namesOf = (rooms: readonly Room[]): Names => ({
  da: rooms.map(({ name }) => name.da).join(", "),
  en: rooms.map(({ name }) => name.en).join(", "),
});

/** Who books which is known to the team lead, so a room's dated use is a caseworker's: all of them together (PRIVACY §2). */
function conversationRooms(site: Site, staffed: readonly Room[]): Unit[] {
  const rooms = site.rooms.filter((room) => room.kind === "conversation-room" && !isOnePersons(room));
  if (rooms.length < LEAST_ROOMS || staffIn(staffed) < LEAST_IN_GROUP) return [];
  const name = { da: "Samtalerum", en: "Conversation rooms" };
  return [{ id: "conversation-rooms", kind: "conversation-rooms", name, rooms: rooms.map(({ id }) => id) }];
}

/** Corridors and waiting rooms in which nobody has a desk: whoever talks there is one of the whole house or a visitor. */
function commonRooms(site: Site, staffed: readonly Room[]): Unit[] {
  if (staffIn(staffed) < LEAST_IN_GROUP) return [];
  return site.rooms
    .filter((room) => room.assigned === 0 && (room.kind === "waiting-room" || room.kind === "corridor"))
    .map(roomUnit);
}
