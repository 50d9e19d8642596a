import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clock } from "../texts/format.ts";
import { areDays, offsetAt, ticks } from "./ticks.ts";

const HOUR = 3_600_000;
const zone = "Europe/Copenhagen";
const clocks = (marks: readonly number[]) => marks.map((ms) => clock(ms, "en-GB", zone));

describe("marks of the time axis", () => {
  it("stand at round local times", () => {
    const from = Date.parse("2026-11-20T06:10:00Z");
    expect(clocks(ticks(from, from + 8 * HOUR, zone, 8))).toEqual([
      "08:00",
      "09:00",
      "10:00",
      "11:00",
      "12:00",
      "13:00",
      "14:00",
      "15:00",
    ]);
  });

  it("follow the local day over the hour that is put back", () => {
    const from = Date.parse("2026-10-24T22:00:00Z");
    expect(clocks(ticks(from, from + 25 * HOUR, zone, 5))).toEqual(["00:00", "06:00", "12:00", "18:00", "00:00"]);
  });

  it("are whole days over weeks", () => {
    const from = Date.parse("2026-10-20T09:00:00Z");
    const marks = ticks(from, from + 14 * 24 * HOUR, zone, 14);
    expect(new Set(clocks(marks))).toEqual(new Set(["00:00"]));
    expect([marks.length, areDays(marks)]).toEqual([14, true]);
  });

  it("stay in the period and nearly within their number, in every zone", () =>
    fc.assert(
      fc.property(
        fc.constantFrom("Europe/Copenhagen", "UTC", "Asia/Kathmandu", "America/St_Johns"),
        fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
        fc.constantFrom(1, 8, 24, 168, 672),
        fc.integer({ min: 4, max: 14 }),
        (timeZone, from, hours, most) => {
          const marks = ticks(from, from + hours * HOUR, timeZone, most);
          expect(marks.length).toBeLessThanOrEqual(most + 1);
          for (const ms of marks) expect(ms >= from && ms <= from + hours * HOUR).toBe(true);
        },
      ),
      { numRuns: 40 },
    ));
});

it("knows a zone's offset on either side of a change", () => {
  expect(offsetAt(Date.parse("2026-07-01T00:00:00Z"), zone)).toBe(2 * HOUR);
  expect(offsetAt(Date.parse("2026-12-01T00:00:00Z"), zone)).toBe(HOUR);
  expect(offsetAt(Date.parse("2026-12-01T00:00:00Z"), "UTC")).toBe(0);
});
