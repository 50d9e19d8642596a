/** Local hour of day of very many instants: asking the time zone's tables for each takes longer than all the rest of a report. */
import { localTime, startOfDay } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";

const HOUR = 3_600_000;

/** Quick where an instant lies in the same local day as the one asked before. */
export function localHours(timeZone: string): (t: Millis) => number {
  let from = 0;
  let until = 0;
  return (t) => {
    if (t < from || t >= until) {
      from = startOfDay(t, timeZone);
      until = startOfDay(from + 36 * HOUR, timeZone);
    }
    // A day of 23 or 25 hours skips one or has one twice.
    return until - from === 24 * HOUR ? Math.floor((t - from) / HOUR) : localTime(t, timeZone).hour;
  };
}
