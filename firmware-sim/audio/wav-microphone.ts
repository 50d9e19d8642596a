/** A recording as a microphone: any WAV file, resampled to 16 kHz, in pascal. */
import { type Microphone, SAMPLE_RATE_HZ } from "#firmware/device/microphone.ts";
import { fullScalePascal, MEMS_MICROPHONE } from "#firmware/dsp/calibration.ts";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import { activeMeanSquare, type Weighting } from "./active-level.ts";
import { createResampler } from "./resampler.ts";
import { readWav } from "./wav-file.ts";
import { WavError } from "./wav-format.ts";

/** What the file's full scale stands for. */
export type Scale =
  /** The recording of a microphone with this sensitivity, dBFS at 94 dB; −26 by default. */
  | { readonly sensitivity?: number }
  /** Played so loud that its active level is this, in dB, or dBA with weighting "A". The file is read twice. */
  | { readonly levelDb: number; readonly weighting?: Weighting };

/** `blocks` throws a WavError for a file that cannot be played. Every call plays it from its beginning. */
export const wavMicrophone = (path: string, scale: Scale = {}): Microphone => ({
  async *blocks() {
    const pascal = await pascalPerUnit(path, scale);
    for await (const block of samplesAt16k(path)) {
      for (let n = 0; n < block.length; n++) block[n]! *= pascal;
      yield block;
    }
  },
});

/** One channel at 16 kHz, full scale ±1. The block is reused. */
export const samplesAt16k = (path: string): AsyncIterable<Float32Array> =>
  readWav(path, async function* ({ format, blocks }) {
    const resampler = createResampler(format.rate, SAMPLE_RATE_HZ);
    for await (const block of blocks) yield resampler.process(block);
    yield resampler.flush();
  });

async function pascalPerUnit(path: string, scale: Scale): Promise<number> {
  if (!("levelDb" in scale)) return fullScalePascal(scale.sensitivity ?? MEMS_MICROPHONE.sensitivityDbfs);
  const energy = await activeMeanSquare(samplesAt16k(path), scale.weighting ?? "Z");
  if (energy === 0) throw new WavError(`${path}: it is silent, so it cannot be played at ${scale.levelDb} dB`);
  return Math.sqrt((P0_SQUARED * 10 ** (scale.levelDb / 10)) / energy);
}
