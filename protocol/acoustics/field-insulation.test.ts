import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  absorptionArea,
  apparentReduction,
  differenceThrough,
  standardisedDifference,
  withoutBackground,
} from "./field-insulation.ts";

describe("insulation measured between two rooms", () => {
  it("half a second of reverberation is what level differences are referred to; ten times that is 10 dB more", () =>
    expect([0.5, 5].map((reverberation) => standardisedDifference(40, reverberation))).toEqual([40, 50]));

  it("R' is D where the boundary is as large as the room's absorption, and 10 dB more where it is ten times that", () => {
    const room = { volume: 31.25, reverberation: 0.5 };
    expect(absorptionArea(room)).toBe(10);
    expect([10, 100].map((area) => apparentReduction(35, area, room))).toEqual([35, 45]);
  });

  it("law: what a boundary lets be measured gives its R' back", () =>
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 80, noNaN: true }),
        fc.double({ min: 0.5, max: 200, noNaN: true }),
        fc.double({ min: 5, max: 20_000, noNaN: true }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        (reduction, area, volume, reverberation) => {
          const room = { volume, reverberation };
          expect(apparentReduction(differenceThrough(reduction, area, room), area, room)).toBeCloseTo(reduction, 9);
        },
      ),
    ));

  it("background: nothing to do 10 dB above it, energy taken out below that, a limit at 6 dB and less", () =>
    expect([50, 49.9, 46.1, 46, 41].map((level) => withoutBackground(level, 40))).toEqual([
      { level: 50, limited: false },
      { level: expect.closeTo(49.43, 2), limited: false },
      { level: expect.closeTo(44.88, 2), limited: false },
      { level: 44.7, limited: true },
      { level: 39.7, limited: true },
    ]));
});
