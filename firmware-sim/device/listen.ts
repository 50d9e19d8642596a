/**
 * From a microphone to seconds: the level meter and the speech detector side by side on the same samples.
 *
 * This is the whole life of audio in a device. Samples are handed on in parts of at most 64 ms; the meter keeps 25 ms of
 * them, the detector 64 ms (the publication limit of DESIGN §4); what leaves here is energies and one probability.
 */
import { fullScalePascal, MEMS_MICROPHONE } from "#firmware/dsp/calibration.ts";
import { createLevelMeter, SECOND_SAMPLES } from "#firmware/dsp/level-meter.ts";
import type { Second } from "#firmware/dsp/second.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Microphone } from "./microphone.ts";

/** No part handed on is longer: 64 ms, the most a device remembers of a sound. */
export const LONGEST_PART = 1024;
const SAMPLES_PER_MS = SECOND_SAMPLES / 1000;
const SECOND_MS = 1000;
/** The sample count may run away from the clock by this much before the count starts anew, ms. */
const DRIFT_MS = 500;

/** Tells of each 16 000 samples how likely they are speech, as soon as it has heard the last of them. */
export type SpeechDetectorMaker = (onSecond: (probability: number) => void) => {
  process(part: Float32Array): void;
};

export interface ListenOptions {
  /** When the first sample was taken, ms UTC. Seconds are UTC seconds: samples before the first whole one are passed over. */
  readonly start: Millis;
  readonly createSpeechDetector: SpeechDetectorMaker;
  /** Pressure at the microphone's full scale, Pa; by default that of a MEMS microphone of −26 dBFS. */
  readonly fullScale?: number;
  /**
   * For a microphone that runs now: a sound card's rate is off by some 10⁻⁵, and a stalled host loses samples. When the
   * count of samples is more than half a second off this clock, counting starts anew with the next whole second.
   */
  readonly now?: () => Millis;
}

export interface Listener {
  /** Hears pressure in Pa at 16 kHz in a block of any length; answers the seconds that end in it. */
  process(block: Float32Array): readonly Second[];
}

export function createListener({ start, createSpeechDetector, fullScale, now }: ListenOptions): Listener {
  const meter = createLevelMeter(fullScale ?? fullScalePascal(MEMS_MICROPHONE.sensitivityDbfs));
  let speech = 0;
  const detector = createSpeechDetector((probability) => {
    speech = probability;
  });
  let t = nextSecond(start);
  let passOver = (t - start) * SAMPLES_PER_MS;

  function startAnew(at: Millis): void {
    t = nextSecond(Math.max(at, t));
    passOver = (t - at) * SAMPLES_PER_MS;
  }

  function second(): Second {
    const result: Second = { t, speech, ...meter.close() };
    t += SECOND_MS;
    const at = now?.() ?? t;
    if (Math.abs(at - t) > DRIFT_MS) startAnew(at);
    return result;
  }

  return {
    process(block) {
      const seconds: Second[] = [];
      for (let from = 0; from < block.length; ) {
        const skipped = Math.min(passOver, block.length - from);
        passOver -= skipped;
        from += skipped;
        const length = Math.min(LONGEST_PART, block.length - from, meter.remaining());
        if (length === 0) break;
        const part = block.subarray(from, from + length);
        meter.process(part);
        detector.process(part);
        from += length;
        if (meter.remaining() === 0) seconds.push(second());
      }
      return seconds;
    },
  };
}

/** Seconds until the microphone ends. */
export async function* listen(microphone: Microphone, options: ListenOptions): AsyncIterable<Second> {
  const listener = createListener(options);
  for await (const block of microphone.blocks()) yield* listener.process(block);
}

const nextSecond = (t: Millis): Millis => Math.ceil(t / SECOND_MS) * SECOND_MS;
