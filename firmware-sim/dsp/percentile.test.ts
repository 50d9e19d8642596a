import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exceeded } from "./percentile.ts";

describe("exceedance levels", () => {
  it("TV-3: of the levels 1, 2, … 100", () => {
    const levels = Float64Array.from({ length: 100 }, (_, i) => i + 1);
    expect([10, 50, 90].map((x) => exceeded(x, levels))).toEqual([
      expect.closeTo(90.1, 9),
      expect.closeTo(50.5, 9),
      expect.closeTo(10.9, 9),
    ]);
  });

  it("of one level is that level, also of silence", () => {
    expect(exceeded(90, Float64Array.of(42))).toBe(42);
    expect(exceeded(90, Float64Array.of(-Infinity, -Infinity, 30))).toBe(-Infinity);
  });

  it("falls as more of the time must be louder, and stays within the levels", () => {
    const levels = fc.float64Array({ minLength: 1, maxLength: 60, min: 0, max: 140, noNaN: true });
    const share = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(levels, share, share, (unsorted, x, y) => {
        const ascending = unsorted.sort();
        const [rare, common] = [exceeded(Math.min(x, y), ascending), exceeded(Math.max(x, y), ascending)];
        expect(rare).toBeGreaterThanOrEqual(common - 1e-9);
        expect(common).toBeGreaterThanOrEqual(ascending[0]! - 1e-9);
        expect(rare).toBeLessThanOrEqual(ascending.at(-1)! + 1e-9);
      }),
    );
  });
});
