import { describe, expect, it } from "vitest";
import { gradeOf, openPlan, type Position } from "./open-plan.ts";

const line = (distances: readonly number[], speech: (r: number) => number, sti: (r: number) => number): Position[] =>
  distances.map((distance) => ({ distance, speech: speech(distance), sti: sti(distance) }));

describe("how far speech carries in an open-plan office", () => {
  const office = line(
    [2, 4, 6, 8, 12, 16],
    (r) => 65 - 7 * Math.log2(r),
    (r) => 0.7 - 0.03 * r,
  );

  it("TV-25: 7 dB per doubling, 51 dB at 4 m, distraction to 6.7 m, privacy from 16.7 m", () =>
    expect(openPlan(office)).toEqual({
      decay: expect.closeTo(7, 9),
      at4m: expect.closeTo(51, 9),
      distraction: expect.closeTo(6.667, 3),
      privacy: expect.closeTo(16.667, 3),
    }));

  it("positions nearer than 2 m and farther than 16 m have no say in the decay", () => {
    const { decay, at4m } = openPlan(office);
    const outliers = [
      { distance: 1, speech: 90, sti: 0.67 },
      { distance: 20, speech: 20, sti: 0.1 },
    ];
    expect(openPlan([...office, ...outliers])).toMatchObject({ decay, at4m });
  });

  it("where the index does not fall with distance there is no distance to tell", () =>
    expect(
      openPlan(
        line(
          [2, 4, 8, 16],
          () => 55,
          () => 0.6,
        ),
      ),
    ).toMatchObject({ distraction: null, privacy: null }));

  it("good takes all three, poor any one", () => {
    const good = { decay: 7, at4m: 48, distraction: 5, privacy: 12 };
    expect(
      [
        good,
        { ...good, decay: 6.9 },
        { ...good, decay: 4.9 },
        { ...good, at4m: 50.1 },
        { ...good, distraction: null },
      ].map(gradeOf),
    ).toEqual(["good", "fair", "poor", "poor", "poor"]);
  });

  it("three positions are too few", () => expect(() => openPlan(office.slice(0, 3))).toThrow(RangeError));
});
