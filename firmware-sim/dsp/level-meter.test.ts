import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addLevels, meanLevel, subtractLevel } from "#protocol/decibel.ts";
import { aWeightingDb } from "./a-weighting.ts";
import { band, octavesOf, THIRDS } from "./bands.ts";
import { createBiquadCascade } from "./biquad.ts";
import { bandPassSections } from "./butterworth.fixture.ts";
import { designBandPass } from "./butterworth.ts";
import { fullScalePascal, MEMS_MICROPHONE } from "./calibration.ts";
import { createLevelMeter, type Levels } from "./level-meter.ts";
import { P0_SQUARED } from "./second.ts";
import { FAST_S, timeWeight } from "./time-weighting.ts";

const RATE = 16_000;
const FULL_SCALE = fullScalePascal(MEMS_MICROPHONE.sensitivityDbfs);
const levelOf = (meanSquare: number) => 10 * Math.log10(meanSquare / P0_SQUARED);
/** RMS pressure of a level, Pa. */
const rmsOf = (level: number) => 2e-5 * 10 ** (level / 20);

/** What a meter says of a signal, second by second; `cuts` are block lengths, used in turn. */
function measure(signal: Float32Array, cuts: readonly number[] = [512]): Levels[] {
  const meter = createLevelMeter(FULL_SCALE);
  const seconds: Levels[] = [];
  for (let at = 0, cut = 0; at < signal.length; cut++) {
    const length = Math.min(cuts[cut % cuts.length]!, signal.length - at, meter.remaining());
    meter.process(signal.subarray(at, at + length));
    at += length;
    if (at % RATE === 0) seconds.push(meter.close());
  }
  return seconds;
}

const sine = (frequency: number, level: number, seconds: number) =>
  Float32Array.from(
    { length: seconds * RATE },
    (_, n) => Math.SQRT2 * rmsOf(level) * Math.sin((2 * Math.PI * frequency * n) / RATE),
  );

