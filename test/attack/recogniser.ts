/** Debian's pocketsphinx with a closed vocabulary: it answers one of the words, or none. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const PROGRAM = "pocketsphinx_batch";
const MODEL = "/usr/share/pocketsphinx/model/en-us";

/** What `npm run services` installs where it can; without it the attack cannot be tried. */
export const hasRecogniser = (): boolean =>
  existsSync(join(MODEL, "en-us", "mdef")) &&
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, PROGRAM)));

/** The word heard in each sound (16 kHz, any scale), "" for none. Every word of `vocabulary` is in the model's dictionary. */
export async function recognise(sounds: readonly Float32Array[], vocabulary: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "fortrolig-attack-"));
  try {
    const names = sounds.map((_, i) => `u${String(i).padStart(5, "0")}`);
    await Promise.all(sounds.map((sound, i) => writeFile(join(folder, `${names[i]}.raw`), pcm(sound))));
    await writeFile(join(folder, "sounds.ctl"), names.join("\n"));
    await writeFile(join(folder, "words.gram"), grammar(vocabulary));
    const paths = ["-hmm", join(MODEL, "en-us"), "-dict", join(MODEL, "cmudict-en-us.dict")];
    const input = ["-ctl", join(folder, "sounds.ctl"), "-cepdir", folder, "-cepext", ".raw", "-adcin", "yes"];
    const words = ["-jsgf", join(folder, "words.gram"), "-hyp", join(folder, "heard.txt")];
    await promisify(execFile)(PROGRAM, [...paths, ...input, ...words, "-logfn", "/dev/null"]);
    return heardIn(await readFile(join(folder, "heard.txt"), "utf8"), sounds.length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const grammar = (vocabulary: readonly string[]): string =>
  `#JSGF V1.0;\ngrammar words;\npublic <word> = ${vocabulary.join(" | ")};\n`;

/** One line a sound: `word (u00000 -1234)`. */
function heardIn(text: string, count: number): string[] {
  const lines = text.trimEnd().split("\n");
  if (lines.length !== count) throw new Error(`${PROGRAM} answered ${lines.length} of ${count} sounds`);
  return lines.map((line) => line.replace(/\s*\(u\d+ [^)]*\)$/, "").trim());
}

/** 16 bit, the loudest sample at half of full scale. */
function pcm(sound: Float32Array): Uint8Array {
  const peak = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9);
  return new Uint8Array(Int16Array.from(sound, (sample) => (16_383 * sample) / peak).buffer);
}
