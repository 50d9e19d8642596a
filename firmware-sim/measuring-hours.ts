/** When the devices of a site measure. */
import { type Interval, openIntervals } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

/** Answers quickly for instants that follow each other; the calendar is read a week at a time. */
export function measuringHours(site: Site): (t: Millis) => boolean {
  if (site.policy.measuring === "always") return () => true;
  let known: Interval = { from: 0, until: 0 };
  let open: Interval[] = [];
  let latest: Interval | undefined;
  return (t) => {
    if (latest && t >= latest.from && t < latest.until) return true;
    if (t < known.from || t >= known.until) {
      known = { from: t, until: t + WEEK_MS };
      open = openIntervals(site, known.from, known.until);
    }
    latest = open.find((hours) => t >= hours.from && t < hours.until);
    return latest !== undefined;
  };
}
