/**
 * The chunks before the samples of a RIFF/WAVE file: Multimedia Programming Interface and Data Specifications 1.0
 * (IBM and Microsoft, 1991), WAVEFORMATEXTENSIBLE (Microsoft, mmreg.h), and RF64 for files beyond 4 GiB (EBU Tech 3306).
 */

/** Reads `length` bytes at `position`; fewer at the end of the file. */
export type ReadAt = (position: number, length: number) => Promise<Uint8Array>;

export type SampleType = "u8" | "s16" | "s24" | "s32" | "f32" | "f64";

export interface WavFormat {
  readonly sampleType: SampleType;
  readonly channels: number;
  /** Hz. */
  readonly rate: number;
  /** Bytes of one sample of every channel. */
  readonly frameBytes: number;
  /** Where the samples lie in the file, bytes. */
  readonly dataFrom: number;
  readonly dataBytes: number;
}

/** The file cannot be read as uncompressed WAV; the message says why. */
export class WavError extends Error {
  override readonly name = "WavError";
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** Format tags people meet, by name (RFC 2361). */
const CODECS: Readonly<Record<number, string>> = {
  2: "Microsoft ADPCM",
  6: "A-law",
  7: "µ-law",
  17: "IMA ADPCM",
  49: "GSM 6.10",
  80: "MPEG",
  85: "MP3",
  255: "AAC",
};
const SAMPLE_TYPES: Readonly<Record<string, SampleType>> = {
  [`${PCM}/8`]: "u8",
  [`${PCM}/16`]: "s16",
  [`${PCM}/24`]: "s24",
  [`${PCM}/32`]: "s32",
  [`${FLOAT}/32`]: "f32",
  [`${FLOAT}/64`]: "f64",
};
/** What programs that write to a pipe put as the length, because they do not know it yet. */
const UNKNOWN_LENGTH = new Set([0, 0x7fffffff, 0x7ffff000, 0xffffffff]);
/** Hz. Beyond these no sound card goes. */
const LOWEST_RATE = 2000;
const HIGHEST_RATE = 400_000;
/** More chunks than this before the samples is a loop, not a file. */
const MOST_CHUNKS = 1000;

type Format = Pick<WavFormat, "sampleType" | "channels" | "rate" | "frameBytes">;

/** `size` is that of the file. Throws a WavError for whatever is not an intact, uncompressed WAV file. */
export async function readWavFormat(read: ReadAt, size: number): Promise<WavFormat> {
  const riff = await read(0, 12);
  const magic = text(riff, 0);
  if (riff.length < 12 || !["RIFF", "RF64", "BW64"].includes(magic) || text(riff, 8) !== "WAVE")
    throw new WavError(`not a WAV file (${size === 0 ? "it is empty" : `it begins with ${JSON.stringify(magic)}`})`);
  let format: Format | undefined;
  let longLength: number | undefined;
  let position = 12;
  for (let chunk = 0; chunk < MOST_CHUNKS; chunk++) {
    const header = await read(position, 8);
    if (header.length < 8) break;
    const id = text(header, 0);
    const length = view(header).getUint32(4, true);
    const body = position + 8;
    if (id === "ds64") longLength = Number(view(await readWhole(read, body, 16, id)).getBigUint64(8, true));
    if (id === "fmt ") format = parseFormat(await readWhole(read, body, length, id));
    if (id === "data") {
      if (!format) throw new WavError("the samples come before the description of their format");
      return { ...format, dataFrom: body, dataBytes: dataLength(length, longLength, size - body, format.frameBytes) };
    }
    position = body + length + (length % 2);
  }
  throw new WavError(format ? "it holds no samples: cut off before the data" : "it does not say what format it has");
}

function dataLength(stated: number, longLength: number | undefined, there: number, frameBytes: number): number {
  const length = stated === 0xffffffff && longLength !== undefined ? longLength : stated;
  const known = length === longLength || !UNKNOWN_LENGTH.has(length);
  if (known && length > there) throw new WavError(`cut off: of ${length} bytes of samples ${there} are there`);
  const bytes = known ? length : there;
  return bytes - (bytes % frameBytes);
}

function parseFormat(bytes: Uint8Array): Format {
  if (bytes.length < 16) throw new WavError(`the description of its format has ${bytes.length} bytes instead of 16`);
  const fields = view(bytes);
  const tag = fields.getUint16(0, true);
  // The first two bytes of the sub-format's GUID are the tag that a plain file would carry.
  const codec = tag === EXTENSIBLE && bytes.length >= 26 ? fields.getUint16(24, true) : tag;
  const channels = fields.getUint16(2, true);
  const rate = fields.getUint32(4, true);
  const frameBytes = fields.getUint16(12, true);
  const bits = fields.getUint16(14, true);
  if (codec !== PCM && codec !== FLOAT)
    throw new WavError(
      `compressed (${CODECS[codec] ?? "codec"}, format ${codec}); decode it first: ffmpeg -i FILE -c:a pcm_s16le OUT.wav`,
    );
  const sampleType = SAMPLE_TYPES[`${codec}/${bits}`];
  if (!sampleType) throw new WavError(`${bits}-bit ${codec === PCM ? "integer" : "float"} samples are not supported`);
  if (rate < LOWEST_RATE || rate > HIGHEST_RATE) throw new WavError(`a sample rate of ${rate} Hz is not supported`);
  if (channels === 0 || frameBytes !== (channels * bits) / 8)
    throw new WavError(
      `contradictory: ${channels} channels of ${bits} bits at ${rate} Hz in frames of ${frameBytes} bytes`,
    );
  return { sampleType, channels, rate, frameBytes };
}

/** A chunk longer than any format description is read no further than is needed. */
const LONGEST_DESCRIPTION = 128;

async function readWhole(read: ReadAt, position: number, length: number, chunk: string): Promise<Uint8Array> {
  const wanted = Math.min(length, LONGEST_DESCRIPTION);
  const bytes = await read(position, wanted);
  if (bytes.length < wanted) throw new WavError(`cut off in its ${JSON.stringify(chunk.trim())} chunk`);
  return bytes;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const text = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
