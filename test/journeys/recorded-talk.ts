/** A recorded conversation as a WAV file: English prompts, and a second talker made of the same by another pitch. */
import { writeFile } from "node:fs/promises";
import { activeMeanSquare, type Weighting } from "#firmware/audio/active-level.ts";
import { wavBytes } from "#firmware/audio/wav-writer.ts";
import { createRandom } from "#firmware/world/random.ts";
import { loadRecordings } from "#test/recordings/recordings.ts";
import { gainTo } from "#test/scenes/level.ts";
import { RATE } from "#test/scenes/scene.ts";
import { talk } from "#test/scenes/talk.ts";

/** Peaks of speech 12 dB over its active level still fit. */
const HEADROOM_DB = -22;

export interface RecordedTalk {
  readonly seconds: number;
  /** What `--level` must be for the talk to have this A-weighted active level, dB. */
  readonly levelFor: (dba: number) => number;
}

/** Two voices that take turns from the file's first sample to its last word. */
export async function writeConversation(file: string, seconds: number): Promise<RecordedTalk> {
  const { voices } = await loadRecordings("tuning");
  const two = ["prompts", "prompts-low"].map((name) => voices.find((voice) => voice.name === name)!);
  const samples = new Float32Array(seconds * RATE);
  const events = talk({ voices: two, from: 0, to: seconds, levelDb: 60 }, createRandom("a two-minute conversation"));
  for (const { at, samples: utterance, levelDb } of events) {
    const gain = gainTo(levelDb, utterance);
    const start = Math.round(at * RATE);
    for (let n = 0; n < utterance.length && start + n < samples.length; n++)
      samples[start + n]! += gain * utterance[n]!;
  }
  const unit = 10 ** (HEADROOM_DB / 20) / Math.sqrt(await energy(samples, "Z"));
  const scaled = samples.map((sample) => sample * unit);
  await writeFile(file, wavBytes(scaled, RATE));
  const aWeighted = 10 * Math.log10((await energy(scaled, "A")) / (await energy(scaled, "Z")));
  return { seconds, levelFor: (dba) => dba - aWeighted };
}

const energy = (samples: Float32Array, weighting: Weighting): Promise<number> =>
  activeMeanSquare(
    (async function* () {
      yield samples;
    })(),
    weighting,
  );
