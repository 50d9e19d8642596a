/** A microphone that is out of order: on samples where there are samples, on seconds where the world has no audio. */
import { P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import { energyOf } from "#protocol/decibel.ts";
import { type Microphone, SAMPLE_RATE_HZ } from "../device/microphone.ts";
import { type Fault, faultAt } from "./fault.ts";

type Condition = "silence" | "stuck" | "clipped";

const conditionAt = (faults: readonly Fault[], elapsed: number): Condition | undefined =>
  (["silence", "stuck", "clipped"] as const).find((kind) => faultAt(faults, kind, elapsed));

/** An overdriven input: 40 dB too much, cut at full scale. */
const OVERDRIVE = 100;

/** The samples that a faulty microphone delivers; `fullScale` in Pa. */
export const faultyMicrophone = (microphone: Microphone, faults: readonly Fault[], fullScale: number): Microphone => ({
  async *blocks() {
    let samples = 0;
    for await (const block of microphone.blocks()) {
      spoil(block, conditionAt(faults, (samples * 1000) / SAMPLE_RATE_HZ), fullScale);
      samples += block.length;
      yield block;
    }
  },
});

function spoil(block: Float32Array, condition: Condition | undefined, fullScale: number): void {
  if (condition === "silence") block.fill(0);
  if (condition === "stuck") block.fill(0.5 * fullScale);
  if (condition === "clipped")
    for (let i = 0; i < block.length; i++) block[i] = Math.min(fullScale, Math.max(-fullScale, block[i]! * OVERDRIVE));
}

/** Level of a square wave at the full scale of an INMP441, dB: its acoustic overload point is 120 dB for a sine. */
const OVERDRIVEN_DB = 123;

/** What a faulty microphone makes of a second of a world without audio. */
export function faultySecond(second: Second, faults: readonly Fault[], elapsed: number): Second {
  const condition = conditionAt(faults, elapsed);
  if (!condition) return second;
  const energy = condition === "clipped" ? P0_SQUARED * energyOf(OVERDRIVEN_DB) : 0;
  return {
    ...second,
    thirds: new Float64Array(second.thirds.length).fill(energy / second.thirds.length),
    laf: new Float64Array(second.laf.length).fill(energy),
    a: energy,
    lafMax: energy,
    speech: 0,
    clipped: condition === "clipped",
    ...(condition === "stuck" && { dc: 0.5 }),
  };
}
