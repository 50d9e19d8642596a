import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertBudget, bitsOf, informationBudget } from "./budget.ts";
import { localTime, openIntervals, startOfDay } from "./calendar.ts";
import { addLevels, energyOf, levelOf, meanLevel, subtractLevel } from "./decibel.ts";
import { quantise } from "./quantities.ts";
import { isSequenced, readingSchemas } from "./readings.ts";
import { findRoom, isSilent } from "./rooms.ts";
import { FileError, parseSite } from "./site-file.ts";
import { delivery, parseTopic, topicFor } from "./topics.ts";

const demoText = readFileSync(new URL("./demo-site.yaml", import.meta.url), "utf8");
const demo = parseSite(demoText, "demo-site.yaml");
const t = Date.parse("2026-11-23T09:00:00Z");
const state = {
  boot: "7c1f03aa",
  seq: 12,
  t,
  occupied: true,
  confidence: 0.95,
  conversation: "on",
  hint: "dialogue",
  since: t - 20_000,
};

describe("readings", () => {
  it("a state as published is accepted as it is", () => {
    expect(readingSchemas.state.parse(state)).toEqual(state);
  });

  it.each([
    ["an unknown field", { ...state, name: "Kim" }],
    ["a level between two steps", { ...state, confidence: 0.951 }],
    ["a state that began after it was said", { ...state, since: t + 1000 }],
    ["a state that began before the reach of `since`", { ...state, since: t - 3_600_000 }],
    ["seconds for milliseconds", { ...state, t: 1_790_000_000 }],
    ["free text", { ...state, hint: "they talk about the move" }],
    ["NaN", { ...state, confidence: Number.NaN }],
  ])("%s is refused", (_, body) => {
    expect(readingSchemas.state.safeParse(body).success).toBe(false);
  });

  it("only receipted channels are counted by seq", () => {
    expect(Object.keys(readingSchemas).filter(isSequenced)).toEqual(["state", "level", "stats", "health"]);
  });
});

describe("topics", () => {
  it("what is written is read back", () => {
    for (const channel of Object.keys(delivery) as (keyof typeof delivery)[])
      expect(parseTopic(topicFor("jobcentre", "k1", channel))).toEqual({ site: "jobcentre", device: "k1", channel });
  });

  it.each([
    "",
    "fortrolig/v1/a/b",
    "fortrolig/v1/a/b/audio",
    "fortrolig/v2/a/b/state",
    "fortrolig/v1/A/b/state",
    "fortrolig/v1/a/b/state/x",
    "fortrolig/v1/a//state",
    "fortrolig/v1/a/b/toString",
  ])("%j is not ours", (topic) => expect(parseTopic(topic)).toBeUndefined());

  it("readings are never retained", () => {
    const retained = Object.entries(delivery).filter(([, d]) => d.retain);
    expect(retained.map(([channel]) => channel)).toEqual(["birth", "status", "config"]);
  });
});

describe("information budget", () => {
  it("stays below six bit/s without a lease and below speech's 39 bit/s with one", () => {
    const budget = informationBudget();
    expect(() => assertBudget(budget)).not.toThrow();
    expect(budget.unleasedBitsPerS).toBeCloseTo(5.962, 3);
    expect(budget.leasedBitsPerS).toBeCloseTo(37.565, 3);
  });

  it("refuses schemas that say more", () => {
    const budget = informationBudget();
    expect(() => assertBudget({ ...budget, unleasedBitsPerS: 6.01 })).toThrow(/6\.01 bit\/s; the limit is 6/);
    expect(() => assertBudget({ ...budget, leasedBitsPerS: 39 })).toThrow(/39\.00 bit\/s/);
  });

  it("counts the values of each type and refuses what is unbounded", () => {
    expect(bitsOf({ type: "integer", minimum: 0, maximum: 255 }, "x")).toBe(8);
    expect(bitsOf({ type: "number", minimum: 0, maximum: 1, multipleOf: 0.05 }, "x")).toBeCloseTo(Math.log2(21));
    expect(bitsOf({ anyOf: [{ type: "null" }, { type: "boolean" }] }, "x")).toBeCloseTo(Math.log2(3));
    expect(() => bitsOf({ type: "string" }, "x.note")).toThrow("x.note: string has no place in a reading");
    expect(() => bitsOf({ type: "number", minimum: 0 }, "x")).toThrow(/a least and a greatest value and a step/);
    expect(() => bitsOf({ type: "array", items: { type: "boolean" } }, "x")).toThrow(/fixed length/);
  });
});

describe("quantities", () => {
  it("a quantised value lies on its grid, in its range, and no further than half a step away", () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 200, noNaN: true }), (value) => {
        const q = quantise(value, 20, 119.5, 0.5);
        expect(q * 2).toBe(Math.round(q * 2));
        expect(Math.abs(q - Math.min(119.5, Math.max(20, value)))).toBeLessThanOrEqual(0.25 + 1e-9);
      }),
    );
    expect([quantise(0.94, 0, 1, 0.05), quantise(0.33, 0, 1, 0.1), quantise(-73, -100, -20, 5)]).toEqual([
      0.95, 0.3, -75,
    ]);
  });
});

