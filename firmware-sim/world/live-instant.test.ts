import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { busyDay } from "#firmware/scenarios/busy-day.ts";
import { openIntervals } from "#protocol/calendar.ts";
import { parseSite } from "#protocol/site-file.ts";
import { openNow } from "./live-instant.ts";
import { createTimetable } from "./timetable.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const MINUTE = 60_000;
const sundayNight = Date.parse("2026-11-22T03:00+01:00");

describe("living an arbitrary hour as if the house were open", () => {
  const instant = openNow(site);

  it("falls into opening hours on a Sunday at three in the morning, and at any other time", () => {
    for (let i = 0; i < 500; i++) {
      const lived = instant(sundayNight + i * 37 * MINUTE);
      expect(openIntervals(site, lived, lived + 1)).toHaveLength(1);
    }
  });

  it("runs as fast as the clock and does not repeat for twenty days", () => {
    expect(instant(sundayNight + 90_000) - instant(sundayNight)).toBe(90_000);
    const cycles = Array.from({ length: 250 }, (_, i) => instant(sundayNight + i * 120 * MINUTE));
    expect(new Set(cycles).size).toBe(250);
  });

  it("lives a site that never closes as it is", () => {
    expect(openNow({ ...site, openingHours: {} })(sundayNight)).toBe(sundayNight);
  });

  it("has a conversation of two minutes in a shared office within three minutes, whenever it is started", () => {
    const shared = new Set(site.rooms.filter(({ kind }) => kind === "shared-office").map(({ id }) => id));
    const timetable = createTimetable(site, busyDay, 1);
    const dead: string[] = [];
    let talking = 0;
    let minutes = 0;
    for (let cycle = 0; cycle < 260; cycle++)
      for (let minute = 0; minute < 117; minute++) {
        const lived = instant(cycle * 120 * MINUTE + minute * MINUTE);
        const soon = timetable.conversations(lived, lived + 3 * MINUTE);
        minutes++;
        talking += soon.filter(({ from, until }) => from <= lived && until > lived).length;
        const alive = soon.some(
          (c) =>
            shared.has(c.room) &&
            c.style === "dialogue" &&
            Math.min(c.until, lived + 3 * MINUTE) - Math.max(c.from, lived) >= 2 * MINUTE,
        );
        if (!alive) dead.push(new Date(lived).toISOString());
      }
    expect(dead).toEqual([]);
    expect(talking / minutes).toBeGreaterThan(5);
  });
});
