/** Where to go on with a conversation that is overheard. */
import type { RoomId } from "#protocol/quantities.ts";
import { isPrivateRoom } from "#protocol/rooms.ts";
import type { Room, Site } from "#protocol/site.ts";

/** The free conversation room on the shortest way from `from`; among equals the first of the site file. */
export function nearestFree(site: Site, from: RoomId, free: ReadonlySet<RoomId>): Room | undefined {
  const steps = stepsFrom(site, from);
  return site.rooms
    .filter((room) => isPrivateRoom(room) && free.has(room.id) && room.id !== from)
    .map((room) => ({ room, distance: steps.get(room.id) ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => (a.distance === b.distance ? 0 : a.distance - b.distance))[0]?.room;
}

/** How many doors and openings lie on the way to each room; nobody walks through a wall or a screen. */
function stepsFrom(site: Site, from: RoomId): Map<RoomId, number> {
  const ways = site.boundaries.filter(({ kind }) => kind === "door" || kind === "open");
  const steps = new Map([[from, 0]]);
  const queue = [from];
  for (let room = queue.shift(); room !== undefined; room = queue.shift())
    for (const { between } of ways) {
      if (!between.includes(room)) continue;
      const next = between[0] === room ? between[1] : between[0];
      if (steps.has(next)) continue;
      steps.set(next, steps.get(room)! + 1);
      queue.push(next);
    }
  return steps;
}
