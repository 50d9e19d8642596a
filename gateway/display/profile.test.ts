/** Profiles of conversation rooms, and that they and the days of all rooms together do not tell when a room was used. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayNumber, startOfDayNumber } from "#protocol/calendar.ts";
import { Site } from "#protocol/site.ts";
import { BLOCK_DAYS } from "./bins.ts";
import { profilesOf } from "./profile.ts";
import { type Spell, tellDays } from "./talk.ts";
import type { Unit } from "./units.ts";

const HOUR = 3_600_000;
const rooms = ["S1", "S2", "S3"];
const first = Math.ceil(dayNumber(Date.parse("2026-10-01T00:00:00Z"), "UTC") / BLOCK_DAYS) * BLOCK_DAYS;
const block = { from: first, until: first + BLOCK_DAYS };
const now = startOfDayNumber(block.until, "UTC");
const site = Site.parse({
  site: "house",
  name: "House",
  timeZone: "UTC",
  rooms: rooms.map((id) => ({ id, name: id, kind: "conversation-room" })),
});
const all: Unit = { id: "conversation-rooms", kind: "conversation-rooms", name: { da: "", en: "" }, rooms };

/** An interview of half an hour in a room, in a week of the block, on a Monday. */
interface Interview {
  readonly room: number;
  readonly week: number;
  readonly hour: number;
}
const spellOf = ({ room, week, hour }: Interview): Spell => {
  const from = startOfDayNumber(first + 7 * week, "UTC") + hour * HOUR;
  return { room: rooms[room]!, from, until: from + HOUR / 2 };
};

/** All that is told of the four weeks. */
function told(interviews: readonly Interview[]) {
  const spells = interviews.map(spellOf);
  const days = tellDays([all], spells, block, { site, now }).get(all)!;
  const numbers = Array.from({ length: BLOCK_DAYS }, (_, i) => first + i);
  return {
    profiles: [...profilesOf(rooms, spells, block, "UTC")],
    counts: numbers.map(days.countOn),
    minutes: numbers.map(days.minutesOn),
  };
}

const monday = (interviews: readonly Interview[], room: string) =>
  profilesOf(rooms, interviews.map(spellOf), block, "UTC")
    .get(room)!
    .filter(({ inUse }) => inUse.least > 0);

describe("profiles", () => {
  const everyMonday = [0, 1, 2, 3].flatMap((week) => [
    { room: 0, week, hour: 9 },
    { room: 1, week, hour: 9 },
  ]);

  it("an hour half of which a room is used on every Monday is told as its quarter", () => {
    expect(monday(everyMonday, "S1")).toEqual([{ weekday: "monday", hour: 9, inUse: { least: 50, most: 75 } }]);
    expect(monday(everyMonday, "S3")).toEqual([]);
  });

  it("a weekday on which one room alone is used is not told: its days would be that room's", () => {
    const alone = everyMonday.filter(({ room }) => room === 0);
    expect(profilesOf(rooms, alone.map(spellOf), block, "UTC").get("S1")).toEqual([]);
  });

  it("nor one on which a room was used on the only date on which any was", () => {
    const once = everyMonday.filter(({ week }) => week === 2);
    expect(profilesOf(rooms, once.map(spellOf), block, "UTC").get("S1")).toEqual([]);
  });

  it("where a weekday is told, use could be exchanged between rooms and dates, and everything told would be the same", () => {
    const interview = fc.record({
      room: fc.integer({ min: 0, max: 2 }),
      week: fc.integer({ min: 0, max: 3 }),
      hour: fc.integer({ min: 8, max: 15 }),
    });
    const diary = fc.uniqueArray(interview, {
      maxLength: 30,
      selector: ({ room, week, hour }) => `${room} ${week} ${hour}`,
    });
    let compared = 0;
    fc.assert(
      fc.property(diary, (interviews) => {
        const truth = told(interviews);
        if (truth.profiles.every(([, cells]) => cells.length === 0)) return;
        for (const room of new Set(interviews.map((one) => one.room)))
          for (const week of [0, 1, 2, 3]) {
            const others = exchanged(interviews, room, week);
            // Rooms that are full leave nothing to exchange; an hour in a room is half an hour of interview here.
            if (others.length === 0) continue;
            compared++;
            expect(others.some((other) => isDeepStrictEqual(told(other), truth))).toBe(true);
          }
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});

/** The same diary with an interview of the room moved to or from the week, and one of another room moved back. */
function exchanged(diary: readonly Interview[], room: number, week: number): Interview[][] {
  const isFree = (one: Interview) =>
    !diary.some((other) => other.room === one.room && other.week === one.week && other.hour === one.hour);
  return diary.flatMap((mine) =>
    diary.flatMap((theirs) => {
      const apart = mine.room === room && theirs.room !== room && mine.week !== theirs.week;
      if (!apart || (mine.week !== week && theirs.week !== week)) return [];
      const moved = [
        { ...mine, week: theirs.week },
        { ...theirs, week: mine.week },
      ];
      if (!moved.every(isFree)) return [];
      return [[...diary.filter((one) => one !== mine && one !== theirs), ...moved]];
    }),
  );
}
