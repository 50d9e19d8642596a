/**
 * What there is to hear, and which half of it may be tuned on. The split is by talker, by piece of music and by the object
 * that makes the noise, so that the held-out half has nothing of what weights and thresholds were chosen on.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Clip, decode } from "./decode.ts";
import { fetchPackages, type Package, packageFolder } from "./packages.ts";
import { synthesise } from "./synthetic-voices.ts";

export type Half = "tuning" | "held-out";

/** One talker: utterances at 16 kHz, full scale ±1, each with the silence it was recorded with. */
export interface Voice {
  readonly name: string;
  readonly utterances: readonly Float32Array[];
}

export interface Recordings {
  readonly voices: readonly Voice[];
  readonly music: readonly Float32Array[];
  readonly keys: readonly Float32Array[];
  readonly tones: readonly Float32Array[];
  readonly doors: readonly Float32Array[];
  readonly steps: readonly Float32Array[];
}

function clipsIn(name: Package, matches: (path: string) => boolean): Clip[] {
  const folder = packageFolder(name);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /\.(g722|ogg|oga|wav|raw)$/.test(file) && matches(file))
    .sort()
    .map((file) => ({ name: basename(file), file }));
}

const spread = <T>(items: readonly T[], count: number): T[] =>
  items.length <= count
    ? [...items]
    : Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);

/** Beeps, silences and monkeys are not speech. */
const prompts = () =>
  spread(
    clipsIn(
      "asterisk-core-sounds-en-g722",
      (file) => !/\/silence\/|beep|tone|tt-monkeys\.|confbridge-(join|leave)\./.test(file),
    ),
    220,
  );
const fish = (which: "m" | "v") =>
  spread(
    clipsIn("fillets-ng-data-nl", (file) => file.includes(`-${which}-`)),
    220,
  );
const readers = () =>
  clipsIn("pocketsphinx-testdata", (file) => /librivox|cards|goforward|numbers|something/.test(file));

async function voicesOf(half: Half): Promise<Voice[]> {
  const recorded: [string, Clip[], number][] =
    half === "tuning"
      ? [
          ["prompts", prompts(), 1],
          ["prompts-low", prompts(), 0.8],
          ["fish-v", fish("v"), 1],
          ["fish-v-high", fish("v"), 1.2],
        ]
      : [
          ["fish-m", fish("m"), 1],
          ["fish-m-low", fish("m"), 0.82],
          ["readers", readers(), 1],
          ["readers-high", readers(), 1.15],
        ];
  const made: ["en" | "da", string, number][] =
    half === "tuning"
      ? [
          ["en", "m3", 165],
          ["da", "f2", 150],
          ["da", "m1", 180],
        ]
      : [
          ["da", "m7", 160],
          ["en", "f4", 175],
          ["da", "f5", 165],
        ];
  const voices: Voice[] = [];
  for (const [name, clips, speed] of recorded) voices.push({ name, utterances: await decode(name, clips, speed) });
  for (const [language, variant, rate] of made) {
    voices.push({ name: `${language}-${variant}`, utterances: await synthesise(language, variant, rate) });
  }
  return voices;
}

/** All recordings of one half. The first call downloads and decodes, about a minute. */
export async function loadRecordings(half: Half): Promise<Recordings> {
  await fetchPackages();
  const tuning = half === "tuning";
  const every = (parity: number) => (_: unknown, i: number) => i % 2 === (tuning ? parity : 1 - parity);
  const piece = tuning ? /macroform-(cold_day|robot_dity)/ : /macroform-the_simplicity/;
  const keys = clipsIn("bucklespring-data", () => true).filter(
    ({ name }) => Number.parseInt(name, 16) % 2 === (tuning ? 0 : 1),
  );
  // The channel names are spoken words.
  const tones = clipsIn("sound-theme-freedesktop", (file) => !file.includes("audio-channel")).filter(every(0));
  const doors = clipsIn("minetest-data", (file) => /doors?_|chest_/.test(file)).filter(every(0));
  const surface = tuning ? /(hard|metal|grass|dirt)_footstep/ : /(wood|glass|gravel|sand)_footstep/;
  return {
    voices: await voicesOf(half),
    music: await decode(
      `music-${half}`,
      clipsIn("asterisk-moh-opsound-g722", (file) => piece.test(file)),
    ),
    keys: await decode(`keys-${half}`, keys),
    tones: await decode(`tones-${half}`, tones),
    doors: await decode(`doors-${half}`, doors),
    steps: await decode(
      `steps-${half}`,
      clipsIn("minetest-data", (file) => surface.test(file)),
    ),
  };
}
