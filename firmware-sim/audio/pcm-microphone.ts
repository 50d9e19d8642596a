/** A live sound card as a microphone: raw samples from a pipe, as `arecord -f S16_LE -r 16000 -c 1 -t raw` writes them. */
import { createReadStream } from "node:fs";
import type { Microphone } from "#firmware/device/microphone.ts";
import { fullScalePascal, MEMS_MICROPHONE } from "#firmware/dsp/calibration.ts";

/** Samples in a block, 32 ms: with what the pipeline holds, audio lives no longer than its 64 ms. */
const BLOCK = 512;
const SAMPLE_BYTES = 2;

/** Standard input in pieces of one block. */
export const standardInput = (): AsyncIterable<Uint8Array> =>
  createReadStream("", { fd: 0, autoClose: false, highWaterMark: BLOCK * SAMPLE_BYTES });

/**
 * `stream` is S16_LE at 16 kHz, mono, in pieces of any length; its bytes are wiped when they have been heard.
 * `sensitivity` is the microphone's, dBFS at 94 dB. An odd byte at the end is no sample.
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
    for await (const bytes of stream) {
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
