/** Recordings as samples: decoded once by ffmpeg to 16 kHz mono, 16 bit, kept in the cache. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE, program, putInPlace } from "./packages.ts";

export interface Clip {
  readonly name: string;
  /** Path of the recording. */
  readonly file: string;
}

/** Recordings per call of ffmpeg: starting it takes longer than decoding a short clip. */
const BATCH = 50;

/**
 * The samples of `clips`, full scale ±1, 16 kHz, in their order. They are kept under `key`; a key stands for one list of
 * clips and one `speed` (2 plays twice as fast and an octave higher).
 */
export async function decode(key: string, clips: readonly Clip[], speed = 1): Promise<Float32Array[]> {
  const folder = join(CACHE, "samples", key);
  if (!existsSync(folder)) await fill(folder, clips, speed);
  return readdirSync(folder)
    .sort()
    .map((name) => samplesOf(join(folder, name)));
}

async function fill(folder: string, clips: readonly Clip[], speed: number): Promise<void> {
  const work = `${folder}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    for (let at = 0; at < clips.length; at += BATCH) {
      const batch = clips.slice(at, at + BATCH);
      const inputs = batch.flatMap(({ file }) => [...formatOf(file), "-i", file]);
      const outputs = batch.flatMap((_, i) => {
        const name = join(work, `${String(at + i).padStart(5, "0")}.s16`);
        const pitch = `aresample=16000,asetrate=${Math.round(16_000 * speed)},aresample=16000`;
        return ["-map", `${i}:a`, "-af", pitch, "-ac", "1", "-f", "s16le", name];
      });
      await program("ffmpeg", ["-v", "error", "-nostdin", "-y", ...inputs, ...outputs]);
    }
    putInPlace(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function formatOf(file: string): string[] {
  if (file.endsWith(".g722")) return ["-f", "g722"];
  if (file.endsWith(".raw")) return ["-f", "s16le", "-ar", "16000", "-ac", "1"];
  return [];
}

function samplesOf(file: string): Float32Array {
  const bytes = readFileSync(file);
  const integers = new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
  return Float32Array.from(integers, (v) => v / 32_768);
}
