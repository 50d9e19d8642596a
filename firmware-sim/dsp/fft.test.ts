import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFft, createRealFft } from "./fft.ts";

/** The definition, term by term. */
function dft(re: Float64Array, im: Float64Array): { re: Float64Array; im: Float64Array } {
  const size = re.length;
  const out = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let k = 0; k < size; k++)
    for (let n = 0; n < size; n++) {
      const angle = (-2 * Math.PI * ((k * n) % size)) / size;
      out.re[k]! += re[n]! * Math.cos(angle) - im[n]! * Math.sin(angle);
      out.im[k]! += re[n]! * Math.sin(angle) + im[n]! * Math.cos(angle);
    }
  return out;
}

const signal = (size: number) => fc.float64Array({ minLength: size, maxLength: size, min: -1, max: 1, noNaN: true });
const furthest = (a: Float64Array, b: Float64Array) => a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);

describe("the transform", () => {
  it.each([2, 4, 8, 16, 32, 128, 256])("of %i complex values is the defining sum", (size) => {
    fc.assert(
      fc.property(signal(size), signal(size), (re, im) => {
        const expected = dft(re, im);
        createFft(size).forward(re, im);
        expect(Math.max(furthest(re, expected.re), furthest(im, expected.im))).toBeLessThan(1e-10 * size);
      }),
      { numRuns: size > 64 ? 5 : 50 },
    );
  });

  it.each([4, 8, 64, 256, 512, 1024])("of %i real values is the complex one's lower half", (size) => {
    fc.assert(
      fc.property(signal(size), (x) => {
        const expected = { re: x.slice(), im: new Float64Array(size) };
        createFft(size).forward(expected.re, expected.im);
        const re = new Float64Array(size / 2 + 1);
        const im = new Float64Array(size / 2 + 1);
        createRealFft(size).forward(x, re, im);
        const half = size / 2 + 1;
        expect(furthest(re, expected.re.subarray(0, half))).toBeLessThan(1e-10);
        expect(furthest(im, expected.im.subarray(0, half))).toBeLessThan(1e-10);
      }),
      { numRuns: 10 },
    );
  });

  it("gives a frame's autocorrelation when it is applied to the mirrored power spectrum", () => {
    const size = 1024;
    const x = Float64Array.from({ length: size }, (_, n) => (n < 512 ? Math.sin(0.3 * n) + ((n * 7) % 5) : 0));
    const fft = createRealFft(size);
    const re = new Float64Array(size / 2 + 1);
    const im = new Float64Array(size / 2 + 1);
    fft.forward(x, re, im);
    const power = new Float64Array(size);
    for (let k = 0; k <= size / 2; k++) power[k] = power[(size - k) % size] = re[k]! ** 2 + im[k]! ** 2;
    fft.forward(power, re, im);
    for (const lag of [0, 1, 40, 200, 511]) {
      let direct = 0;
      for (let n = lag; n < 512; n++) direct += x[n]! * x[n - lag]!;
      expect(re[lag]! / size).toBeCloseTo(direct, 6);
    }
  });

  it.each([0, 1, 3, 1000, -8, Number.NaN])("refuses a length of %d", (size) => {
    expect(() => createFft(size)).toThrow(RangeError);
  });
});
