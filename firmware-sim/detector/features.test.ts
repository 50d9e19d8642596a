import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BANDS, bandOf, bandPowers, createNoiseFloor } from "./bands.ts";
import { createFeatureExtractor, type Features } from "./features.ts";
import { createFramer, FRAME, HOP, SAMPLE_RATE_HZ } from "./frames.ts";
import { createRhythmMeter } from "./rhythm.ts";

describe("framer", () => {
  it("gives the same frames for any way to cut the samples, the first when 1024 are there", () => {
    const samples = Float32Array.from({ length: 4000 }, (_, n) => Math.sin(n * n));
    const framesOf = (cuts: readonly number[]) => {
      const frames: number[][] = [];
      const framer = createFramer((frame) => frames.push([...frame]));
      const edges = [0, ...[...cuts].sort((a, b) => a - b), samples.length];
      for (let i = 1; i < edges.length; i++) framer.process(samples, edges[i - 1]!, edges[i]!);
      return frames;
    };
    const whole = framesOf([]);
    expect(whole).toHaveLength(Math.floor((samples.length - FRAME) / HOP) + 1);
    fc.assert(
      fc.property(fc.array(fc.nat(4000), { maxLength: 20 }), (cuts) => {
        expect(framesOf(cuts)).toEqual(whole);
      }),
      {
        numRuns: 30,
      },
    );
  });
});

describe("noise floor", () => {
  it("keeps to the noise under talk, and learns a new noise within 20 s", () => {
    const floor = createNoiseFloor();
    const hear = (seconds: number, power: (frame: number) => number) => {
      for (let n = 0; n < seconds * 62.5; n++) floor.add(new Float64Array(BANDS).fill(power(n)));
      return 10 * Math.log10(floor.power[8]!);
    };
    const quiet = hear(10, () => 1);
    expect(hear(10, (n) => (n % 40 < 25 ? 1000 : 1))).toBeCloseTo(quiet, 6);
    expect(hear(21, () => 100)).toBeCloseTo(quiet + 20, 6);
  });
});

describe("bands", () => {
  it("hold a tone's power where its frequency lies", () => {
    const power = new Float64Array(FRAME / 2 + 1);
    power[64] = (FRAME * FRAME) / 2;
    const bands = new Float64Array(BANDS);
    expect(bandPowers(power, bands)).toBeCloseTo(1, 6);
    expect(bands[bandOf((64 * SAMPLE_RATE_HZ) / FRAME)]).toBeCloseTo(1, 6);
  });
});

describe("rhythm", () => {
  it("is strong for beats, weak for irregular onsets", () => {
    const peakOf = (gap: (i: number) => number) => {
      const meter = createRhythmMeter();
      for (let i = 0, left = 0, n = 0; n < 600; n++, left--) {
        if (left <= 0) left = gap(i++);
        meter.add(left === 1 ? 20 : 0);
      }
      return meter.peak();
    };
    expect(peakOf(() => 31)).toBeGreaterThan(0.8);
    expect(peakOf((i) => [17, 53, 29, 41, 13, 61, 23, 37, 19, 47][i % 10]!)).toBeLessThan(0.5);
  });
});

describe("features", () => {
  it("are numbers, whatever is heard", () => {
    const sample = fc.oneof(fc.double({ min: -1e6, max: 1e6 }), fc.constantFrom(0, Number.NaN, Infinity, 1e-30));
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 400 }),
        (pattern, hold) => {
          const all: Features[] = [];
          const extractor = createFeatureExtractor((features) => all.push({ ...features }));
          extractor.process(
            Float32Array.from({ length: 32_000 }, (_, n) => pattern[Math.floor(n / hold) % pattern.length]!),
          );
          expect(all).toHaveLength(2);
          for (const features of all)
            for (const value of Object.values(features)) expect(value).toSatisfy(Number.isFinite);
        },
      ),
      { numRuns: 25 },
    );
  });
});
