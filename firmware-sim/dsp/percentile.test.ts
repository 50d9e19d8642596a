import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exceededLevel } from "./percentile.ts";
import { P0_SQUARED } from "./second.ts";

const energies = (levels: readonly number[]) => Float64Array.from(levels, (level) => P0_SQUARED * 10 ** (level / 10));

describe("exceedance levels", () => {
  it("TV-3: of the levels 1, 2, … 100", () => {
    const levels = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
    expect([10, 50, 90].map((x) => exceededLevel(x, energies(levels)))).toEqual([
      expect.closeTo(90.1, 9),
      expect.closeTo(50.5, 9),
      expect.closeTo(10.9, 9),
    ]);
  });

  it("of one level is that level, and of silence minus infinity", () => {
    expect(exceededLevel(90, energies([42]))).toBeCloseTo(42, 9);
    expect(exceededLevel(90, Float64Array.of(1, 0, 0))).toBe(-Infinity);
  });

  it("look at the first values only, when told how many", () => {
    expect(exceededLevel(50, energies([30, 40, 50, 99, 99, 99]), 3)).toBeCloseTo(40, 9);
  });

  it("are the definition on the sorted levels, for any levels", () => {
    const levels = fc.array(fc.double({ min: 0, max: 140, noNaN: true }), { minLength: 1, maxLength: 80 });
    const repeated = fc.array(fc.constantFrom(40, 41, 42), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(fc.oneof(levels, repeated), fc.double({ min: 0, max: 100, noNaN: true }), (unsorted, x) => {
        const ascending = unsorted.toSorted((a, b) => a - b);
        const place = ((100 - x) / 100) * (ascending.length - 1);
        const low = ascending[Math.floor(place)]!;
        const expected = low + (place % 1) * ((ascending[Math.floor(place) + 1] ?? low) - low);
        expect(exceededLevel(x, energies(unsorted))).toBeCloseTo(expected, 6);
      }),
      { numRuns: 500 },
    );
  });
});
