/** The only spans of time of which behaviour is told: local days that are over, weeks and four weeks of them. Pure. */
import { dayNumber, type Interval, measuringIntervals, startOfDayNumber } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";

const STRICT_DELAY_MS = 15 * 60_000;
const WEEK = 7;
/** Days of the longest span, which profiles and boundaries of grouped rooms are told of. */
export const BLOCK_DAYS = 28;

/** Numbers of local days (protocol/calendar.ts), `until` exclusive. */
export interface Days {
  readonly from: number;
  readonly until: number;
}

export const isNoDay = ({ from, until }: Days): boolean => from >= until;
export const numbersIn = ({ from, until }: Days): number[] =>
  Array.from({ length: Math.max(0, until - from) }, (_, i) => from + i);

/** How late the past is told. */
export const delayOf = ({ policy }: Site): Millis => (policy.privacy === "strict" ? STRICT_DELAY_MS : 0);

/** The first day that is not over yet, or too lately. */
export const firstOpenDay = (site: Site, now: Millis): number => dayNumber(now - delayOf(site), site.timeZone);

/** The days that a period touches and that are over: of a day that goes on each new figure would tell when it rose. */
export function wholeDays({ from, until }: Interval, site: Site, now: Millis): Days {
  const last = Math.min(dayNumber(until - 1, site.timeZone) + 1, firstOpenDay(site, now));
  const first = Math.min(dayNumber(from, site.timeZone), last);
  return { from: first, until: last };
}

/** The weeks from Monday to Sunday that the days touch. */
export const weeksAround = ({ from, until }: Days): Days => ({
  from: Math.floor(from / WEEK) * WEEK,
  until: Math.ceil(until / WEEK) * WEEK,
});

/** Days week by week; only the first and the last may be incomplete. */
export function byWeek({ from, until }: Days): Days[] {
  const weeks: Days[] = [];
  for (let start = from; start < until; ) {
    const end = Math.min(until, (Math.floor(start / WEEK) + 1) * WEEK);
    weeks.push({ from: start, until: end });
    start = end;
  }
  return weeks;
}

/** Fixed spans of four weeks that end within the days or with them, one after the other; undefined where none does. */
export function blocksEndingIn({ from, until }: Days): Days | undefined {
  const last = Math.floor(until / BLOCK_DAYS) * BLOCK_DAYS;
  const first = Math.floor(from / BLOCK_DAYS) * BLOCK_DAYS;
  return first < last ? { from: first, until: last } : undefined;
}

/** Of days already over the instants, for reading. */
export const intervalOf = ({ from, until }: Days, timeZone: string): Interval => ({
  from: startOfDayNumber(from, timeZone),
  until: startOfDayNumber(until, timeZone),
});

/** Starts of days, and of the one after the last. */
export const edgesOf = ({ from, until }: Days, timeZone: string): Millis[] =>
  numbersIn({ from, until: until + 1 }).map((day) => startOfDayNumber(day, timeZone));

/**
 * Days on which sensors measure at all. On the others they sleep, as everybody can know, so that nothing is told by telling
 * nothing of them.
 */
export function measuredDays(days: Days, site: Site): ReadonlySet<number> {
  if (site.policy.measuring === "always") return new Set(numbersIn(days));
  const { from, until } = intervalOf(days, site.timeZone);
  return new Set(measuringIntervals(site, from, until).map((open) => dayNumber(open.from, site.timeZone)));
}
