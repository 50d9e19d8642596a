import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rate, typicalReduction } from "./sound-reduction-index.ts";

const referenceThirds = [33, 36, 39, 42, 45, 48, 51, 52, 53, 54, 55, 56, 56, 56, 56, 56];
const referenceOctaves = [36, 45, 52, 55, 56];
const lowered = (values: readonly number[], by: number) => values.map((value) => value - by);

describe("rating of sound insulation", () => {
  it("TV-26: the standard's worked example, Rw(C; Ctr) = 30(−2; −3)", () =>
    expect(
      rate([20.4, 16.3, 17.7, 22.6, 22.4, 22.7, 24.8, 26.6, 28.0, 30.5, 31.8, 32.5, 33.4, 33.0, 31.0, 25.5]),
    ).toEqual({ w: 30, c: -2, ctr: -3, deviations: 31.8 }));

  it("TV-27: the reference curve rates 54, two below it 52, a tenth less in one third 51", () => {
    const below = lowered(referenceThirds, 2);
    expect(
      [
        referenceThirds,
        referenceOctaves,
        below,
        lowered(referenceOctaves, 2),
        [below[0]! - 0.1, ...below.slice(1)],
      ].map((values) => rate(values).w),
    ).toEqual([54, 54, 52, 52, 51]);
  });

  it("what keeps the same in at every frequency keeps as much of speech and of traffic in", () => {
    for (const bands of [16, 5]) {
      const { w, c, ctr } = rate(Array.from({ length: bands }, () => 30));
      expect([w + c, w + ctr]).toEqual([30, 30]);
    }
  });

  it("TV-28: a usual partition R(X) rates X", () => {
    const rated = [20, 25, 30, 35, 40, 45, 50, 52, 60];
    expect(rated.map((rw) => rate(typicalReduction(rw).slice(0, 5)).w)).toEqual(rated);
  });

  it("TV-32: gypsum with a hardwood door in it rates 36", () =>
    expect(rate([21.9, 27.8, 32.9, 35.9, 37.6]).w).toBe(36));

  it.each([
    ["hollow-core door, cracks", [12, 13, 14, 16, 18], 17],
    ["12 mm fibreboard on frame", [12, 16, 20, 24, 30], 24],
    ["9 mm plasterboard on frame", [15, 20, 24, 29, 32], 28],
    ["solid hardwood door, cracks", [17, 21, 26, 29, 31], 29],
    ["6 mm glass", [11, 24, 28, 32, 27], 29],
    ["studs, 9 mm plasterboard and plaster", [25, 28, 34, 47, 39], 38],
    ["6+6 mm glass, 100 mm cavity", [28, 30, 38, 45, 45], 42],
    ["125 mm brick plastered", [36, 37, 40, 46, 54], 45],
    ["resilient gypsum double wall", [25, 40, 48, 52, 47], 47],
    ["acoustic door 100 mm", [36, 39, 44, 49, 54], 48],
  ] as const)("the partition library: %s %o rates %i", (_, octaves, expected) =>
    expect(rate(octaves).w).toBe(expected),
  );

  it("law: a decibel more everywhere rates one more, with the same terms; more anywhere never rates less", () => {
    const tenths = fc.integer({ min: 0, max: 800 }).map((n) => n / 10);
    fc.assert(
      fc.property(
        fc.constantFrom(5, 16).chain((n) => fc.array(tenths, { minLength: n, maxLength: n })),
        fc.nat(15),
        (values, band) => {
          const rating = rate(values);
          expect(rate(lowered(values, -1))).toEqual({ ...rating, w: rating.w + 1 });
          expect(rate(values.map((value, i) => (i === band ? value + 7 : value))).w).toBeGreaterThanOrEqual(rating.w);
        },
      ),
    );
  });

  it("what cannot be rated is refused", () => {
    expect(() => rate([30, 30, 30])).toThrow(RangeError);
    expect(() => rate([30, 30, Number.NaN, 30, 30])).toThrow(RangeError);
  });

  it("no partition makes sound louder, however little it is rated", () =>
    expect(typicalReduction(8)).toEqual([0, 0, 6, 9, 10, 10, 10]));
});
