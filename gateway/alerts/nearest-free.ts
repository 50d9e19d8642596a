/** Where to go on with a conversation that is overheard. */
import type { RoomId } from "#protocol/quantities.ts";
import { isPrivateRoom } from "#protocol/rooms.ts";
import type { Room, Site } from "#protocol/site.ts";

/** Answers which conversation rooms are known to be free now. */
export type FreeRooms = Pick<ReadonlySet<RoomId>, "has">;

/** The free conversation room on the shortest way from `from`; among equals the first of the site file. */
export function nearestFree(site: Site, from: RoomId, free: FreeRooms): Room | undefined {
  const steps = stepsFrom(site, from);
  return site.rooms
    .filter((room) => isPrivateRoom(room) && free.has(room.id) && room.id !== from)
    .map((room) => ({ room, distance: steps.get(room.id) ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => (a.distance === b.distance ? 0 : a.distance - b.distance))[0]?.room;
}

/** How many doors and openings lie on the way to each room; nobody walks through a wall or a screen. */
function stepsFrom(site: Site, from: RoomId): Map<RoomId, number> {
  const ways = waysIn(site);
  const steps = new Map([[from, 0]]);
  for (const [room, step] of steps)
    for (const next of ways.get(room) ?? []) if (!steps.has(next)) steps.set(next, step + 1);
  return steps;
}

const known = new WeakMap<Site, ReadonlyMap<RoomId, readonly RoomId[]>>();

/** Rooms that lie behind a door or an opening of each room: asked with every alert, and constant per site. */
function waysIn(site: Site): ReadonlyMap<RoomId, readonly RoomId[]> {
  const made = known.get(site);
  if (made !== undefined) return made;
  const ways = new Map<RoomId, RoomId[]>();
  const lead = (from: RoomId, to: RoomId) => ways.set(from, [...(ways.get(from) ?? []), to]);
  for (const { kind, between } of site.boundaries) {
    if (kind !== "door" && kind !== "open") continue;
    lead(between[0], between[1]);
    lead(between[1], between[0]);
  }
  known.set(site, ways);
  return ways;
}
