import { describe, expect, it } from "vitest";
import { A_WEIGHTING_16_KHZ, aWeightingDb } from "./a-weighting.ts";
import { createBiquadCascade } from "./biquad.ts";

/** IEC 61672-1:2013 Table 3: n of 1000·10^(n/10) Hz, A-weighting, class 1 limits above and below, dB. */
// biome-ignore format: one frequency per line
const table3 = [
  [-20, -70.4], [-19, -63.4], [-18, -56.7],
  [-17, -50.5, 2, 2],
  [-16, -44.7, 2, 1.5],
  [-15, -39.4, 1.5, 1.5],
  [-14, -34.6, 1, 1],
  [-13, -30.2, 1, 1],
  [-12, -26.2, 1, 1],
  [-11, -22.5, 1, 1],
  [-10, -19.1, 1, 1],
  [-9, -16.1, 1, 1],
  [-8, -13.4, 1, 1],
  [-7, -10.9, 1, 1],
  [-6, -8.6, 1, 1],
  [-5, -6.6, 1, 1],
  [-4, -4.8, 1, 1],
  [-3, -3.2, 1, 1],
  [-2, -1.9, 1, 1],
  [-1, -0.8, 1, 1],
  [0, 0, 0.7, 0.7],
  [1, 0.6, 1, 1],
  [2, 1, 1, 1],
  [3, 1.2, 1, 1],
  [4, 1.3, 1, 1],
  [5, 1.2, 1, 1],
  [6, 1, 1, 1],
  [7, 0.5, 1.5, 1.5],
  [8, -0.1, 1.5, 2],
  [9, -1.1, 1.5, 2.5],
  [10, -2.5], [11, -4.3], [12, -6.6], [13, -9.3],
] as const;
const frequencyOf = (n: number) => 1000 * 10 ** (n / 10);

describe("A-weighting", () => {
  it("is Table 3 of the standard at every one of its frequencies", () => {
    expect(table3.map(([n]) => Math.round(10 * aWeightingDb(frequencyOf(n))) / 10 + 0)).toEqual(
      table3.map(([, expected]) => expected),
    );
  });

  it.each(table3.filter((row) => row.length === 4))(
    "TV-1: as a filter at 16 kHz, n = %i reads %f dB within +%f/−%f dB",
    (n, expected, above, below) => {
      const gain = 10 * Math.log10(gainOf(frequencyOf(n)));
      expect(gain - expected).toBeLessThan(above);
      expect(gain - expected).toBeGreaterThan(-below);
    },
  );

  it("keeps within 0.06 dB of the standard from 2 to 8 kHz, where the bilinear transform fails", () => {
    for (let n = 3; n <= 9; n++) {
      const gain = 10 * Math.log10(gainOf(Math.min(frequencyOf(n), 7900)));
      expect(Math.abs(gain - aWeightingDb(Math.min(frequencyOf(n), 7900)))).toBeLessThan(0.06);
    }
  });
});

/** Steady output power over input power of a sine. */
function gainOf(frequency: number): number {
  const filter = createBiquadCascade(A_WEIGHTING_16_KHZ);
  const settle = 16_000;
  const periods = Math.max(1, Math.floor(frequency));
  const measured = Math.round((periods * 16_000) / frequency);
  const sine = Float64Array.from({ length: settle + measured }, (_, n) =>
    Math.sin((2 * Math.PI * frequency * n) / 16_000),
  );
  filter.process(sine, sine.length);
  let sum = 0;
  for (let n = settle; n < sine.length; n++) sum += sine[n]! ** 2;
  return sum / measured / 0.5;
}
