/** What sounds in the house besides its people: loudspeakers, ventilation that switches, the vacuum cleaner. */
import type { Interval } from "#protocol/calendar.ts";
import type { RoomId } from "#protocol/quantities.ts";
import type { RoomKind, Site } from "#protocol/site.ts";
import type { Broadcast, Sound, VentilationStep } from "./day-plan.ts";
import type { Random } from "./random.ts";
import type { HouseSounds } from "./scenario.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Over a normal voice's power, dB: a radio is 50 dBA at 1 m, an announcement 62. */
const RADIO_DB = -7;
const ANNOUNCEMENT_DB = 5;

/** Broadcasts of a day. Of the offices side by side two may listen to the same programme for an hour or two. */
export function planBroadcasts(site: Site, habits: HouseSounds, open: Interval, random: Random): Broadcast[] {
  const broadcasts: Broadcast[] = [];
  const add = (kind: Broadcast["kind"], rooms: readonly RoomId[], volumeDb: number, { from, until }: Interval) => {
    if (rooms.length === 0) return;
    const gains = rooms.map((room) => ({ room, gainDb: volumeDb + 2 * random.gaussian() }));
    broadcasts.push({ kind, rooms: gains, from, until, stream: `${kind} ${broadcasts.length}` });
  };
  for (const { id } of roomsOf(site, habits.radioIn)) add("radio", [id], RADIO_DB, open);
  for (const from of arrivals(open, habits.sharedRadiosPerDay / ((open.until - open.from) / HOUR), random)) {
    const until = Math.min(open.until, from + random.between(1, 2) * HOUR);
    add("radio", neighbours(site, random), RADIO_DB, { from, until });
  }
  const announced = roomsOf(site, habits.announcementsIn).map(({ id }) => id);
  for (const from of arrivals(open, habits.announcementsPerHour, random))
    add("announcement", announced, ANNOUNCEMENT_DB, { from, until: from + random.between(6, 16) * SECOND });
  return broadcasts;
}

/** Ventilation of some rooms at once that runs 3 to 8 dB louder for some minutes: those of one kind, or all. */
export function planVentilation(site: Site, habits: HouseSounds, open: Interval, random: Random): VentilationStep[] {
  const kinds = [...new Set(site.rooms.map(({ kind }) => kind))];
  return arrivals(open, habits.ventilationStepsPerHour, random).map((from) => ({
    rooms: (random.chance(0.3) ? site.rooms : roomsOf(site, [random.pick(kinds)])).map(({ id }) => id),
    byDb: random.between(3, 8),
    from,
    until: Math.min(open.until, from + random.between(2, 15) * MINUTE),
  }));
}

/** A round through the house in its last half hour, two minutes a room. */
export function planCleaning(site: Site, habits: HouseSounds, open: Interval): Sound[] {
  if (!habits.vacuumed) return [];
  const rooms = site.rooms.filter(({ kind }) => kind !== "conversation-room");
  return rooms.map(({ id }, i) => {
    const from = open.until - (rooms.length - i) * 2 * MINUTE;
    return { room: id, kind: "vacuum", from, until: from + 110 * SECOND };
  });
}

const roomsOf = (site: Site, kinds: readonly RoomKind[]) => site.rooms.filter(({ kind }) => kinds.includes(kind));

/** Two offices with a wall between them. */
function neighbours(site: Site, random: Random): RoomId[] {
  const offices = new Set(roomsOf(site, ["shared-office", "private-office"]).map(({ id }) => id));
  const walls = site.boundaries.filter(
    ({ between, kind }) => kind === "wall" && between.every((id) => offices.has(id)),
  );
  return walls.length === 0 ? [] : [...random.pick(walls).between];
}

/** Whole seconds within the opening hours, `perHour` on average. */
function arrivals(open: Interval, perHour: number, random: Random): number[] {
  const times: number[] = [];
  if (perHour <= 0) return times;
  for (let t = open.from; ; ) {
    t += random.exponential(HOUR / perHour);
    if (t >= open.until) return times;
    times.push(Math.floor(t / SECOND) * SECOND);
  }
}
