import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { createConvolver, roomImpulseResponse } from "./reverberation.ts";

describe("room response", () => {
  it("has energy one, the asked ratio of direct to reverberant sound and the asked decay", () => {
    const response = roomImpulseResponse({ rt60: 0.6, directToReverberantDb: -3 }, createRandom("room"));
    const energy = (from: number, to: number) => response.subarray(from, to).reduce((sum, v) => sum + v * v, 0);
    expect(energy(0, response.length)).toBeCloseTo(1, 6);
    expect(10 * Math.log10(response[0]! ** 2 / energy(1, response.length))).toBeCloseTo(-3, 6);
    const early = energy(160, 1760);
    const later = energy(160 + 4800, 1760 + 4800);
    expect(10 * Math.log10(early / later)).toBeGreaterThan(28.5);
    expect(10 * Math.log10(early / later)).toBeLessThan(31.5);
  });
});

describe("convolver", () => {
  it("equals the sum over products, whatever the lengths", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        (taps, blocks, seed) => {
          const random = createRandom(seed);
          const response = Float64Array.from({ length: taps }, () => random.gaussian());
          const signal = Float32Array.from({ length: blocks * 64 }, () => random.gaussian());
          const out = Float32Array.from(signal);
          const convolver = createConvolver(response, 64);
          for (let at = 0; at < out.length; at += 64) convolver.process(out.subarray(at, at + 64));
          for (let n = 0; n < out.length; n++) {
            let sum = 0;
            for (let k = 0; k < Math.min(taps, n + 1); k++) sum += response[k]! * signal[n - k]!;
            expect(Math.abs(out[n]! - sum)).toBeLessThan(1e-4);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
