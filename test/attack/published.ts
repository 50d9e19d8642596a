/** What a device says of words that are spoken to it one at a time: the whole firmware path, a microphone to JSON. */
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import { NO_SENSORS } from "#firmware/device/device.ts";
import { listen } from "#firmware/device/listen.ts";
import { SAMPLE_RATE_HZ } from "#firmware/device/microphone.ts";
import { generateFrom } from "#firmware/generate.ts";
import { createRandom } from "#firmware/world/random.ts";
import { STATS_WINDOW_S } from "#protocol/cadence.ts";
import type { Readings } from "#protocol/readings.ts";
import { parseSite } from "#protocol/site-file.ts";
import { parseTopic } from "#protocol/topics.ts";
import { gainTo } from "#test/scenes/level.ts";

/** A word has this long, s; it begins somewhere in the first of them. */
export const SLOT_S = 3;
const FROM = Date.UTC(2026, 0, 5, 12);
const LEVEL_DB = 65;
const site = parseSite(
  "{ site: lab, name: Lab, timeZone: UTC, rooms: [{ id: R, name: R, kind: shared-office, assigned: 2 }], devices: [{ id: r, room: R }] }",
  "lab",
);

export interface Spoken {
  /** Pascal at 16 kHz, one slot each, in the order said. */
  readonly slots: readonly Float32Array[];
  /** Which word it is. */
  readonly words: readonly number[];
}

/** Every word `takes` times, in order, each time at another place in its slot, in a room without any noise: the attacker's best case. */
export function speak(words: readonly Float32Array[], takes: number, seed: string): Spoken {
  const random = createRandom(seed);
  const order = Array.from({ length: takes }, () => words.map((_, i) => i)).flat();
  const slots = order.map((word) => {
    const samples = words[word]!.subarray(0, (SLOT_S - 1) * SAMPLE_RATE_HZ);
    const slot = new Float32Array(SLOT_S * SAMPLE_RATE_HZ);
    const gain = gainTo(LEVEL_DB, samples);
    slot.set(
      samples.map((x) => gain * x),
      random.integer(0, SAMPLE_RATE_HZ),
    );
    return slot;
  });
  return { slots, words: order };
}

export interface Published {
  /** Octave levels, dB, second by second from the first slot on. */
  readonly seconds: readonly (readonly number[])[];
  /** The spectra of speech in `stats`, dB. */
  readonly spectra: readonly (readonly number[])[];
}

/** Under a lease that never ends. */
export async function publish(slots: readonly Float32Array[]): Promise<Published> {
  const seconds = listen({ blocks: () => played(slots) }, { start: FROM, createSpeechDetector });
  const options = { site, seed: "attack", from: FROM, until: Number.POSITIVE_INFINITY, always: true };
  const leaseUntil = (_: string, t: number) => t + 600_000;
  const device = { id: "r", room: "R" };
  const levels: number[][] = [];
  const spectra: number[][] = [];
  for await (const { topic, payload } of generateFrom(seconds, () => NO_SENSORS, { ...options, leaseUntil }, device)) {
    const { channel } = parseTopic(topic)!;
    if (channel === "bands") levels.push(...(JSON.parse(payload) as Readings["bands"]).levels);
    if (channel === "stats") spectra.push(...([(JSON.parse(payload) as Readings["stats"]).speech ?? []] as number[][]));
  }
  return { seconds: levels, spectra: spectra.filter((spectrum) => spectrum.length > 0) };
}

/** The slots one after another, and silence until the statistics are out. */
async function* played(slots: readonly Float32Array[]): AsyncIterable<Float32Array> {
  yield* slots;
  const rest = STATS_WINDOW_S - ((slots.length * SLOT_S) % STATS_WINDOW_S);
  for (let s = 0; s < rest; s++) yield new Float32Array(SAMPLE_RATE_HZ);
}
