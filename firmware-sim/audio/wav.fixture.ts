/** WAV files of every kind, byte by byte, for the tests of the reader. */

export interface WavParts {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  /** Interleaved samples as they lie in the file. */
  readonly data: Uint8Array;
  /** Sub-format of WAVE_FORMAT_EXTENSIBLE; makes the file one. */
  readonly subFormat?: number;
  /** What the data chunk says of its length, when not the truth. */
  readonly statedLength?: number;
  /** Chunks before the samples. */
  readonly before?: readonly Uint8Array[];
}

const bytesOf = (length: number, write: (view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
};
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const letters = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

export function chunk(id: string, body: Uint8Array, statedLength = body.length): Uint8Array {
  const length = bytesOf(4, (view) => view.setUint32(0, statedLength, true));
  return joined(letters(id), length, body, new Uint8Array(body.length % 2));
}

export function wavFile({
  tag = 1,
  channels = 1,
  rate = 16_000,
  bits = 16,
  data,
  subFormat,
  statedLength,
  before = [],
}: WavParts): Uint8Array {
  const format = bytesOf(subFormat === undefined ? 16 : 40, (view) => {
    view.setUint16(0, subFormat === undefined ? tag : 0xfffe, true);
    view.setUint16(2, channels, true);
    view.setUint32(4, rate, true);
    view.setUint32(8, (rate * channels * bits) / 8, true);
    view.setUint16(12, (channels * bits) / 8, true);
    view.setUint16(14, bits, true);
    if (subFormat === undefined) return;
    view.setUint16(16, 22, true);
    view.setUint16(18, bits, true);
    view.setUint16(24, subFormat, true);
  });
  const body = joined(letters("WAVE"), ...before, chunk("fmt ", format), chunk("data", data, statedLength));
  return joined(
    letters("RIFF"),
    bytesOf(4, (view) => view.setUint32(0, body.length, true)),
    body,
  );
}

/** A file of 64-bit length: the 32-bit ones are all ones. */
export function rf64File(data: Uint8Array): Uint8Array {
  const lengths = bytesOf(28, (view) => view.setBigUint64(8, BigInt(data.length), true));
  const file = wavFile({ data, statedLength: 0xffffffff, before: [chunk("ds64", lengths)] });
  file.set(letters("RF64"));
  return file;
}

/** Samples of full scale ±1 as they lie in a file. */
export function encoded(samples: readonly number[], tag: number, bits: number): Uint8Array {
  const bytes = bits / 8;
  return bytesOf(samples.length * bytes, (view) => {
    for (const [n, sample] of samples.entries()) {
      const at = n * bytes;
      if (tag === 3) {
        if (bits === 32) view.setFloat32(at, sample, true);
        else view.setFloat64(at, sample, true);
        continue;
      }
      const counts = Math.max(-(2 ** (bits - 1)), Math.min(2 ** (bits - 1) - 1, Math.round(sample * 2 ** (bits - 1))));
      if (bits === 8) view.setUint8(at, counts + 128);
      else if (bits === 16) view.setInt16(at, counts, true);
      else if (bits === 24) {
        view.setUint8(at, counts & 0xff);
        view.setInt16(at + 1, counts >> 8, true);
      } else view.setInt32(at, counts, true);
    }
  });
}
