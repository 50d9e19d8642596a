/** The samples of a WAV file, as a stream: a file of hours costs no more memory than one of seconds. */
import { open } from "node:fs/promises";
import { monoDecoder } from "./mono.ts";
import { readWavFormat, WavError, type WavFormat } from "./wav-format.ts";

/** Frames read at once. */
const BLOCK_FRAMES = 4096;

export interface WavStream {
  readonly format: WavFormat;
  /** One channel, full scale ±1, at the file's own rate. The block is reused. */
  readonly blocks: AsyncIterable<Float32Array>;
}

/**
 * Runs `use` with the open file and closes it. Throws a WavError that names the file when it cannot be read or is not an
 * intact, uncompressed WAV file.
 */
export async function* readWav<T>(path: string, use: (wav: WavStream) => AsyncIterable<T>): AsyncIterable<T> {
  const file = await open(path).catch((cause: Error) => {
    throw new WavError(`${path}: ${cause.message}`, { cause });
  });
  try {
    const readAt = async (position: number, length: number) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, await readFully(file, bytes, position));
    };
    const format = await readWavFormat(readAt, (await file.stat()).size).catch((cause: Error) => {
      throw new WavError(`${path}: ${cause.message}`, { cause });
    });
    yield* use({ format, blocks: blocksOf(file, format, path) });
  } finally {
    await file.close();
  }
}

type OpenFile = Awaited<ReturnType<typeof open>>;

async function* blocksOf(file: OpenFile, format: WavFormat, path: string): AsyncIterable<Float32Array> {
  const { dataFrom, dataBytes, frameBytes } = format;
  const decode = monoDecoder(format);
  const bytes = new Uint8Array(BLOCK_FRAMES * frameBytes);
  const samples = new Float32Array(BLOCK_FRAMES);
  for (let at = 0; at < dataBytes; at += bytes.length) {
    const wanted = bytes.subarray(0, Math.min(bytes.length, dataBytes - at));
    if ((await readFully(file, wanted, dataFrom + at)) < wanted.length)
      throw new WavError(`${path}: it became shorter while it was read`);
    decode(wanted, samples);
    yield samples.subarray(0, wanted.length / frameBytes);
  }
}

/** Bytes read: fewer than asked for only at the end of the file. */
async function readFully(file: OpenFile, into: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
