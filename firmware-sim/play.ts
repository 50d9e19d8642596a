/** One device hears a microphone: a recording in real time, or a sound card. */
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import type { Second } from "#firmware/dsp/second.ts";
import { createDice } from "#firmware/world/dice.ts";
import { presenceFrame } from "#firmware/world/presence-sensors.ts";
import { hashText } from "#firmware/world/random.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Clock } from "./device/clock.ts";
import { NO_SENSORS, type PresenceSensors } from "./device/device.ts";
import { createListener, LONGEST_PART, listen } from "./device/listen.ts";
import { type Microphone, SAMPLE_RATE_HZ } from "./device/microphone.ts";

const SECOND_MS = 1000;

/** Seconds of a sound card, as its samples come; ends when they do or when the signal fires. */
export const secondsOfSoundCard = (microphone: Microphone, clock: Clock): AsyncIterable<Second> =>
  listen(microphone, { start: clock.now(), createSpeechDetector, now: clock.now });

/**
 * Seconds of a recording, at the pace of the clock; its first sample is heard at the next whole second. In short parts: a second
 * that is told a block late looks like a clock that is off.
 */
export async function* secondsOfRecording(
  microphone: Microphone,
  clock: Clock,
  signal: AbortSignal,
): AsyncIterable<Second> {
  let start: Millis | undefined;
  let samples = 0;
  let listener = createListener({ start: 0, createSpeechDetector });
  for await (const block of microphone.blocks()) {
    if (start === undefined) {
      start = Math.ceil(clock.now() / SECOND_MS) * SECOND_MS;
      listener = createListener({ start, createSpeechDetector });
    }
    for (let from = 0; from < block.length; from += LONGEST_PART) {
      const part = block.subarray(from, from + LONGEST_PART);
      samples += part.length;
      const due = start + (samples * 1000) / SAMPLE_RATE_HZ;
      await clock.wait(Math.max(0, due - clock.now()), signal).catch(() => {});
      if (signal.aborted) return;
      yield* listener.process(part);
    }
  }
}

/** What radar and infrared report of `people`, one of whom moves now and then; the same for the same seed. */
export function presenceOf(people: number | undefined, seed: string | number): (t: Millis) => PresenceSensors {
  if (people === undefined) return () => NO_SENSORS;
  const dice = createDice();
  const place = hashText(`${seed}/presence`)[0]!;
  return (t) => {
    dice.throwFor(place, t / SECOND_MS);
    return presenceFrame(people, Math.min(people, 1), dice);
  };
}
