import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayNumber } from "#protocol/calendar.ts";
import { Site } from "#protocol/site.ts";
import { parseSite } from "#protocol/site-file.ts";
import { nextToldFrom, seenFrom, type ToldFrom } from "./regrouping.ts";
import { groupedSight } from "./sight.ts";

const demo = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const DAY = 86_400_000;
/** A Wednesday. */
const NOW = Date.parse("2026-11-04T11:00:00Z");
const monday = dayNumber(NOW, demo.timeZone) + 5;

/** Units by their rooms, as they are told of days of which this is the first. */
const told = (site: Site, toldFrom: ToldFrom, day: number): string[] => {
  const { units, own } = seenFrom(groupedSight(site, NOW + 30 * DAY, toldFrom), day);
  expect(own).toEqual(units.told);
  return units.told.map(({ rooms }) => rooms.join(" "));
};

describe("a site that is changed on a Wednesday", () => {
  const first = nextToldFrom(undefined, demo, NOW - DAY);
  const staffOf = (room: string, assigned: number): Site => ({
    ...demo,
    rooms: demo.rooms.map((one) => (one.id === room ? { ...one, assigned } : one)),
  });

  it("tells all of the past at first, and as long as it stays as it is", () => {
    const later = nextToldFrom(first, { ...demo, name: { da: "Andet", en: "Other" } }, NOW);
    expect(later).toEqual(first);
    expect(told(demo, later, -1e6)).toEqual(["K1", "K2", "K3 K4 K5", "S1 S2 S3 S4 S5", "V1", "G1"]);
  });

  it("tells rooms that are together with others from the next Monday on; those that stay as they are all the time", () => {
    const without = staffOf("K4", 1);
    const later = nextToldFrom(first, without, NOW);
    const asBefore = ["K2", "S1 S2 S3 S4 S5", "V1", "G1"];
    expect([told(without, later, monday - 1), told(without, later, monday)]).toEqual([
      asBefore,
      ["K2", "K1 K3 K5", "S1 S2 S3 S4 S5", "V1", "G1"],
    ]);
    const { of } = seenFrom(groupedSight(without, NOW, later), monday - 1).units;
    expect(["K1", "K3", "K4", "K5"].map((room) => of.get(room))).toEqual([
      "regrouped",
      "regrouped",
      "one-person",
      "regrouped",
    ]);
    // Nor do they come back at once by being as they were.
    const back = nextToldFrom(later, demo, NOW + 7 * DAY);
    expect(told(demo, back, monday + 6)).toEqual(asBefore);
    expect(told(demo, back, monday + 7)).toContain("K3 K4 K5");
  });

  it("tells nothing of the days before when other hours are measured, or days begin at another time", () => {
    const { friday: _, ...openingHours } = demo.openingHours;
    expect(demo.policy.measuring).toBe("opening-hours");
    for (const other of [
      { ...demo, openingHours },
      { ...demo, timeZone: "Europe/London" },
    ])
      expect([told(other, nextToldFrom(first, other, NOW), monday - 1)]).toEqual([[]]);
  });

  it("tells nothing in rooms that are together as no gateway has had them", () => {
    expect(told(staffOf("K4", 1), first, monday)).not.toContain("K1 K3 K5");
  });
});

describe("through any number of changes", () => {
  const house = fc
    .record({
      staff: fc.array(fc.constantFrom(0, 1, 2, 2, 3, 4), { minLength: 6, maxLength: 6 }),
      zone: fc.subarray([0, 1, 2, 3, 4, 5]),
      strict: fc.boolean(),
    })
    .map(({ staff, zone, strict }) =>
      Site.parse({
        site: "house",
        name: "House",
        timeZone: "UTC",
        policy: { privacy: strict ? "strict" : "normal" },
        rooms: staff.map((assigned, i) => ({ id: `R${i}`, name: `R${i}`, kind: "shared-office", assigned })),
        zones: zone.length === 0 ? [] : [{ id: "zone", name: "Zone", rooms: zone.map((i) => `R${i}`) }],
      }),
    );

  it("no day is ever told in two partitions: what is told of it in the end was told so from the beginning", () => {
    fc.assert(
      fc.property(fc.array(house, { minLength: 2, maxLength: 6 }), fc.integer({ min: 1, max: 20 }), (sites, step) => {
        let toldFrom: ToldFrom | undefined;
        /** How each day is told when it is over, which is before the next change. */
        const asToldThen = new Map<number, readonly string[]>();
        sites.forEach((site, i) => {
          const now = NOW + i * step * DAY;
          toldFrom = nextToldFrom(toldFrom, site, now);
          const today = dayNumber(now, "UTC");
          for (const [day, then] of asToldThen)
            for (const unit of told(site, toldFrom, day)) expect(then).toContain(unit);
          for (let day = today; day < today + step; day++) asToldThen.set(day, told(site, toldFrom, day));
        });
      }),
    );
  });
});
