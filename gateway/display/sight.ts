/** What somebody may see of the past, by the reach of the permission `history` (protocol/roles.ts). Pure. */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Reach } from "#protocol/roles.ts";
import type { Site } from "#protocol/site.ts";
import { firstDayOf, type ToldFrom } from "./regrouping.ts";
import { type Unit, type Units, unitsOf } from "./units.ts";

/**
 * `all`: rooms singly, as measured; nothing of rooms of one person all the same. `grouped`: units, `own` of them; `own-rooms`
 * are the units that somebody's rooms are in, told as to everybody else (PRIVACY §1.5).
 */
export type Sight = { readonly reach: "all" } | GroupedSight;

export interface GroupedSight {
  readonly reach: "grouped" | "own-rooms";
  readonly units: Units;
  readonly own: readonly Unit[];
  /** What of the present day may be told depends on it. */
  readonly now: Millis;
  /** From which day on a unit is told, by number; a Monday. */
  readonly firstDayOf: (unit: Unit) => number;
}

export interface Looker {
  readonly reach: ReadonlySet<Reach>;
  /** Rooms somebody is responsible for, or works in. */
  readonly rooms: readonly RoomId[];
}

/** Undefined where nothing may be seen. Without `toldFrom` the site has always been as it is. */
export function sightOf(site: Site, looker: Looker, now: Millis, toldFrom?: ToldFrom): Sight | undefined {
  const { reach, rooms } = looker;
  if (reach.has("all")) return { reach: "all" };
  const grouped = groupedSight(site, now, toldFrom);
  if (reach.has("grouped")) return grouped;
  if (!reach.has("own-rooms")) return undefined;
  const own = grouped.own.filter((unit) => unit.rooms.some((room) => rooms.includes(room)));
  return { ...grouped, reach: "own-rooms", own };
}

export function groupedSight(site: Site, now: Millis, toldFrom?: ToldFrom): GroupedSight {
  const units = unitsOf(site);
  return { reach: "grouped", units, own: units.told, now, firstDayOf: firstDayOf(toldFrom, site) };
}

export const seesAll: Sight = { reach: "all" };
