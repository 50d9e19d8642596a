import { describe, expect, it } from "vitest";
import { createRealFft } from "#firmware/dsp/fft.ts";
import { createNoise, NOISE_OCTAVES_HZ, noiseCriterion } from "./noise.ts";
import { createRandom } from "./random.ts";

/** Octave levels by a mean periodogram of 4096 samples. */
function octaveLevels(samples: Float32Array): number[] {
  const size = 4096;
  const fft = createRealFft(size);
  const frame = new Float64Array(size);
  const re = new Float64Array(size / 2 + 1);
  const im = new Float64Array(size / 2 + 1);
  const power = new Float64Array(size / 2 + 1);
  const frames = Math.floor(samples.length / size);
  for (let i = 0; i < frames; i++) {
    for (let n = 0; n < size; n++) {
      frame[n] = samples[i * size + n]! * Math.sqrt(2 / 3) * (1 - Math.cos((2 * Math.PI * n) / size));
    }
    fft.forward(frame, re, im);
    for (let k = 0; k < power.length; k++) power[k]! += (2 * (re[k]! ** 2 + im[k]! ** 2)) / (size * size * frames);
  }
  const within = (mid: number) =>
    power.reduce((sum, p, k) => {
      const f = (k * 16_000) / size;
      return f >= mid * Math.SQRT1_2 && f < mid * Math.SQRT2 ? sum + p : sum;
    }, 0);
  return NOISE_OCTAVES_HZ.slice(0, 7).map((mid) => 10 * Math.log10(within(mid) / 4e-10));
}

describe("shaped noise", () => {
  it("has the octave levels of its NC curve within 0.5 dB", () => {
    for (const nc of [20, 27.5, 40]) {
      const wanted = noiseCriterion(nc).slice(0, 7);
      const samples = new Float32Array(60 * 16_000);
      createNoise(noiseCriterion(nc), createRandom(nc)).addTo(samples);
      const errors = octaveLevels(samples).map((level, i) => Math.abs(level - wanted[i]!));
      expect(Math.max(...errors)).toBeLessThan(0.5);
    }
  });

  it("is the same whatever the block length, from its first sample at full level", () => {
    const whole = new Float32Array(8000);
    createNoise(noiseCriterion(30), createRandom("a")).addTo(whole);
    const pieces = new Float32Array(8000);
    const noise = createNoise(noiseCriterion(30), createRandom("a"));
    for (let at = 0; at < 8000; at += 160) noise.addTo(pieces.subarray(at, at + 160));
    expect(pieces).toEqual(whole);
    const meanSquare = (x: Float32Array) => x.reduce((sum, v) => sum + v * v, 0) / x.length;
    expect(10 * Math.log10(meanSquare(whole.subarray(0, 2000)) / meanSquare(whole))).toBeGreaterThan(-3);
  });

  it("knows the curves from NC-15 to NC-45 and interpolates between them", () => {
    expect(noiseCriterion(35)).toEqual([60, 52, 45, 40, 36, 34, 33, 32]);
    expect(noiseCriterion(22.5)).toEqual([52, 42, 35, 28.5, 24.5, 22, 19.5, 19]);
    expect(() => noiseCriterion(50)).toThrow("NC-50");
  });
});
