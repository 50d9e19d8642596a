import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Point } from "./history.ts";
import { rollUp } from "./rollup.ts";

const HOUR = 3_600_000;
const T = 500_000 * HOUR;

const level = (
  t: number,
  laeq: number,
  more: Partial<Record<"lafmax" | "l90" | "speechRatio", number>> = {},
  device = "a",
): Point => ({
  measurement: "level",
  tags: { site: "demo", room: "K1", device },
  t,
  fields: { laeq, lafmax: laeq + 5, l90: laeq - 5, speechRatio: 0, noiseLimited: false, clipped: false, ...more },
});

const halfDb = (min: number, max: number) => fc.integer({ min: min * 2, max: max * 2 }).map((half) => half / 2);
/** Readings of two hours and three devices, at most one per device and ten seconds. */
const readings = fc
  .uniqueArray(
    fc.record({
      slot: fc.nat(719),
      device: fc.constantFrom("a", "b", "c"),
      laeq: halfDb(20, 119.5),
      lafmax: halfDb(20, 119.5),
      l90: halfDb(20, 119.5),
      tenths: fc.nat(10),
    }),
    { selector: ({ slot, device }) => `${slot} ${device}`, minLength: 1, maxLength: 300 },
  )
  .map((list) =>
    list.map(({ slot, device, laeq, lafmax, l90, tenths }) =>
      level(T + slot * 10_000, laeq, { lafmax, l90, speechRatio: tenths / 10 }, device),
    ),
  );
const inOrder = (points: readonly Point[]) =>
  points.toSorted((a, b) => a.t - b.t || (a.tags.device! < b.tags.device! ? -1 : 1));

describe("rollup", () => {
  it("a minute: levels by energy, the greatest maximum, the background, the share of speech", () => {
    const minute = [60, 60, 70, 50, 50, 50].map((laeq, i) => level(T + i * 10_000, laeq, { speechRatio: i / 10 }));
    expect(rollUp(minute, "level_1m")).toEqual([
      {
        measurement: "level_1m",
        tags: { site: "demo", room: "K1", device: "a" },
        t: T,
        fields: {
          // 10·lg((3·10⁵ + 2·10⁶ + 10⁷) / 6)
          laeq: expect.closeTo(63.1175, 4),
          lafmax: 75,
          l90: 45,
          speechRatio: 0.25,
          n: 6,
          laeqHistogram: "50:3 60:2 70:1",
          l90Histogram: "45:3 55:2 65:1",
        },
      },
    ]);
  });

  it("the mean of 60 and 70 dB for as long each is 67.4 dB, not 65", () =>
    expect(rollUp([level(T, 60), level(T + 10_000, 70)], "level_1m")[0]?.fields.laeq).toBeCloseTo(67.4036, 4));

  it("nine of ten readings reach the background", () => {
    const tenMinutes = Array.from({ length: 60 }, (_, i) => level(T + i * 10_000, 60, { l90: i < 6 ? 30 : 40 }));
    expect(rollUp(tenMinutes, "level_1h")[0]?.fields.l90).toBe(40);
    const seventh = Array.from({ length: 60 }, (_, i) => level(T + i * 10_000, 60, { l90: i < 7 ? 30 : 40 }));
    expect(rollUp(seventh, "level_1h")[0]?.fields.l90).toBe(30);
  });

  it("an hour from its minutes is the hour from its readings, to the last bit", () =>
    fc.assert(
      fc.property(readings, (points) => {
        const fromMinutes = rollUp(rollUp(points, "level_1m"), "level_1h");
        expect(inOrder(fromMinutes)).toEqual(inOrder(rollUp(points, "level_1h")));
      }),
    ));

  it("the order of readings does not matter, to the last bit", () => {
    const arrivals = readings.chain((points) =>
      fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })),
    );
    const text = (points: readonly Point[]) => JSON.stringify(inOrder(rollUp(points, "level_1m")));
    fc.assert(
      fc.property(arrivals, ([points, shuffled]) => {
        expect(text(shuffled)).toBe(text(points));
      }),
    );
  });

  it("a mean lies between the least and the greatest", () =>
    fc.assert(
      fc.property(readings, (points) => {
        for (const { fields } of rollUp(points, "level_1h")) {
          const levels = (fields.laeqHistogram as string).split(" ").map((bin) => Number(bin.split(":")[0]));
          expect(fields.laeq).toBeGreaterThanOrEqual(levels[0]! - 1e-9);
          expect(fields.laeq).toBeLessThanOrEqual(levels.at(-1)! + 1e-9);
        }
      }),
    ));
});
