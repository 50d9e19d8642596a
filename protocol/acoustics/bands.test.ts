import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addLevels } from "../decibel.ts";
import { OCTAVES_HZ, THIRD_WIDTHS_DB, THIRDS_HZ, thirdLevelsFromOctaves, thirdsFromOctaves } from "./bands.ts";

const octaves = fc.array(fc.double({ min: -40, max: 90, noNaN: true }), { minLength: 5, maxLength: 5 });

describe("thirds from octaves", () => {
  it("are the octaves' own values at their centres, between them on a line, beyond them flat", () => {
    const thirds = thirdsFromOctaves([20, 26, 29, 29, 35]).map((value) => Math.round(value * 10) / 10);
    expect(thirds).toEqual([20, 20, 20, 22, 24.1, 26, 27, 28, 29, 29, 29, 29, 30.9, 32.9, 35, 35]);
  });

  it("law: lie between the least and the greatest octave", () =>
    fc.assert(
      fc.property(octaves, (values) => {
        for (const third of thirdsFromOctaves(values)) {
          expect(third).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
          expect(third).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
        }
      }),
    ));

  it("white noise has one spectrum level: its thirds are that plus their width, and add up to its octaves", () => {
    const white = OCTAVES_HZ.map((_, i) => 30 + 22.48 + 3 * i);
    const thirds = thirdLevelsFromOctaves(white);
    expect(thirds).toEqual(THIRD_WIDTHS_DB.map((width) => expect.closeTo(30 + width, 9)));
    const sums = OCTAVES_HZ.map((hz) => {
      const centre = THIRDS_HZ.indexOf(hz);
      return addLevels(thirds.slice(centre - 1, centre + 2));
    });
    // The standard rounds octave widths to 177 Hz and thirds to 36.7 Hz; they agree within 0.04 dB.
    for (const [i, sum] of sums.entries()) expect(Math.abs(sum - white[i]!)).toBeLessThan(0.04);
  });

  it("a spectrum of other bands is refused, not interpreted", () =>
    expect(() => thirdsFromOctaves([20, 26, 29, 29, 35, 40])).toThrow(RangeError));
});
