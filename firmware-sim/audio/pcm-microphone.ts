/**
 * A live sound card as a microphone: samples from a pipe, S16_LE at 16 kHz, mono, as `arecord -f S16_LE -r 16000` writes
 * them. The WAV header that arecord puts before them is read and taken away; raw samples have none.
 */
import { createReadStream } from "node:fs";
import { type Microphone, SAMPLE_RATE_HZ } from "#firmware/device/microphone.ts";
import { fullScalePascal, MEMS_MICROPHONE } from "#firmware/dsp/calibration.ts";
import { readWavFormat, WavError } from "./wav-format.ts";

/** Samples in a block, 32 ms: with what the pipeline holds, audio lives no longer than its 64 ms. */
const BLOCK = 512;
const SAMPLE_BYTES = 2;
/** A pipe's WAV header ends within this, bytes. */
const LONGEST_HEADER = 1024;

/** Standard input in pieces of one block. */
export const standardInput = (): AsyncIterable<Uint8Array> =>
  createReadStream("", { fd: 0, autoClose: false, highWaterMark: BLOCK * SAMPLE_BYTES });

/**
 * `stream` comes in pieces of any length; its bytes are wiped when they have been heard. `sensitivity` is the
 * microphone's, dBFS at 94 dB. An odd byte at the end is no sample. `blocks` throws a WavError when a header says that
 * the samples are of another kind.
 */
export const pcmMicrophone = (
  stream: AsyncIterable<Uint8Array>,
  sensitivity: number = MEMS_MICROPHONE.sensitivityDbfs,
): Microphone => ({
  async *blocks() {
    const pascalPerCount = fullScalePascal(sensitivity) / 2 ** 15;
    const block = new Float32Array(BLOCK);
    let filled = 0;
    let lowByte: number | undefined;
    for await (const bytes of withoutHeader(stream)) {
      for (const byte of bytes) {
        if (lowByte === undefined) {
          lowByte = byte;
          continue;
        }
        block[filled++] = (((byte << 24) >> 16) | lowByte) * pascalPerCount;
        lowByte = undefined;
        if (filled < BLOCK) continue;
        yield block;
        filled = 0;
      }
      bytes.fill(0);
    }
    yield block.subarray(0, filled);
  },
});

async function* withoutHeader(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array(0);
  for await (const bytes of stream) {
    if (!start) {
      yield bytes;
      continue;
    }
    const more: Uint8Array = new Uint8Array(start.length + bytes.length);
    more.set(start);
    more.set(bytes, start.length);
    bytes.fill(0);
    start = more;
    if (mayBeHeader(start) && start.length < LONGEST_HEADER) continue;
    yield start.subarray(await headerLength(start));
    start = undefined;
  }
  if (start) yield start.subarray(await headerLength(start));
}

const MAGIC = [..."RIFF"].map((letter) => letter.charCodeAt(0));
const mayBeHeader = (start: Uint8Array) => MAGIC.every((code, at) => at >= start.length || start[at] === code);

async function headerLength(start: Uint8Array): Promise<number> {
  if (start.length < MAGIC.length || !mayBeHeader(start)) return 0;
  const read = async (at: number, length: number) => start.subarray(at, at + length);
  const { sampleType, channels, rate, dataFrom } = await readWavFormat(read, Number.MAX_SAFE_INTEGER);
  if (sampleType !== "s16" || channels !== 1 || rate !== SAMPLE_RATE_HZ)
    throw new WavError(
      `the pipe brings ${channels} channel(s) of ${sampleType} at ${rate} Hz; needed are 16-bit mono samples at 16000 Hz: arecord -f S16_LE -r 16000 -c 1`,
    );
  return dataFrom;
}
