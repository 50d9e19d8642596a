import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { chunk, encoded, rf64File, wavFile } from "./wav.fixture.ts";
import { readWav } from "./wav-file.ts";
import { WavError, type WavFormat } from "./wav-format.ts";
import { wavBytes } from "./wav-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "fortrolig-wav-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything in a file, and the longest block it came in. */
async function read(bytes: Uint8Array): Promise<{ format: WavFormat; samples: number[]; longest: number }> {
  const path = join(folder, "sound.wav");
  writeFileSync(path, bytes);
  let format: WavFormat | undefined;
  const samples: number[] = [];
  let longest = 0;
  for await (const block of readWav(path, (wav) => {
    format = wav.format;
    return wav.blocks;
  })) {
    samples.push(...block);
    longest = Math.max(longest, block.length);
  }
  return { format: format!, samples, longest };
}

const reasonOf = (bytes: Uint8Array) =>
  read(bytes).then(
    () => "read",
    (error: Error) => {
      expect(error).toBeInstanceOf(WavError);
      return error.message.slice(error.message.indexOf(":") + 2);
    },
  );

const kinds = [
  [1, 8],
  [1, 16],
  [1, 24],
  [1, 32],
  [3, 32],
  [3, 64],
] as const;
const samplesOf = (channels: number) =>
  fc.array(fc.double({ min: -1, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 40 }).map((all) => ({
    all:
      all.length < channels
        ? Array.from({ length: channels }, () => 0)
        : all.slice(0, all.length - (all.length % channels)),
    channels,
  }));

describe("a WAV file", () => {
  it.each(kinds)("of format %i with %i bits is read as it was written, plain or extensible", async (tag, bits) => {
    const step = tag === 3 ? (bits === 32 ? 2 ** -24 : 0) : 2 ** (1 - bits);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2, 3, 6).chain(samplesOf),
        fc.boolean(),
        async ({ all, channels }, extensible) => {
          const data = encoded(all, tag, bits);
          const { samples } = await read(
            wavFile({ tag, bits, channels, data, ...(extensible ? { subFormat: tag } : {}) }),
          );
          expect(samples).toHaveLength(all.length / channels);
          for (const [frame, sample] of samples.entries()) {
            const mean = all.slice(frame * channels, (frame + 1) * channels).reduce((sum, v) => sum + v, 0) / channels;
            expect(Math.abs(sample - mean)).toBeLessThanOrEqual(step + 2 ** -24);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it("comes in blocks, however long it is", async () => {
    const long = Float32Array.from({ length: 100_000 }, (_, n) => Math.fround(((n % 200) - 100) / 128));
    const { samples, longest } = await read(wavBytes(long, 48_000));
    expect(samples).toEqual([...long]);
    expect(longest).toBe(4096);
  });

  it("tells its rate and passes over what is not sound", async () => {
    const data = encoded([0.5, -0.5], 1, 16);
    const list = chunk("LIST", new Uint8Array(33));
    const { format, samples } = await read(wavFile({ rate: 44_100, data, before: [list] }));
    expect([format.rate, samples]).toEqual([44_100, [0.5, -0.5]]);
  });

  it.each([0, 0xffffffff, 0x7ffff000])(
    "from a pipe, which states the length %i, is read to its end",
    async (length) => {
      const data = encoded([0.25, 0.5, 0.75], 1, 16);
      expect((await read(wavFile({ data, statedLength: length }))).samples).toEqual([0.25, 0.5, 0.75]);
    },
  );

  it("may be longer than 32 bits can say", async () => {
    const file = rf64File(encoded([0.25, 0.5], 1, 16));
    expect((await read(file)).samples).toEqual([0.25, 0.5]);
    expect(await reasonOf(file.subarray(0, -2))).toBe("cut off: of 4 bytes of samples 2 are there");
  });

  it("with samples that are no numbers has silence there", async () => {
    const data = encoded([0.5, Number.NaN, Number.POSITIVE_INFINITY, -0.5], 3, 32);
    expect((await read(wavFile({ tag: 3, bits: 32, data }))).samples).toEqual([0.5, 0, 0, -0.5]);
  });
});

describe("what is refused, and why", () => {
  const data = encoded([0.1, 0.2, 0.3], 1, 16);

  it.each([
    ["an Ogg file", Buffer.from("OggS\0\0\0\0\0\0\0\0\0\0\0\0"), 'not a WAV file (it begins with "OggS")'],
    ["an empty file", new Uint8Array(0), "not a WAV file (it is empty)"],
    ["a cut-off file", wavFile({ data }).subarray(0, -2), "cut off: of 6 bytes of samples 4 are there"],
    [
      "a file cut off before the samples",
      wavFile({ data }).subarray(0, 38),
      "it holds no samples: cut off before the data",
    ],
    ["a file without format", wavFile({ data }).subarray(0, 12), "it does not say what format it has"],
    [
      "µ-law",
      wavFile({ tag: 7, bits: 8, data }),
      "compressed (µ-law, format 7); decode it first: ffmpeg -i FILE -c:a pcm_s16le OUT.wav",
    ],
    [
      "MP3 in an extensible file",
      wavFile({ subFormat: 85, data }),
      "compressed (MP3, format 85); decode it first: ffmpeg -i FILE -c:a pcm_s16le OUT.wav",
    ],
    ["12-bit samples", wavFile({ bits: 12, data }), "12-bit integer samples are not supported"],
    ["a rate of 0 Hz", wavFile({ rate: 0, data }), "a sample rate of 0 Hz is not supported"],
    [
      "no channels",
      wavFile({ channels: 0, data }),
      "contradictory: 0 channels of 16 bits at 16000 Hz in frames of 0 bytes",
    ],
  ])("%s", async (_, bytes, reason) => {
    expect(await reasonOf(bytes)).toBe(reason);
  });

  it("a file that is not there", async () => {
    const missing = readWav(join(folder, "missing.wav"), ({ blocks }) => blocks);
    await expect(missing[Symbol.asyncIterator]().next()).rejects.toThrow(WavError);
  });

  it("any cut and any damage ends in samples or in a reason", async () => {
    const whole = wavFile({
      channels: 2,
      data: encoded([0.1, 0.2, 0.3, 0.4], 1, 16),
      before: [chunk("LIST", new Uint8Array(5))],
    });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
        async (length, damage) => {
          const bytes = whole.slice();
          for (const [at, byte] of damage) bytes[at] = byte;
          const reason = await reasonOf(bytes.subarray(0, length));
          if (damage.length === 0) expect(reason === "read").toBe(length === whole.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
