/** When the devices of a site measure. */
import { type Interval, measuringIntervals } from "./calendar.ts";
import type { Millis } from "./quantities.ts";
import type { Site } from "./site.ts";

const DAY_MS = 86_400_000;
/** More than readings that are taken at one time reach back. */
const DAYS_KNOWN = 32;

/** Reads the calendar once per day (UTC): quick for instants in any order, such as a backlog's between live ones. */
export function measuringHours(site: Site): (t: Millis) => boolean {
  if (site.policy.measuring === "always") return () => true;
  const days = new Map<number, readonly Interval[]>();
  const hoursOf = (day: number): readonly Interval[] => {
    if (days.size >= DAYS_KNOWN) days.clear();
    const hours = measuringIntervals(site, day * DAY_MS, (day + 1) * DAY_MS);
    days.set(day, hours);
    return hours;
  };
  return (t) => {
    const day = Math.floor(t / DAY_MS);
    for (const { from, until } of days.get(day) ?? hoursOf(day)) if (t >= from && t < until) return true;
    return false;
  };
}
