/** What rooms are called in messages that leave the room. Pure. */
import type { Site } from "#protocol/site.ts";
import { unitsOf } from "./units.ts";

const known = new WeakMap<Site, Site>();

/** With `policy.privacy: strict` offices go by the name of the group they are told in; otherwise the site as it is. */
export function namedByGroup(site: Site): Site {
  if (site.policy.privacy !== "strict") return site;
  let named = known.get(site);
  if (named === undefined) {
    const { of } = unitsOf(site);
    const rooms = site.rooms.map((room) => {
      const unit = of.get(room.id);
      return typeof unit === "object" && unit.kind === "group" ? { ...room, name: unit.name } : room;
    });
    named = { ...site, rooms };
    known.set(site, named);
  }
  return named;
}