/** Repeatable numbers, even over [0, 1): mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** White Gaussian noise of the given level over 0–8 kHz. */
function noise(level: number, seconds: number, seed: number): Float32Array {
  const next = random(seed);
  const rms = rmsOf(level);
  return Float32Array.from(
    { length: seconds * RATE },
    () => rms * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}

describe("levels", () => {
  it("TV-4, TV-5: are combined as energies", () => {
    expect(meanLevel([60, 50], [30, 30])).toBeCloseTo(57.4, 2);
    expect([addLevels([60, 60]), addLevels([60, 50]), subtractLevel(70, 60)]).toEqual([
      expect.closeTo(63.01, 2),
      expect.closeTo(60.41, 2),
      expect.closeTo(69.54, 2),
    ]);
  });

  it("TV-4: 30 s at 60 dB and 30 s at 50 dB are 57.40 dB together", () => {
    const seconds = [...measure(sine(1000, 60, 31)).slice(1), ...measure(sine(1000, 50, 31)).slice(1)];
    // The weighting filter itself is 0.01 dB up at 1 kHz.
    const level = levelOf(seconds.reduce((sum, { a }) => sum + a, 0) / seconds.length);
    expect(Math.abs(level - 57.4)).toBeLessThan(0.02);
  });

  it("TV-6: a 94 dB sine peaks at the microphone's sensitivity", () => {
    const peak = (Math.SQRT2 * 1) / FULL_SCALE;
    expect(peak).toBeCloseTo(0.050119, 6);
    expect(Math.round(peak * (2 ** 23 - 1))).toBe(420426);
    expect(20 * Math.log10((0.035439 * FULL_SCALE) / 1)).toBeCloseTo(0, 3);
    expect(20 * Math.log10((0.0001 * FULL_SCALE) / 1) + 94).toBeCloseTo(43.01, 2);
  });
});

describe("time weighting", () => {
  const burstsMs = [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1];
  // IEC 61672-1:2013 Table 4: responses to a 4 kHz burst re the steady level and class 1 limits, dB.
  const fast = [0, -0.1, -1, -2.6, -4.8, -8.3, -11.1, -14.1, -18, -21];
  const slow = [-2, -4.1, -7.4, -10.2, -13.1, -17, -20, -23, -27];
  const above = [0.5, 0.5, 0.5, 1, 1, 1, 1, 1, 1, 1];
  const below = [0.5, 0.5, 0.5, 1, 1, 1, 1, 1, 1.5, 2];
  /** A 4 kHz tone of 80 dB that begins a quarter second into the first second. */
  const burst = (ms: number) => sine(4000, 80, 3).map((p, n) => (n >= 4000 && n < 4000 + (ms * RATE) / 1000 ? p : 0));
  const steady = levelOf(measure(sine(4000, 80, 4))[3]!.a);

  it.each(burstsMs)("TV-2: the greatest LAF of a %i ms burst", (ms) => {
    const i = burstsMs.indexOf(ms);
    const response = levelOf(Math.max(...measure(burst(ms)).map((s) => s.lafMax))) - steady;
    expect(response - fast[i]!).toBeLessThan(above[i]!);
    expect(response - fast[i]!).toBeGreaterThan(-below[i]!);
  });

  it.each(burstsMs)("TV-2: the exposure of a %i ms burst", (ms) => {
    const exposure = levelOf(measure(burst(ms)).reduce((sum, { a }) => sum + a, 0)) - steady;
    expect(Math.abs(exposure - 10 * Math.log10(ms / 1000))).toBeLessThan(0.5);
  });

  it("TV-2: the weight for Fast and Slow makes a burst of the tabled height", () => {
    for (const [tau, table] of [
      [FAST_S, fast],
      [1, slow],
    ] as const)
      for (const [i, expected] of table.entries()) {
        let y = 0;
        for (let n = 0; n < (burstsMs[i]! * RATE) / 1000; n++) y += timeWeight(tau, RATE) * (1 - y);
        expect(Math.abs(10 * Math.log10(y) - expected)).toBeLessThan(0.06);
      }
  });

  it("falls by 34.7 dB a second when the sound stops", () => {
    const [, , quiet] = measure(sine(1000, 80, 3).map((p, n) => (n < 2 * RATE ? p : 0)));
    expect(levelOf(quiet!.laf[0]!) - levelOf(quiet!.laf[7]!)).toBeCloseTo((34.74 * 7) / 8, 1);
  });
});

describe("the level meter", () => {
  it("TV-33: a 60 dB sine at 1 kHz through a 24-bit microphone and back", () => {
    const counts = 2 ** 23 - 1;
    const samples = sine(1000, 60, 6).map((p) => Math.round((p / FULL_SCALE) * counts) / counts);
    const pressure = samples.map((x) => x * FULL_SCALE);
    const second = measure(pressure)[5]!;
    for (const energy of [second.a, second.lafMax, octavesOf(second.thirds)[2]!])
      expect(Math.abs(levelOf(energy) - 60)).toBeLessThan(0.1);
    expect([levelIn(pressure, 1), levelIn(pressure, 2)]).toEqual([
      expect.closeTo(60 - 25.08, 1),
      expect.closeTo(60 - 51.2, 1),
    ]);
    expect(levelOf(octavesOf(second.thirds)[3]!)).toBeLessThan(60 - 25.08);
  });

  it("TV-10: reads white noise of S dB/Hz as S + 10 lg(bandwidth) + 0.1 dB in each third", () => {
    const seconds = measure(noise(70, 60, 1)).slice(1);
    const density = 70 - 10 * Math.log10(RATE / 2);
    for (const [i, { low, high }] of THIRDS.entries()) {
      const level = levelOf(seconds.reduce((sum, s) => sum + s.thirds[i]!, 0) / seconds.length);
      const jitter = 4.34 / Math.sqrt((high - low) * seconds.length);
      expect(Math.abs(level - (density + 10 * Math.log10(high - low) + 0.11))).toBeLessThan(3.5 * jitter + 0.02);
    }
  });

  it("TV-29: one-second octave levels of noise jitter by 4.34/√bandwidth", () => {
    const seconds = measure(noise(70, 301, 2)).slice(1);
    const expected = [0.33, 0.23, 0.16, 0.12, 0.08];
    for (const [o, sigma] of expected.entries()) {
      const levels = seconds.map((s) => levelOf(octavesOf(s.thirds)[o]!));
      const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
      const spread = Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length);
      expect(spread / sigma).toBeGreaterThan(0.85);
      expect(spread / sigma).toBeLessThan(1.15);
    }
  });

  it("says the same of the same samples however they are cut into blocks", () => {
    const signal = noise(60, 3, 3);
    const expected = measure(signal, [RATE]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }), (cuts) => {
        expect(measure(signal, cuts)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it("reads a signal that is k times as strong as k² times the energy, in every quantity", () => {
    const signal = noise(60, 2, 4);
    const [, plain] = measure(signal);
    fc.assert(
      fc.property(fc.integer({ min: -6, max: 4 }), (exponent) => {
        const k = 2 ** exponent;
        const [, scaled] = measure(signal.map((p) => k * p));
        const energies = ({ thirds, a, laf, lafMax }: Levels) => [...thirds, a, ...laf, lafMax];
        const expected = energies(plain!).map((energy) => energy * k * k);
        expect(energies(scaled!)).toEqual(expected);
      }),
      { numRuns: 8 },
    );
  });

  it("adds the energies of sounds that have no frequency in common", () => {
    const both = sine(500, 60, 4).map((p, n) => p + Math.SQRT2 * rmsOf(57) * Math.sin((2 * Math.PI * 2000 * n) / RATE));
    const [one, other, sum] = [sine(500, 60, 4), sine(2000, 57, 4), both].map((signal) => measure(signal)[3]!);
    expect(levelOf(sum!.a)).toBeCloseTo(levelOf(one!.a + other!.a), 3);
  });

  it("reads the same A-weighted level by its filter as by its thirds", () => {
    const tones = THIRDS.map(({ mid }, i) => sine(mid, 50 + ((7 * i) % 11), 4));
    const [, , , second] = measure(tones[0]!.map((_, n) => tones.reduce((sum, tone) => sum + tone[n]!, 0)));
    const byThirds = second!.thirds.reduce(
      (sum, energy, i) => sum + energy * 10 ** (aWeightingDb(THIRDS[i]!.mid) / 10),
      0,
    );
    expect(Math.abs(levelOf(second!.a) - levelOf(byThirds))).toBeLessThan(0.1);
  });

  it("knows clipping from 0.1 dB below full scale on, and a DC offset in shares of full scale", () => {
    const peaking = (share: number) => sine(1000, 60, 1).map((p, n) => (n === 777 ? share * FULL_SCALE : p));
    expect(measure(peaking(0.98))[0]!.clipped).toBe(false);
    expect(measure(peaking(-0.99))[0]!.clipped).toBe(true);
    const shifted = measure(sine(1000, 60, 3).map((p) => p + 0.03 * FULL_SCALE));
    expect(shifted[2]!.dc).toBeCloseTo(0.03, 6);
    expect(levelOf(shifted[2]!.a)).toBeCloseTo(60, 1);
  });

  it("comes to complete rest in silence", () => {
    const seconds = measure(sine(1000, 60, 40).map((p, n) => (n < RATE ? p : 0)));
    const silence: Levels = {
      thirds: new Float64Array(16),
      a: 0,
      laf: new Float64Array(8),
      lafMax: 0,
      clipped: false,
      dc: 0,
    };
    expect(seconds.at(-1)).toEqual(silence);
  });

  it("takes a sample that is no number for silence, and recovers", () => {
    const faulty = sine(1000, 60, 3).map((p, n) =>
      n === 5000 ? Number.NaN : n === 6000 ? Number.POSITIVE_INFINITY : p,
    );
    expect(Math.abs(levelOf(measure(faulty)[2]!.a) - 60)).toBeLessThan(0.02);
  });

  it("refuses a block beyond the second and an end before it", () => {
    const meter = createLevelMeter(FULL_SCALE);
    meter.process(new Float32Array(15_900));
    expect(meter.remaining()).toBe(100);
    expect(() => meter.process(new Float32Array(101))).toThrow(RangeError);
    expect(() => meter.close()).toThrow("100 samples missing");
    meter.process(new Float32Array(100));
    expect(meter.close().a).toBe(0);
    expect(meter.remaining()).toBe(RATE);
  });
});

/** Level of the last second in an octave filter `steps` octaves above 1 kHz. */
function levelIn(pressure: Float32Array, steps: number): number {
  const filtered = Float64Array.from(pressure);
  createBiquadCascade(bandPassSections(designBandPass(band(steps, 1), 4, RATE))).process(filtered, filtered.length);
  return levelOf(filtered.subarray(-RATE).reduce((sum, p) => sum + p * p, 0) / RATE);
}
