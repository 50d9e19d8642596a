/** When which door stands open on a day: whoever comes or goes opens it, and some are left open. */
import type { Interval } from "#protocol/calendar.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Boundary, Site } from "#protocol/site.ts";
import type { ConversationKind, DayPlan, DoorEvent } from "./day-plan.ts";
import type { Random } from "./random.ts";
import type { DoorHabits } from "./scenario.ts";

const SECOND = 1000;

/** Conversations for which somebody comes in, and closes the door or does not. */
const VISITS: ReadonlySet<ConversationKind> = new Set(["interview", "drop-in", "meeting"]);

/** The moves of all doors on a day, from the stays and conversations that are planned. Times are whole seconds. */
export function planDoors(
  site: Site,
  habits: DoorHabits,
  open: Interval,
  { conversations, stays }: Pick<DayPlan, "conversations" | "stays">,
  random: Random,
): DoorEvent[] {
  const doors = doorsOf(site);
  const events: DoorEvent[] = [];
  const stand = (room: RoomId, state: DoorEvent["state"], from: Millis, until: Millis) => {
    const door = doors.get(room);
    if (door) events.push({ between: door.between, state, from: wholeSecond(from), until: wholeSecond(until) });
  };
  for (const stay of stays) {
    if (stay.as === "walker") continue;
    for (const t of [stay.from, stay.until]) stand(stay.room, "open", t, t + random.between(3, 7) * SECOND);
  }
  for (const { kind, room, from, until } of conversations) {
    const luck = random.uniform();
    if (!VISITS.has(kind) || luck >= habits.ajar + habits.open) continue;
    stand(room, luck < habits.ajar ? "ajar" : "open", from, until);
  }
  const noon = (open.from + open.until) / 2;
  for (const { id, kind } of site.rooms) {
    if (kind !== "shared-office" && kind !== "private-office") continue;
    if (random.chance(habits.openOffice)) stand(id, "open", open.from, noon);
    if (random.chance(habits.openOffice)) stand(id, "open", noon, open.until);
  }
  return events;
}

/** The door by which a room is entered: rather one from a corridor. */
function doorsOf(site: Site): Map<RoomId, Boundary> {
  const corridors = new Set(site.rooms.filter(({ kind }) => kind === "corridor").map(({ id }) => id));
  const entered = site.rooms.flatMap(({ id }): [RoomId, Boundary][] => {
    const own = site.boundaries.filter(({ kind, between }) => kind === "door" && between.includes(id));
    const door = own.find(({ between }) => between.some((room) => room !== id && corridors.has(room))) ?? own[0];
    return door && !corridors.has(id) ? [[id, door]] : [];
  });
  return new Map(entered);
}

const wholeSecond = (t: Millis): Millis => Math.round(t / SECOND) * SECOND;
