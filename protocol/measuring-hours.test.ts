import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openIntervals } from "./calendar.ts";
import { measuringHours } from "./measuring-hours.ts";
import { parseSite } from "./site-file.ts";

const file = new URL("./demo-site.yaml", import.meta.url);
const site = parseSite(readFileSync(file, "utf8"), "demo-site.yaml");
const MONDAY = Date.UTC(2026, 2, 23);

describe("measuring hours", () => {
  it("are the opening hours, summer and winter, in whatever order they are asked for", () => {
    const measures = measuringHours(site);
    const hours = openIntervals(site, MONDAY, MONDAY + 14 * 86_400_000);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 14 * 86_400 - 1 })), (seconds) => {
        for (const second of seconds) {
          const t = MONDAY + second * 1000;
          expect(measures(t)).toBe(hours.some(({ from, until }) => t >= from && t < until));
        }
      }),
    );
  });

  it("never end where the site measures always", () => {
    const always = measuringHours({ ...site, policy: { ...site.policy, measuring: "always" } });
    expect(always(MONDAY + 3 * 3_600_000)).toBe(true);
  });

  it("are none where the site measures in its opening hours and has none", () => {
    const none = measuringHours({ ...site, openingHours: {} });
    const sundayNight = MONDAY - 21 * 3_600_000;
    expect([MONDAY + 10 * 3_600_000, sundayNight].map(none)).toEqual([false, false]);
  });
});
