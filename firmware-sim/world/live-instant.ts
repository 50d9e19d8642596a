/** How the clock on the wall is lived by a demo that must be alive at any hour: as if the house were open. */
import { type Interval, openIntervals } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { startOfWeek } from "./bookings.ts";

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
/** Length of a cycle, and how long after opening it begins: the busy part of a morning. */
const CYCLE = 2 * HOUR;
const AFTER_OPENING = HOUR;
/** A Wednesday; cycles are counted through the 52 weeks from its own, then from the start again. */
const EPOCH = Date.UTC(2025, 0, 8);
const WEEKS = 52;

/**
 * Maps an instant of the clock to an instant in the opening hours of some working day: two hours of the clock are two
 * hours from an hour after opening, the next two hours those of the next working day. The same instant always maps to
 * the same, wherever a run starts. Within a cycle seconds follow each other; at its end one jumps to the next morning.
 * A site without opening hours, or with none longer than three hours, is lived as it is.
 */
export function openNow(site: Site): (t: Millis) => Millis {
  const mornings = Array.from({ length: WEEKS }, (_, week) => {
    const monday = startOfWeek(EPOCH + week * WEEK, site.timeZone);
    return openIntervals(site, monday, monday + WEEK).filter(
      ({ from, until }) => until - from >= AFTER_OPENING + CYCLE,
    );
  }).flat();
  if (Object.keys(site.openingHours).length === 0 || mornings.length === 0) return (t) => t;
  return (t) => {
    const morning: Interval = mornings[Math.floor(t / CYCLE) % mornings.length]!;
    return morning.from + AFTER_OPENING + (t % CYCLE);
  };
}
