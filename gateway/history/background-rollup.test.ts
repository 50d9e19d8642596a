import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { THIRDS_HZ } from "#protocol/acoustics/bands.ts";
import { backgroundIn, HOUR_MS, rollUpBackground } from "./background-rollup.ts";
import type { Point } from "./history.ts";

const T = 500_000 * HOUR_MS;
const spectrum = (n: number, level: number | null, device = "k1"): Point => ({
  measurement: "spectrum",
  tags: { site: "demo", room: "K1", device },
  t: T + n * 300_000,
  fields: {
    speechSeconds: 0,
    ...(level !== null && Object.fromEntries(THIRDS_HZ.map((hz, i) => [`background${hz}`, level - i]))),
  },
});

describe("an hour's background", () => {
  it("is the energy mean of its spectra per third, and their mean; spectra without a quiet moment do not count", () => {
    const [hour, ...others] = rollUpBackground([
      spectrum(0, 30),
      spectrum(1, 40),
      spectrum(2, null),
      spectrum(12, null),
    ]);
    expect(others).toEqual([]);
    // 30 and 40 dB are 37.4 dB in the mean of energies; the 16 thirds fall by 1 dB each.
    expect(hour).toMatchObject({ measurement: "background_1h", t: T, tags: { room: "K1", device: "k1" } });
    expect(backgroundIn(hour!).map((level) => Math.round(level * 100) / 100)).toEqual(
      THIRDS_HZ.map((_, i) => Math.round((37.4036 - i) * 100) / 100),
    );
    expect(hour!.fields).toMatchObject({ n: 2, mean: expect.closeTo(37.4036 - 7.5, 3) });
  });

  it("is the same to the last bit in whatever order its spectra came", () => {
    const spectra = Array.from({ length: 24 }, (_, n) => spectrum(n, 25 + ((n * 7) % 23) / 2, n % 3 ? "k1" : "k2"));
    const byTime = (points: readonly Point[]) =>
      points.toSorted((a, b) => a.t - b.t || (a.tags.device! < b.tags.device! ? -1 : 1));
    const expected = byTime(rollUpBackground(spectra));
    expect(expected).toHaveLength(4);
    const shuffled = fc.shuffledSubarray(spectra, { minLength: spectra.length });
    fc.assert(
      fc.property(shuffled, (some) => {
        expect(byTime(rollUpBackground(some))).toEqual(expected);
      }),
    );
  });
});
