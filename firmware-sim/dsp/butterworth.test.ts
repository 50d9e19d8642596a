import { describe, expect, it } from "vitest";
import { band, OCTAVES, THIRDS } from "./bands.ts";
import { createBiquadCascade } from "./biquad.ts";
import { bandPassSections } from "./butterworth.fixture.ts";
import { bandPassMagnitude, designBandPass } from "./butterworth.ts";

const decibels = (magnitude: number) => 20 * Math.log10(magnitude);

describe("exact frequencies", () => {
  it("are powers of G around 1 kHz", () => {
    const round = (value: number) => Math.round(value * 1000) / 1000;
    expect(THIRDS.map(({ mid }) => round(mid))).toEqual([
      158.489, 199.526, 251.189, 316.228, 398.107, 501.187, 630.957, 794.328, 1000, 1258.925, 1584.893, 1995.262,
      2511.886, 3162.278, 3981.072, 5011.872,
    ]);
    expect(OCTAVES.map(({ mid }) => round(mid))).toEqual([251.189, 501.187, 1000, 1995.262, 3981.072]);
    expect([round(band(0, 3).low), round(band(0, 3).high)]).toEqual([891.251, 1122.018]);
    expect([round(band(0, 1).low), round(band(0, 1).high)]).toEqual([707.946, 1412.538]);
  });
});

/** A section's a1 and a2, ordered as the vectors print them: by a2 within the pairs of one prototype pole. */
const sectionsOf = (poles: Float64Array) =>
  Array.from({ length: poles.length / 2 }, (_, i) => [poles[2 * i]!, poles[2 * i + 1]!] as const).sort(
    (a, b) => a[0] - b[0],
  );

describe("Butterworth band-pass, N = 4 at 16 kHz", () => {
  it.each([
    [
      "TV-8: the 1 kHz third",
      3 as const,
      3.75461175091e-6,
      [
        [-1.778271295421, 0.962585935305],
        [-1.757039856961, 0.916369140685],
        [-1.7887117315, 0.922863291927],
        [-1.847864554065, 0.969320366861],
      ],
      [
        [500, -64.71],
        [630.957, -49.05],
        [794.328, -24.2],
        [891.251, -3.01],
        [1000, 0],
        [1122.018, -3.01],
        [1258.925, -24.53],
        [1584.893, -49.96],
        [2000, -66.39],
      ],
    ],
    [
      "TV-9: the 1 kHz octave",
      1 as const,
      0.000261460962443,
      [
        [-1.603883314841, 0.872840771851],
        [-1.568993261786, 0.746018189692],
        [-1.696318460841, 0.800192024831],
        [-1.851297044074, 0.928816565005],
      ],
      [
        [500, -26],
        [630.957, -10.78],
        [794.328, -0.16],
        [1000, 0],
        [1258.925, -0.14],
        [1584.893, -11.19],
        [2000, -27.35],
      ],
    ],
  ])("%s", (_, fraction, gain, sections, response) => {
    const filter = designBandPass(band(0, fraction), 4, 16_000);
    expect(filter.gain / gain).toBeCloseTo(1, 10);
    const expected = [...sections].sort((a, b) => a[0]! - b[0]!);
    for (const [i, [a1, a2]] of sectionsOf(filter.poles).entries()) {
      expect(a1).toBeCloseTo(expected[i]![0]!, 11);
      expect(a2).toBeCloseTo(expected[i]![1]!, 11);
    }
    for (const [frequency, level] of response) {
      const got = decibels(bandPassMagnitude(filter, frequency!, 16_000));
      expect(Math.abs(got - level!), `${frequency} Hz: ${got}`).toBeLessThan(0.01);
    }
  });

  it("run as a cascade on a sine does what its magnitude says", () => {
    const filter = designBandPass(band(0, 3), 4, 16_000);
    for (const frequency of [800, 900, 1000, 1200]) {
      const sine = Float64Array.from({ length: 32_000 }, (_, n) => Math.sin((2 * Math.PI * frequency * n) / 16_000));
      createBiquadCascade(bandPassSections(filter)).process(sine, sine.length);
      const power = sine.subarray(16_000).reduce((sum, y) => sum + y * y, 0) / 16_000;
      expect(10 * Math.log10(2 * power)).toBeCloseTo(decibels(bandPassMagnitude(filter, frequency, 16_000)), 3);
    }
  });
});
