import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createResampler } from "./resampler.ts";

const TO = 16_000;
const sine = (frequency: number, rate: number, seconds: number) =>
  Float32Array.from({ length: Math.round(seconds * rate) }, (_, n) => Math.sin((2 * Math.PI * frequency * n) / rate));

function resample(signal: Float32Array, from: number, cuts: readonly number[] = [4096]): Float32Array {
  const resampler = createResampler(from, TO);
  const out: number[] = [];
  for (let at = 0, cut = 0; at < signal.length; cut++) {
    const block = signal.subarray(at, at + cuts[cut % cuts.length]!);
    out.push(...resampler.process(block));
    at += block.length;
  }
  out.push(...resampler.flush());
  return Float32Array.from(out);
}

/** Power re a sine of amplitude 1, dB, away from the ends. */
function levelOf(samples: Float32Array): number {
  const middle = samples.subarray(2000, -2000);
  return 10 * Math.log10((2 * middle.reduce((sum, y) => sum + y * y, 0)) / middle.length);
}

const rates = [8000, 11_025, 12_000, 22_050, 24_000, 32_000, 44_056, 44_100, 48_000, 96_000, 192_000];

describe("the resampler to 16 kHz", () => {
  it.each(rates)("from %i Hz: lets the pass band through, in time, and adds nothing to it", (from) => {
    const top = (7 / 8) * (Math.min(from, TO) / 2);
    for (const frequency of [100, 1000, top / 2, top]) {
      const got = resample(sine(frequency, from, 1), from);
      const expected = sine(frequency, TO, 1);
      expect(got.length).toBe(TO);
      expect(Math.abs(levelOf(got))).toBeLessThan(0.01);
      // The difference holds error of gain, delay, images and noise alike.
      expect(levelOf(got.map((y, n) => y - expected[n]!)), `${frequency} Hz`).toBeLessThan(-75);
    }
  });

  it.each(rates.filter((rate) => rate > TO))("from %i Hz: what would alias is 90 dB down", (from) => {
    for (const frequency of [
      8000,
      8500,
      9300,
      Math.min(12_000, 0.49 * from),
      Math.min(15_900, 0.49 * from),
      0.49 * from,
    ])
      expect(levelOf(resample(sine(frequency, from, 1), from)), `${frequency} Hz`).toBeLessThan(-88);
  });

  it("says the same however the samples are cut into blocks", () => {
    const signal = sine(440, 44_100, 0.3);
    const expected = resample(signal, 44_100, [signal.length]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 10 }), (cuts) => {
        expect(resample(signal, 44_100, cuts)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("answers as many samples as the sound lasts", () => {
    fc.assert(
      fc.property(fc.constantFrom(...rates), fc.integer({ min: 0, max: 5000 }), (from, length) => {
        expect(resample(new Float32Array(length), from).length).toBe(Math.ceil((length * TO) / from));
      }),
      { numRuns: 100 },
    );
  });

  it("at 16 kHz changes nothing", () => {
    const signal = sine(440, TO, 0.1);
    expect(resample(signal, TO)).toEqual(signal);
  });
});
