import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { listen } from "#firmware/device/listen.ts";
import type { Microphone } from "#firmware/device/microphone.ts";
import { fullScalePascal } from "#firmware/dsp/calibration.ts";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import { pcmMicrophone } from "./pcm-microphone.ts";
import { encoded, wavFile } from "./wav.fixture.ts";
import { wavMicrophone } from "./wav-microphone.ts";

const folder = mkdtempSync(join(tmpdir(), "fortrolig-microphones-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(bytes: Uint8Array): string {
  const path = join(folder, "sound.wav");
  writeFileSync(path, bytes);
  return path;
}

/** A tone of `amplitude` (re full scale), the same in both channels; nothing during the seconds that `pause` names. */
function toneFile(
  frequency: number,
  amplitude: number,
  seconds: number,
  pause: (second: number) => boolean = () => false,
) {
  const rate = 44_100;
  const frames = Array.from({ length: seconds * rate }, (_, n) =>
    pause(Math.floor(n / rate)) ? 0 : amplitude * Math.sin((2 * Math.PI * frequency * n) / rate),
  );
  const stereo = frames.flatMap((value) => [value, value]);
  return fileOf(wavFile({ rate, channels: 2, bits: 24, data: encoded(stereo, 1, 24) }));
}

/** dBA of each second that a device hears. */
async function levelsOf(microphone: Microphone): Promise<number[]> {
  const levels: number[] = [];
  const deaf = () => ({ process() {} });
  for await (const { a } of listen(microphone, { start: 0, createSpeechDetector: deaf }))
    levels.push(10 * Math.log10(a / P0_SQUARED));
  return levels;
}

async function collect(microphone: Microphone): Promise<number[]> {
  const samples: number[] = [];
  for await (const block of microphone.blocks()) samples.push(...block);
  return samples;
}

describe("a recording as a microphone", () => {
  it("TV-6, TV-33: a sine at the sensitivity of the microphone that recorded it is 94 dB", async () => {
    const [, second] = await levelsOf(wavMicrophone(toneFile(1000, 0.050119, 3)));
    expect(second).toBeCloseTo(94, 1);
    const [, less] = await levelsOf(wavMicrophone(toneFile(1000, 0.050119, 3), { sensitivity: -20 }));
    expect(less).toBeCloseTo(88, 1);
  });

  it("can be played at a level, whatever it was recorded at; pauses do not count", async () => {
    const file = toneFile(1000, 0.003, 6, (second) => second % 2 === 1);
    const levels = await levelsOf(wavMicrophone(file, { levelDb: 62 }));
    expect(Math.abs(levels[2]! - 62)).toBeLessThan(0.1);
    expect(Math.abs(levels[4]! - 62)).toBeLessThan(0.1);
  });

  it("can be played at a level in dBA", async () => {
    const file = toneFile(200, 0.1, 3);
    const plain = await levelsOf(wavMicrophone(file, { levelDb: 60 }));
    const weighted = await levelsOf(wavMicrophone(file, { levelDb: 60, weighting: "A" }));
    expect(Math.abs(plain[2]! - (60 - 10.9))).toBeLessThan(0.1);
    expect(Math.abs(weighted[2]! - 60)).toBeLessThan(0.1);
  });

  it("plays from its beginning each time it is asked", async () => {
    const microphone = wavMicrophone(toneFile(500, 0.1, 1));
    expect(await collect(microphone)).toEqual(await collect(microphone));
  });

  it("refuses to make silence loud", async () => {
    const silence = wavMicrophone(toneFile(500, 0, 1), { levelDb: 60 });
    await expect(collect(silence)).rejects.toThrow("it is silent, so it cannot be played at 60 dB");
  });
});

describe("raw samples from a pipe as a microphone", () => {
  async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
    for (let at = 0, cut = 0; at < bytes.length; cut++) {
      const piece = bytes.slice(at, at + cuts[cut % cuts.length]!);
      yield piece;
      at += piece.length;
      expect(piece.every((byte) => byte === 0)).toBe(true);
    }
  }

  it("hears 16-bit samples however the pipe cuts them, and wipes what it has heard", async () => {
    const counts = [0, 1, -1, 255, -256, 32_767, -32_768, ...Array.from({ length: 3000 }, (_, n) => n * 7 - 9000)];
    const bytes = new Uint8Array(Int16Array.from(counts).buffer);
    const pascal = fullScalePascal(-26) / 2 ** 15;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 }), async (cuts) => {
        const heard = await collect(pcmMicrophone(pieces(bytes, cuts)));
        expect(heard).toEqual(counts.map((count) => Math.fround(count * pascal)));
      }),
      { numRuns: 20 },
    );
  });

  it("takes a WAV header away, as arecord writes one, and refuses one that tells of other samples", async () => {
    const bytes = new Uint8Array(Int16Array.from([1000, -1000, 3]).buffer);
    const piped = wavFile({ data: bytes, statedLength: 0x7ffff000 });
    for (const cuts of [[1], [44], [7, 30], [5000]]) {
      const heard = await collect(pcmMicrophone(pieces(piped, cuts)));
      expect(heard).toHaveLength(3);
      expect(heard[0]! / heard[2]!).toBeCloseTo(1000 / 3, 3);
    }
    const stereo = pcmMicrophone(pieces(wavFile({ channels: 2, data: bytes }), [4096]));
    await expect(collect(stereo)).rejects.toThrow("the pipe brings 2 channel(s) of s16 at 16000 Hz");
  });

  it("hands on at most 32 ms at once", async () => {
    const microphone = pcmMicrophone(pieces(new Uint8Array(100_001), [65_536]), -20);
    const lengths: number[] = [];
    for await (const block of microphone.blocks()) lengths.push(block.length);
    expect(Math.max(...lengths)).toBe(512);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(50_000);
  });
});
