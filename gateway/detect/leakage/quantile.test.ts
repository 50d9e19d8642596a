import fc from "fast-check";
import { expect, it } from "vitest";
import { quantile } from "./quantile.ts";

const values = fc.array(fc.oneof(fc.double({ noNaN: true, min: -200, max: 200 }), fc.integer({ min: 0, max: 5 })), {
  minLength: 1,
  maxLength: 150,
});

it("law: the quantile of the sorted values, to the last bit, of as many as are asked for", () =>
  fc.assert(
    fc.property(values, fc.double({ noNaN: true, min: 0, max: 1 }), fc.nat(20), (some, share, more) => {
      const sorted = some.toSorted((a, b) => a - b);
      const place = share * (some.length - 1);
      const [below, above] = [Math.floor(place), Math.min(Math.floor(place) + 1, some.length - 1)];
      const expected = sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
      const behind = Array.from({ length: more }, () => -1e9);
      // Zero of either sign is zero.
      expect(quantile(Float64Array.from([...some, ...behind]), share, some.length) + 0).toBe(expected + 0);
    }),
  ));

it("of nothing is no number", () => expect(quantile(new Float64Array(0), 0.5)).toBeNaN());
