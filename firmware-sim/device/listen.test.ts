import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAME } from "#firmware/detector/frames.ts";
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import { CHUNK } from "#firmware/dsp/level-meter.ts";
import { P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import { createListener, type ListenOptions, LONGEST_PART, listen, type SpeechDetectorMaker } from "./listen.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const RATE = 16_000;

/** Says how many samples it has heard, in thousands, and notes the parts they came in. */
function countingDetector(parts: number[] = []): SpeechDetectorMaker {
  return (onSecond) => {
    let samples = 0;
    return {
      process(part) {
        parts.push(part.length);
        samples += part.length;
        if (samples % RATE === 0) onSecond(samples / 1000);
      },
    };
  };
}

/** A 1 kHz tone, `levels[n]` dB in the n-th second. */
const tone = (levels: readonly number[]) =>
  Float32Array.from(
    { length: levels.length * RATE },
    (_, n) =>
      Math.SQRT2 * 2e-5 * 10 ** (levels[Math.floor(n / RATE)]! / 20) * Math.sin((2 * Math.PI * 1000 * n) / RATE),
  );

function hear(signal: Float32Array, cuts: readonly number[], options: Partial<ListenOptions> = {}): Second[] {
  const listener = createListener({ start: NOON, createSpeechDetector: countingDetector(), ...options });
  const seconds: Second[] = [];
  for (let at = 0, cut = 0; at < signal.length; cut++) {
    const block = signal.subarray(at, at + cuts[cut % cuts.length]!);
    seconds.push(...listener.process(block));
    at += block.length;
  }
  return seconds;
}

/** What of a second these stories are about: time after noon in ms, dBA in whole numbers, speech. */
const told = ({ t, a, speech }: Second) => [t - NOON, Math.round(10 * Math.log10(a / P0_SQUARED)), speech];

describe("listening", () => {
  it("makes one second of every 16 000 samples, levels and speech of the same ones", () => {
    expect(hear(tone([50, 60, 70]), [4096]).map(told)).toEqual([
      [0, 50, 16],
      [1000, 60, 32],
      [2000, 70, 48],
    ]);
  });

  it("begins with the first whole UTC second and keeps no broken one at the end", () => {
    const signal = tone([90, 60, 60, 60]).subarray(RATE / 4);
    expect(hear(signal, [1000], { start: NOON + 250 }).map(told)).toEqual([
      [1000, 60, 16],
      [2000, 60, 32],
      [3000, 60, 48],
    ]);
    expect(hear(signal.subarray(0, -1), [1000], { start: NOON + 250 })).toHaveLength(2);
  });

  it("hands on at most 64 ms at a time, whatever the microphone delivers", () => {
    const parts: number[] = [];
    hear(tone([50, 50]), [RATE * 2], { createSpeechDetector: countingDetector(parts) });
    expect(Math.max(...parts)).toBe(LONGEST_PART);
    expect(parts.reduce((sum, n) => sum + n, 0)).toBe(2 * RATE);
    for (const samples of [LONGEST_PART, CHUNK, FRAME]) expect(samples / RATE).toBeLessThanOrEqual(0.064);
  });

  it("does not depend on the block length, the detector included", () => {
    const signal = tone([50, 65, 40, 60]).map((p, n) => p * (1 + 0.5 * Math.sin(n / 700)));
    const expected = hear(signal, [RATE], { createSpeechDetector });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 8 }), (cuts) => {
        expect(hear(signal, cuts, { createSpeechDetector })).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it("starts to count anew when the samples and the clock have drifted apart", () => {
    let clock = NOON;
    const listener = createListener({ start: NOON, createSpeechDetector: countingDetector(), now: () => clock });
    const half = tone([60]).subarray(0, RATE / 2);
    const times: number[] = [];
    // Half a second of sound per step; the host stalls for 2.7 s in the fourth step.
    for (const ms of [500, 500, 500, 3200, 500, 500, 500, 500, 500]) {
      clock += ms;
      times.push(...listener.process(half).map(({ t }) => t - NOON));
    }
    expect(times).toEqual([0, 1000, 5000, 6000]);
  });

  it("ends when the microphone ends", async () => {
    const microphone = {
      async *blocks() {
        for (let at = 0; at + 512 <= 3 * RATE; at += 512) yield tone([60]).subarray(0, 512);
      },
    };
    const times: number[] = [];
    for await (const { t } of listen(microphone, { start: NOON, createSpeechDetector })) times.push(t - NOON);
    expect(times).toEqual([0, 1000]);
  });
});