describe("decibels", () => {
  it("TV-4: 30 s at 60 dB and 30 s at 50 dB is 57.40 dB", () => {
    expect(meanLevel([60, 50])).toBeCloseTo(57.4, 2);
    expect(meanLevel([60, 50], [30, 30])).toBeCloseTo(57.4, 2);
  });

  it("TV-5: sums and differences are energetic", () => {
    expect(addLevels([60, 60])).toBeCloseTo(63.01, 2);
    expect(addLevels([60, 50])).toBeCloseTo(60.41, 2);
    expect(subtractLevel(70, 60)).toBeCloseTo(69.54, 2);
  });

  it("a mean lies between the least and the greatest level, and level and energy undo each other", () => {
    const level = fc.double({ min: -20, max: 140, noNaN: true });
    fc.assert(
      fc.property(fc.array(level, { minLength: 1 }), (levels) => {
        const mean = meanLevel(levels);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...levels) - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(...levels) + 1e-9);
        expect(levelOf(energyOf(levels[0]!))).toBeCloseTo(levels[0]!, 9);
      }),
    );
  });
});

describe("site file", () => {
  it("the demo is the job centre of the report: 13 staff, five shared offices, five conversation rooms", () => {
    const staff = demo.rooms.reduce((sum, room) => sum + room.assigned, 0);
    const kinds = Object.groupBy(demo.rooms, (room) => room.kind);
    expect(staff).toBe(13);
    expect(Object.entries(kinds).map(([kind, rooms]) => `${rooms?.length} ${kind}`)).toEqual([
      "5 shared-office",
      "1 private-office",
      "5 conversation-room",
      "1 waiting-room",
      "1 corridor",
    ]);
    expect(demo.rooms.filter(isSilent).map((room) => room.id)).toEqual(["K6"]);
    expect(findRoom(demo, "k1")?.id).toBe("K1");
  });

  it("each fault names file, line and key", () => {
    const broken = demoText
      .replace("volume: 55", "volum: 55")
      .replace("room: K2 }", "room: X9 }")
      .replace("rw: 48", "rw: high");
    const problems = (() => {
      try {
        parseSite(broken, "site.yaml");
        return [];
      } catch (error) {
        return (error as FileError).problems;
      }
    })();
    const lineOf = (text: string) => broken.split("\n").findIndex((line) => line.includes(text)) + 1;
    expect(problems).toEqual([
      `site.yaml:${lineOf("volum:")}: rooms.0.volum: is not a known key`,
      expect.stringMatching(new RegExp(`^site\\.yaml:${lineOf("rw: high")}: boundaries\\.8\\.rw: Invalid input`)),
    ]);
    const elsewhere = demoText.replace("room: K2 }", "room: X9 }");
    expect(() => parseSite(elsewhere, "site.yaml")).toThrow('devices.1.room: no room has the id "X9"');
  });

  it("that measures in opening hours says when they are", () => {
    const hourless = demoText.replace(/^openingHours:\n(?: .*\n)+/m, "");
    expect(hourless).not.toBe(demoText);
    expect(() => parseSite(hourless, "site.yaml")).toThrow(
      /^site\.yaml:\d+: policy\.measuring: is opening-hours, and the site has no openingHours$/,
    );
    const always = hourless.replace("measuring: opening-hours", "measuring: always");
    expect(parseSite(always, "site.yaml").openingHours).toEqual({});
  });

  it("text that is no YAML is named with its line", () => {
    expect(() => parseSite("site: [a\nname: b", "site.yaml")).toThrow(FileError);
    expect(() => parseSite("site: [a\nname: b", "site.yaml")).toThrow(/^site\.yaml:\d+: /);
  });
});

describe("calendar", () => {
  it("opening hours follow local time through the end of summer time", () => {
    const intervals = openIntervals(demo, Date.parse("2026-10-23T00:00Z"), Date.parse("2026-10-26T12:00Z"));
    expect(intervals.map(({ from, until }) => [new Date(from).toISOString(), new Date(until).toISOString()])).toEqual([
      ["2026-10-23T06:00:00.000Z", "2026-10-23T12:00:00.000Z"],
      ["2026-10-26T07:00:00.000Z", "2026-10-26T12:00:00.000Z"],
    ]);
  });

  it("the day summer time ends has 25 hours", () => {
    const day = startOfDay(Date.parse("2026-10-25T12:00Z"), "Europe/Copenhagen");
    const next = startOfDay(Date.parse("2026-10-26T12:00Z"), "Europe/Copenhagen");
    expect((next - day) / 3_600_000).toBe(25);
    expect(localTime(day, "Europe/Copenhagen")).toEqual({ date: "2026-10-25", weekday: "sunday", hour: 0 });
  });
});
