/** Audio through a device's whole signal path, on one core: levels, speech detector, conversation, readings. */
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import { Device, NO_SENSORS } from "#firmware/device/device.ts";
import { createListener } from "#firmware/device/listen.ts";
import { createRandom } from "#firmware/world/random.ts";
import { syntheticVoice } from "#firmware/world/synthetic-voice.ts";
import { createTape } from "#firmware/world/voice.ts";
import type { Bench, Measured, Row } from "../figure.ts";

const SAMPLE_RATE_HZ = 16_000;
/** Length of one part of the sound, which is heard over and over. */
const SOUND_S = 120;
const START = Date.UTC(2026, 0, 5, 12);

export const firmware: Row = {
  name: "firmware",
  title: "Firmware: seconds of audio per second of one core",
  unit: "× real time",
  goal: 500,
  reach: "at least",
  runs: 3,
  measure: async (bench) => measure(bench),
  beside: async () => [],
};

function measure({ quick }: Bench): Measured {
  const sound = talk();
  const listener = createListener({ start: START, createSpeechDetector });
  const device = new Device({
    bornAt: START,
    config: { version: 1, silent: false },
    measures: () => true,
    outbox: { depth: 0, dropped: 0 },
  });
  let readings = 0;
  const before = process.cpuUsage();
  const rounds = quick ? 5 : 40;
  for (let round = 0; round < rounds; round++)
    for (const second of listener.process(sound))
      readings += device.live(second.t, () => ({ second, presence: NO_SENSORS })).length;
  const { user, system } = process.cpuUsage(before);
  return {
    value: (rounds * SOUND_S * 1e6) / (user + system),
    lost: 0,
    details: {
      sound: `${rounds * SOUND_S} s of 16 kHz, half of it synthetic speech, the rest noise`,
      readings,
    },
  };
}

/** A normal voice at 1 m, Pa (ISO 3382-3: 59.5 dBA). */
const VOICE_PA = 2e-5 * 10 ** (59.5 / 20);
/** A quiet room, Pa. */
const NOISE_PA = 2e-5 * 10 ** (30 / 20);

/** Two seconds of talk and two of pause by turns. */
function talk(): Float32Array {
  const random = createRandom("bench");
  const { normal } = createTape(syntheticVoice(random));
  return Float32Array.from({ length: SOUND_S * SAMPLE_RATE_HZ }, (_, n) => {
    const talks = Math.floor(n / (2 * SAMPLE_RATE_HZ)) % 2 === 0;
    return NOISE_PA * random.gaussian() + (talks ? VOICE_PA * normal[n % normal.length]! : 0);
  });
}
