/** When the devices of a site measure. */
import { openIntervals } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

/** A stretch of time in which the answer stays the same. */
interface Stretch {
  readonly from: Millis;
  readonly until: Millis;
  readonly measures: boolean;
}

/** Reads the calendar once per stretch: quick for instants that follow each other. */
export function measuringHours(site: Site): (t: Millis) => boolean {
  if (site.policy.measuring === "always") return () => true;
  let known = stretchAt(site, 0);
  return (t) => {
    if (t < known.from || t >= known.until) known = stretchAt(site, t);
    return known.measures;
  };
}

/** The stretch from `t` to the next opening or closing, or to a week later. */
function stretchAt(site: Site, t: Millis): Stretch {
  const [next] = openIntervals(site, t, t + WEEK_MS);
  if (!next) return { from: t, until: t + WEEK_MS, measures: false };
  const measures = next.from <= t;
  return { from: t, until: measures ? next.until : next.from, measures };
}
