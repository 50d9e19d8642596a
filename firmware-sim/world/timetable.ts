/** The site's days one after another, each made when it is asked for and always the same for the same seed. */
import { type Interval, localTime, openIntervals, startOfDay } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { type Booking, bookWeek, desksOf, startOfWeek } from "./bookings.ts";
import { type Conversation, type DayPlan, planDay } from "./day-plan.ts";
import { createRandom } from "./random.ts";
import type { Scenario } from "./scenario.ts";

const DAY = 86_400_000;
/** Days and weeks kept after use; an iteration needs one, a report that straddles midnight two. */
const KEPT = 4;

/** One local day: from midnight to midnight, 23 to 25 hours. */
export interface Day extends Interval {
  /** Local date, YYYY-MM-DD. */
  readonly date: string;
  /** When the house is open; absent on a closed day, whose plan is empty. */
  readonly open: Interval | undefined;
  readonly plan: DayPlan;
  /** Names the streams of this day: seed, site, scenario and date. */
  readonly stream: string;
}

export interface Timetable {
  /** The day `t` lies in. */
  day(t: Millis): Day;
  /** Ground truth: conversations that overlap [from, until), in order of their start. */
  conversations(from: Millis, until: Millis): Conversation[];
}

const FOREVER = 1e14;
export const NOTHING_PLANNED: DayPlan = {
  conversations: [],
  stays: [],
  sounds: [],
  doors: [],
  broadcasts: [],
  ventilation: [],
};

export function createTimetable(site: Site, scenario: Scenario, seed: string | number): Timetable {
  const name = `${seed}/${site.site}/${scenario.name}`;
  const root = createRandom(name);
  const desks = desksOf(site, scenario);
  const days: Day[] = [];

  const week = remembered((monday: Millis) => {
    const stream = root.fork(`week ${localTime(monday, site.timeZone).date}`);
    return bookWeek(site, scenario, desks, monday, stream);
  });
  const make = (t: Millis): Day => {
    const from = startOfDay(t, site.timeZone);
    const until = startOfDay(from + 1.25 * DAY, site.timeZone);
    const { date, weekday } = localTime(from, site.timeZone);
    const open = openIntervals(site, from, until)[0];
    const stream = `${name}/day ${date}`;
    if (!open) return { from, until, date, open, plan: NOTHING_PLANNED, stream };
    const bookings: Booking[] = week(startOfWeek(t, site.timeZone)).filter(
      ({ slot }) => slot >= open.from && slot < open.until,
    );
    return {
      from,
      until,
      date,
      open,
      plan: planDay(site, scenario, desks, { open, weekday, bookings }, createRandom(stream)),
      stream,
    };
  };
  const day = (t: Millis): Day => {
    const known = days.find((d) => t >= d.from && t < d.until);
    if (known) return known;
    const made = make(t);
    days.unshift(made);
    days.length = Math.min(days.length, KEPT);
    return made;
  };
  return {
    day,
    conversations(from, until) {
      const found: Conversation[] = [];
      for (let d = day(from); ; d = day(d.until)) {
        found.push(...d.plan.conversations.filter((c) => c.from < until && c.until > from));
        if (d.until >= until) return found;
      }
    },
  };
}

/** One written plan and nothing before or after it: a scene. `stream` names its random streams, seed included. */
export function fixedTimetable(open: Interval, plan: DayPlan, stream: string): Timetable {
  const day: Day = { ...open, date: stream, open, plan, stream };
  const closed = (from: Millis, until: Millis): Day => ({
    from,
    until,
    date: "",
    open: undefined,
    plan: NOTHING_PLANNED,
    stream,
  });
  const before = closed(open.from - FOREVER, open.from);
  const after = closed(open.until, open.until + FOREVER);
  return {
    day: (t) => (t < open.from ? before : t < open.until ? day : after),
    conversations: (from, until) => plan.conversations.filter((c) => c.from < until && c.until > from),
  };
}

/** A function of an instant that keeps its last few answers. */
function remembered<T>(make: (key: Millis) => T): (key: Millis) => T {
  const kept = new Map<Millis, T>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
    kept.set(key, made);
    return made;
  };
}
