/**
 * Bytes of interleaved samples to one channel, full scale ±1.
 *
 * Channels are averaged as amplitudes: what is equal in all of them (most speech recordings are one microphone copied to
 * two channels) keeps its level, sounds that have nothing in common lose 10·lg(channels) dB, opposite phases cancel as
 * they would in the air half-way between two loudspeakers.
 */
import type { SampleType, WavFormat } from "./wav-format.ts";

const readers: Readonly<Record<SampleType, (view: DataView, at: number) => number>> = {
  u8: (view, at) => (view.getUint8(at) - 128) / 2 ** 7,
  s16: (view, at) => view.getInt16(at, true) / 2 ** 15,
  s24: (view, at) => (view.getUint8(at) + view.getInt16(at + 1, true) * 2 ** 8) / 2 ** 23,
  s32: (view, at) => view.getInt32(at, true) / 2 ** 31,
  f32: (view, at) => finite(view.getFloat32(at, true)),
  f64: (view, at) => finite(view.getFloat64(at, true)),
};
/** A float file can hold what is no sample. */
const finite = (value: number) => (Number.isFinite(value) ? value : 0);

export type MonoDecoder = (bytes: Uint8Array, into: Float32Array) => void;

/** `bytes` are whole frames; `into` gets as many values. */
export function monoDecoder({ sampleType, channels, frameBytes }: WavFormat): MonoDecoder {
  const read = readers[sampleType];
  const sampleBytes = frameBytes / channels;
  return (bytes, into) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames = bytes.byteLength / frameBytes;
    for (let frame = 0; frame < frames; frame++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++)
        sum += read(view, frame * frameBytes + channel * sampleBytes);
      into[frame] = sum / channels;
    }
  };
}
