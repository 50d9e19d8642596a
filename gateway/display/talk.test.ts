import { describe, expect, it } from "vitest";
import { dayNumber, startOfDayNumber } from "#protocol/calendar.ts";
import { Site } from "#protocol/site.ts";
import { type Spell, tellDays, toldRemainder } from "./talk.ts";
import type { Unit } from "./units.ts";

const zone = "Europe/Copenhagen";
const MINUTE = 60_000;
const MONDAY = dayNumber(Date.parse("2026-11-16T00:00:00+01:00"), zone);
const site = (opening = {}) =>
  Site.parse({
    site: "house",
    name: "House",
    timeZone: zone,
    openingHours: opening,
    policy: { measuring: Object.keys(opening).length > 0 ? "opening-hours" : "always" },
    rooms: [{ id: "K1", name: "K1", kind: "shared-office", assigned: 3 }],
  });
const unit: Unit = { id: "K1", kind: "room", name: { da: "K1", en: "K1" }, rooms: ["K1"] };
const none = { least: 0, most: 0 };
const few = { least: 0, most: 4 };
const exactly = (value: number) => ({ least: value, most: value });

/** So many conversations of ten minutes on each day of a week, asked at a later day. */
function week(counts: readonly number[], { of = site(), asked = 7 } = {}) {
  const spells = counts.flatMap((count, day) =>
    Array.from({ length: count }, (_, i): Spell => {
      const from = startOfDayNumber(MONDAY + day, zone) + (8 * 60 + 15 * i) * MINUTE;
      return { room: "K1", from, until: from + 10 * MINUTE };
    }),
  );
  const now = startOfDayNumber(MONDAY + asked, zone) + MINUTE;
  const days = { from: MONDAY, until: MONDAY + Math.min(7, asked) };
  return { told: tellDays([unit], spells, days, { site: of, now }).get(unit)!, days };
}

describe("days", () => {
  it("are told from five on, with minutes to five; fewer, and none, are fewer than five", () => {
    const { told } = week([7, 4, 0, 5, 0, 0, 0]);
    const days = Array.from({ length: 7 }, (_, day) => MONDAY + day);
    expect(days.map(told.countOn)).toEqual([exactly(7), few, few, exactly(5), few, few, few]);
    expect(days.slice(0, 3).map(told.minutesOn)).toEqual([exactly(70), exactly(40), { least: 0, most: 5 }]);
  });

  it("below five add up to what they were in a week that is over, and to a range in one that is not", () => {
    const counts = [7, 4, 3, 5, 2, 0, 0];
    const over = week(counts);
    expect(over.told.countIn(over.days)).toEqual(exactly(21));
    const open = week(counts, { asked: 5 });
    expect(open.told.countIn(open.days)).toEqual({ least: 12, most: 24 });
    expect(over.told.countIn({ from: MONDAY, until: MONDAY + 3 })).toEqual({ least: 7, most: 15 });
  });

  it("on which the sensors sleep are none, whatever was heard", () => {
    const hours = { from: "08:00", until: "16:00" };
    const of = site({ monday: hours, tuesday: hours });
    const { told, days } = week([6, 7, 6, 0, 0, 0, 0], { of });
    expect([told.countOn(MONDAY + 2), told.minutesOn(MONDAY + 2)]).toEqual([none, none]);
    expect(told.countIn(days)).toEqual(exactly(13));
  });

  it("a conversation counts on the day it begins and takes its minutes on both", () => {
    const from = startOfDayNumber(MONDAY + 1, zone) - 20 * MINUTE;
    const spells = Array.from({ length: 5 }, () => ({ room: "K1", from, until: from + 60 * MINUTE }));
    const now = startOfDayNumber(MONDAY + 7, zone);
    const told = tellDays([unit], spells, { from: MONDAY, until: MONDAY + 2 }, { site: site(), now }).get(unit)!;
    expect([told.countOn(MONDAY), told.minutesOn(MONDAY)]).toEqual([exactly(5), exactly(100)]);
    expect([told.countOn(MONDAY + 1), told.minutesOn(MONDAY + 1)]).toEqual([few, exactly(200)]);
  });
});

it("whatever sum of small counts is told, each of them may be any number from none to four", () => {
  for (let days = 1; days <= 7; days++)
    for (let sum = 0; sum <= 4 * days; sum++) {
      const { least, most } = toldRemainder(sum, days);
      expect(least <= sum && sum <= most).toBe(true);
      // One is 0 when the others can make up the least; one is 4 when that alone is not too much.
      expect({ days, sum, any: least <= 4 * (days - 1) && most >= 4 }).toEqual({ days, sum, any: true });
      // What is told of one sum is told of every sum within it: knowing the rule, nobody knows more.
      for (let other = least; other <= most; other++) expect(toldRemainder(other, days)).toEqual({ least, most });
    }
});
