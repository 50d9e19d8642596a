import { describe, expect, it } from "vitest";
import { type Band, OCTAVES, octavesOf, THIRDS } from "./bands.ts";
import { bandPassMagnitude, designBandPass } from "./butterworth.ts";
import { class1Limits, cornersOf } from "./class-mask.fixture.ts";
import { createThirdOctaveBank, ORDER } from "./third-octave-bank.ts";

const RATE = 16_000;
const BLOCK = 400;
/** Equivalent noise bandwidth of the filters re their nominal bandwidth (ACOUSTICS §1.6). */
const NOISE_BANDWIDTH_DB = 0.11;

/** Levels of all thirds for a sine of mean square 1, after a second for the filters to settle. */
function thirdsOfSine(frequency: number): Float64Array {
  const bank = createThirdOctaveBank(BLOCK);
  const block = new Float64Array(BLOCK);
  const thirds = new Float64Array(THIRDS.length);
  for (let n = 0; n < 2 * RATE; n += BLOCK) {
    if (n === RATE) bank.take(RATE, thirds);
    for (let i = 0; i < BLOCK; i++) block[i] = Math.SQRT2 * Math.sin((2 * Math.PI * frequency * (n + i)) / RATE);
    bank.process(block);
  }
  bank.take(RATE, thirds);
  return thirds;
}

/** Every corner of every band's mask, both sides, and the middles between corners. */
function frequenciesFor(bands: readonly Band[], fraction: number): number[] {
  const corners = cornersOf(fraction);
  const ratios = corners.flatMap((corner, i) => [corner, Math.sqrt(corner * (corners[i + 1] ?? 2 * corner))]);
  const all = bands.flatMap(({ mid }) => ratios.flatMap((ratio) => [mid * ratio, mid / ratio]));
  return all.filter((f) => f >= 10 && f <= 7990);
}

/** `gains` answers each band's gain at a frequency as an energy; `reference` is the reference attenuation, dB. */
function expectClass1(
  bands: readonly Band[],
  fraction: number,
  reference: number,
  gains: (frequency: number) => ArrayLike<number>,
): void {
  for (const frequency of frequenciesFor(bands, fraction)) {
    const energies = gains(frequency);
    for (const [i, { mid }] of bands.entries()) {
      const attenuation = -10 * Math.log10(energies[i]!) - reference;
      const { least, greatest } = class1Limits(frequency / mid, fraction);
      const what = `${mid.toFixed(0)} Hz band at ${frequency.toFixed(1)} Hz: ${attenuation.toFixed(2)} dB`;
      expect(attenuation, what).toBeGreaterThan(least);
      expect(attenuation, what).toBeLessThan(greatest);
    }
  }
}

describe("the mask of IEC 61260-1 class 1", () => {
  it("TV-7: is mapped from octaves to thirds", () => {
    const round = (values: number[]) => values.map((v) => Math.round(v * 1e5) / 1e5).slice(1);
    expect(round(cornersOf(3))).toEqual([1.02667, 1.05575, 1.08746, 1.12202, 1.29437, 1.88173, 3.05365, 5.39195]);
    expect(round(cornersOf(1))).toEqual([1.09018, 1.1885, 1.29569, 1.41254, 1.99526, 3.98107, 7.94328, 15.84893]);
  });

  it("holds for all 16 thirds as the bank runs them, at every corner and everywhere up to Nyquist", () =>
    expectClass1(THIRDS, 3, 0, thirdsOfSine));

  it("holds for the 5 octaves as sums of thirds, with their attenuation of noise as the reference", () =>
    expectClass1(OCTAVES, 1, -NOISE_BANDWIDTH_DB, (frequency) => octavesOf(thirdsOfSine(frequency))));

  it("holds for octave filters of the same design at 16 kHz", () => {
    const filters = OCTAVES.map((octave) => designBandPass(octave, ORDER, RATE));
    expectClass1(OCTAVES, 1, 0, (frequency) => filters.map((f) => bandPassMagnitude(f, frequency, RATE) ** 2));
  });
});

describe("the third-octave bank", () => {
  it("reads a sine at mid-band at its level in each third", () => {
    for (const [i, { mid }] of THIRDS.entries())
      expect(Math.abs(10 * Math.log10(thirdsOfSine(mid)[i]!)), `${mid} Hz`).toBeLessThan(0.01);
  });

  it("refuses blocks that its stages cannot halve", () => {
    expect(() => createThirdOctaveBank(250)).toThrow(RangeError);
  });
});
