/** Instants ↔ local time of a site, through the IANA tables. A day may have 23 or 25 hours. */
import { Temporal } from "temporal-polyfill";
import type { Millis } from "./quantities.ts";
import { type Site, Weekday } from "./site.ts";

export interface Interval {
  readonly from: Millis;
  readonly until: Millis;
}

const zoned = (ms: Millis, timeZone: string) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);

/** Local hour 0–23, ISO weekday and date of an instant. */
export function localTime(ms: Millis, timeZone: string): { date: string; weekday: Weekday; hour: number } {
  const local = zoned(ms, timeZone);
  return { date: local.toPlainDate().toString(), weekday: Weekday.options[local.dayOfWeek - 1]!, hour: local.hour };
}

/** Start of the local day that `ms` lies in. */
export const startOfDay = (ms: Millis, timeZone: string): Millis => zoned(ms, timeZone).startOfDay().epochMilliseconds;

const FIRST_MONDAY = Temporal.PlainDate.from("2024-01-01");

/** The local day that `ms` lies in, counted from Monday 1 January 2024: sevens of days are weeks from Monday to Sunday. */
export const dayNumber = (ms: Millis, timeZone: string): number =>
  FIRST_MONDAY.until(zoned(ms, timeZone).toPlainDate()).days;

/** When the day with this number begins. */
export const startOfDayNumber = (number: number, timeZone: string): Millis =>
  FIRST_MONDAY.add({ days: number }).toZonedDateTime(timeZone).epochMilliseconds;

/** The hours in which the site is open, clipped to [from, until), in order. A site without opening hours is always open. */
export const openIntervals = (site: Site, from: Millis, until: Millis): Interval[] =>
  Object.keys(site.openingHours).length === 0 ? [{ from, until }] : hoursIn(site, from, until);

/**
 * The hours in which the site measures, clipped and in order. Where it measures in its opening hours and has none, or none
 * any more, nothing is measured: what is taken away never widens (PRIVACY §1.10).
 */
export const measuringIntervals = (site: Site, from: Millis, until: Millis): Interval[] =>
  site.policy.measuring === "always" ? [{ from, until }] : hoursIn(site, from, until);

function hoursIn(site: Site, from: Millis, until: Millis): Interval[] {
  const intervals: Interval[] = [];
  let day = zoned(from, site.timeZone).startOfDay();
  while (day.epochMilliseconds < until) {
    const hours = site.openingHours[Weekday.options[day.dayOfWeek - 1]!];
    if (hours) {
      const at = (time: string) =>
        (time === "24:00" ? day.add({ days: 1 }) : day.withPlainTime(time)).epochMilliseconds;
      const opens = Math.max(from, at(hours.from));
      const closes = Math.min(until, at(hours.until));
      if (opens < closes) intervals.push({ from: opens, until: closes });
    }
    day = day.add({ days: 1 });
  }
  return intervals;
}
