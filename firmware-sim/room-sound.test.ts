import { describe, expect, it } from "vitest";
import { A_WEIGHTING_16_KHZ } from "#firmware/dsp/a-weighting.ts";
import { createBiquadCascade } from "#firmware/dsp/biquad.ts";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import { createRandom } from "#firmware/world/random.ts";
import { levelOf } from "#protocol/decibel.ts";
import type { Microphone } from "./device/microphone.ts";
import { looped, withTail, withVentilation } from "./room-sound.ts";

const recording = (...blocks: number[][]): Microphone => ({
  async *blocks() {
    for (const block of blocks) yield Float32Array.from(block);
  },
});

async function samples(microphone: Microphone, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const heard: number[] = [];
  for await (const block of microphone.blocks()) {
    heard.push(...block);
    if (heard.length >= most) break;
  }
  return heard;
}

describe("a room", () => {
  it("goes on after the recording, quietly", async () => {
    const heard = await samples(withTail(recording([1, 2]), 0.1));
    expect(heard).toEqual([1, 2, ...new Array(1600).fill(0)]);
  });

  it("hears a recording again and again, and an empty one not for ever", async () => {
    expect(await samples(looped(recording([1], [2])), 5)).toEqual([1, 2, 1, 2, 1]);
    expect(await samples(looped(recording()))).toEqual([]);
  });

  it("hums as its NC curve says", async () => {
    const heard = Float64Array.from(await samples(withVentilation(withTail(recording(), 20), 30, createRandom("nc"))));
    createBiquadCascade(A_WEIGHTING_16_KHZ).process(heard, heard.length);
    const level = levelOf(heard.reduce((sum, p) => sum + p * p, 0) / heard.length / P0_SQUARED);
    // NC-30 is 39.9 dBA (ANSI/ASA S12.2 table 1, A-weighted).
    expect(Math.abs(level - 39.9)).toBeLessThan(1);
  });

  it("knows no curve outside the table", () =>
    expect(() => withVentilation(recording(), 99, createRandom(1))).toThrow("the curves run from NC-15 to NC-45"));
});
