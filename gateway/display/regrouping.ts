/**
 * Since when each unit is told as it is. Whoever has the same days told by two partitions subtracts one from the other, and the
 * partition is another one whenever the site file is, also by what somebody narrows alone. So a unit is told from the Monday
 * after it came about, and of no day before it; those that stay as they are go on. Pure.
 */
import { dayNumber } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { GroupedSight } from "./sight.ts";
import { type Unit, unitsOf } from "./units.ts";

/** By the sign of each unit its first day (protocol/calendar.ts), which begins a week. */
export type ToldFrom = Readonly<Record<string, number>>;

const ALWAYS = Number.MIN_SAFE_INTEGER;
const WEEK = 7;

/** As they are from now on, after what was so until now; without that, all of the past is told as it is now. */
export function nextToldFrom(before: ToldFrom | undefined, site: Site, now: Millis): ToldFrom {
  const monday = (Math.floor(dayNumber(now, site.timeZone) / WEEK) + 1) * WEEK;
  const signs = unitsOf(site).told.map((unit) => signOf(unit, site));
  return Object.fromEntries(signs.map((sign) => [sign, before === undefined ? ALWAYS : (before[sign] ?? monday)]));
}

/** The same of units that tell the same of the same days: rooms, and what a day is. Not their names. */
function signOf({ kind, rooms }: Unit, { timeZone, policy, openingHours }: Site): string {
  const measured = policy.measuring === "always" ? "always" : openingHours;
  return JSON.stringify([kind, rooms.toSorted(), timeZone, measured]);
}

/** The first day of a unit of this site; of one that is not known, none ever. */
export const firstDayOf =
  (toldFrom: ToldFrom | undefined, site: Site) =>
  (unit: Unit): number =>
    toldFrom === undefined ? ALWAYS : (toldFrom[signOf(unit, site)] ?? Number.POSITIVE_INFINITY);

/** What is seen of days of which this is the first that anything depends on: nothing of units that came about later. */
export function seenFrom(sight: GroupedSight, day: number): GroupedSight {
  const isTold = (unit: Unit) => sight.firstDayOf(unit) <= day;
  const { told, of } = sight.units;
  if (told.every(isTold)) return sight;
  return {
    ...sight,
    units: {
      told: told.filter(isTold),
      of: new Map([...of].map(([room, unit]) => [room, typeof unit === "string" || isTold(unit) ? unit : "regrouped"])),
    },
    own: sight.own.filter(isTold),
  };
}
