import { describe, expect, it } from "vitest";
import { createSpeechDetector } from "./speech.ts";

const RATE = 16_000;

function detect(samples: Float32Array, blockLength = 1600): number[] {
  const probabilities: number[] = [];
  const detector = createSpeechDetector((p) => probabilities.push(p));
  for (let at = 0; at < samples.length; at += blockLength) detector.process(samples.subarray(at, at + blockLength));
  return probabilities;
}

/** Deterministic white noise of the given standard deviation. */
function noise(seconds: number, deviation: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: seconds * RATE }, () => {
    let sum = 0;
    for (let i = 0; i < 4; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      sum += state / 2 ** 32 - 0.5;
    }
    return sum * Math.sqrt(3) * deviation;
  });
}

/** What a voice does and nothing else does: harmonics under a gliding pitch, in syllables at about 4 Hz, with pauses. */
function babble(seconds: number, amplitude: number): Float32Array {
  const out = noise(seconds, amplitude / 100);
  let phase = 0;
  for (let n = 0; n < out.length; n++) {
    const t = n / RATE;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 2.1 * t + Math.sin(t * 1.7))) ** 1.5;
    const phrase = Math.sin(2 * Math.PI * 0.35 * t) > -0.6 ? 1 : 0;
    phase += (2 * Math.PI * (130 + 25 * Math.sin(2 * Math.PI * 0.9 * t) + 12 * Math.sin(2 * Math.PI * 2.3 * t))) / RATE;
    let voice = 0;
    for (let h = 1; h <= 20; h++) voice += Math.sin(h * phase) / h;
    out[n]! += amplitude * syllable * phrase * voice;
  }
  return out;
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

describe("speech detector", () => {
  it("gives one probability per whole second, the same for any block length", () => {
    const samples = babble(6.5, 0.02);
    const whole = detect(samples, samples.length);
    expect(whole).toHaveLength(6);
    expect(detect(samples, 1)).toEqual(whole);
    expect(detect(samples, 777)).toEqual(whole);
    expect(detect(samples.subarray(0, RATE - 1))).toEqual([]);
  });

  it("tells a voice from noise, from silence and from a tone", () => {
    const tone = Float32Array.from({ length: 10 * RATE }, (_, n) => 0.02 * Math.sin((2 * Math.PI * 440 * n) / RATE));
    expect(mean(detect(babble(20, 0.02)).slice(2))).toBeGreaterThan(0.6);
    expect(Math.max(...detect(noise(20, 0.02)))).toBeLessThan(0.2);
    expect(Math.max(...detect(new Float32Array(5 * RATE)))).toBeLessThan(0.05);
    expect(Math.max(...detect(tone))).toBeLessThan(0.3);
  });

  it("does not care how loud the voice is", () => {
    const soft = babble(12, 0.02);
    const plain = detect(soft);
    for (const gain of [0.1, 10]) {
      const other = detect(soft.map((x) => x * gain));
      expect(Math.max(...other.map((p, i) => Math.abs(p - plain[i]!)))).toBeLessThan(0.02);
    }
  });

  it("does not mind an offset", () => {
    const plain = detect(babble(12, 0.02));
    const offset = detect(babble(12, 0.02).map((x) => x + 0.5));
    expect(Math.max(...offset.map((p, i) => Math.abs(p - plain[i]!)))).toBeLessThan(0.05);
  });

  it("recovers from samples that are no numbers, and starts anew on reset", () => {
    const probabilities: number[] = [];
    const detector = createSpeechDetector((p) => probabilities.push(p));
    const broken = babble(2, 0.02);
    broken[1000] = Number.NaN;
    broken[2000] = Number.POSITIVE_INFINITY;
    detector.process(broken);
    expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
    detector.process(babble(0.5, 0.02));
    detector.reset();
    probabilities.length = 0;
    detector.process(babble(6.5, 0.02));
    expect(probabilities).toEqual(detect(babble(6.5, 0.02)));
  });
});
