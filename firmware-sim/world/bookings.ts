/** Which interviews are booked in a week: citizens choose the half hour themselves, within the opening hours. */
import { type Interval, localTime, openIntervals, startOfDay } from "#protocol/calendar.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { type Site, Weekday } from "#protocol/site.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

export const HALF_HOUR = 1_800_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A place of work; the number tells the desks of a room apart. */
export interface Desk {
  readonly room: RoomId;
  readonly number: number;
  readonly interviews: boolean;
}

export interface Booking {
  readonly slot: Millis;
  readonly desk: Desk;
}

const isShared = (kind: string) => kind === "shared-office" || kind === "open-plan";

/** Every desk of the site; the first in each shared office belong to those who hold interviews. */
export function desksOf(site: Site, scenario: Pick<Scenario, "caseworkerShare">): Desk[] {
  const all = site.rooms.flatMap((room) =>
    Array.from({ length: room.assigned }, (_, number) => ({ room: room.id, number, shared: isShared(room.kind) })),
  );
  const byNumber = all.filter(({ shared }) => shared).sort((a, b) => a.number - b.number);
  const caseworkers = new Set(byNumber.slice(0, Math.round(byNumber.length * scenario.caseworkerShare)));
  return all.map((desk) => ({ room: desk.room, number: desk.number, interviews: caseworkers.has(desk) }));
}

/** Local midnight of the Monday of the week `t` lies in. */
export function startOfWeek(t: Millis, timeZone: string): Millis {
  const today = startOfDay(t, timeZone);
  const weekday = Weekday.options.indexOf(localTime(t, timeZone).weekday);
  // Noon less whole days is in the right day whatever the clock change does.
  return startOfDay(today + DAY / 2 - weekday * DAY, timeZone);
}

/** A week's bookings in order of time. No desk has two at once, none more than the scenario allows, none when closed. */
export function bookWeek(
  site: Site,
  scenario: Scenario,
  desks: readonly Desk[],
  monday: Millis,
  random: Random,
): Booking[] {
  const caseworkers = desks.filter((desk) => desk.interviews);
  const slots = openIntervals(site, monday, startOfDay(monday + 7.5 * DAY, site.timeZone)).flatMap(halfHours);
  const popularity = slots.map(
    ({ sinceOpening }) =>
      scenario.popularity[Math.min(scenario.popularity.length - 1, sinceOpening)]! * Math.exp(0.35 * random.gaussian()),
  );
  const free = slots.map(() => random.shuffle(caseworkers));
  const held = new Map<Desk, number>();
  const bookings: Booking[] = [];
  const wanted = Math.round(scenario.interviewsPerCaseworker * caseworkers.length);
  while (bookings.length < wanted) {
    const weights = slots.map((_, i) => (free[i]!.length > 0 ? popularity[i]! : 0));
    const chosen = weighted(weights, random);
    if (chosen < 0) break;
    const desk = free[chosen]!.pop()!;
    const before = held.get(desk) ?? 0;
    if (before >= scenario.interviewsAtMost) continue;
    held.set(desk, before + 1);
    bookings.push({ slot: slots[chosen]!.start, desk });
  }
  return bookings.sort((a, b) => a.slot - b.slot);
}

function halfHours(open: Interval): { start: Millis; sinceOpening: number }[] {
  const count = Math.floor((open.until - open.from) / HALF_HOUR);
  return Array.from({ length: count }, (_, i) => ({ start: open.from + i * HALF_HOUR, sinceOpening: i }));
}

/** Index drawn by weight; −1 when nothing has any. */
function weighted(weights: readonly number[], random: Random): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return -1;
  let left = random.uniform() * total;
  let last = -1;
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = i;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}
