/**
 * A segment: many messages packed into one buffer, which travels to the worker without a copy and is stored as one row.
 *
 * It is a row of sheets, each under a checksum of its own, so that a damaged byte costs the few messages of one sheet. A
 * checksum for each message would cost five times as much at full load.
 * Sheet, little-endian: CRC-32 of what follows u32 · bytes of the whole sheet u32 · records.
 * Record: id f64 · seq f64 · t f64 · receivedAt f64 · source u32 · payload length u32 · channel u32 · payload, padded to 8.
 * The channel is its place in `channels`, to which names are only ever appended.
 */
import { crc32 } from "node:zlib";
import type { SequencedChannel } from "#protocol/readings.ts";
import type { Message } from "./journal.ts";

export const SEGMENT_BYTES = 256 * 1024;
/** A sheet takes no further record when it would be larger than this; one record may be. */
const SHEET_BYTES = 4096;
const SHEET_HEADER_BYTES = 8;
const CRC_BYTES = 4;
const HEADER_BYTES = 44;

/** What the worker stores. `bytes` of `buffer` are used. */
export interface Segment {
  readonly buffer: ArrayBuffer;
  readonly bytes: number;
  readonly count: number;
  readonly firstId: number;
  readonly lastId: number;
  readonly oldest: number;
  readonly newest: number;
}

export interface SegmentRecord {
  readonly id: number;
  readonly source: number;
  readonly channel: SequencedChannel;
  readonly seq: number;
  readonly t: number;
  readonly receivedAt: number;
  /** A view into the segment. */
  readonly payload: Uint8Array;
}

/** Not those of the protocol: the file's order is its own, and the thread that writes it needs no schemas. */
const channels: readonly SequencedChannel[] = ["state", "level", "stats", "health"];
const channelNumber = Object.fromEntries(channels.map((channel, i) => [channel, i])) as Record<
  Message["channel"],
  number
>;

const sizeOf = (payloadLength: number): number => (HEADER_BYTES + payloadLength + 7) & ~7;
const SMALLEST_SHEET = SHEET_HEADER_BYTES + sizeOf(0);

/** A buffer that a message of this size fits into. */
export const bufferFor = (payloadLength: number): ArrayBuffer =>
  new ArrayBuffer(Math.max(SEGMENT_BYTES, SHEET_HEADER_BYTES + sizeOf(payloadLength)));

/** Fills one buffer with messages in order of id. */
export class SegmentWriter {
  readonly #buffer: ArrayBuffer;
  readonly #view: DataView;
  readonly #octets: Uint8Array;
  #bytes = 0;
  #sheet = 0;
  #count = 0;
  #firstId = 0;
  #lastId = 0;
  #oldest = Number.POSITIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(buffer: ArrayBuffer) {
    this.#buffer = buffer;
    this.#view = new DataView(buffer);
    this.#octets = new Uint8Array(buffer);
  }

  fits(payloadLength: number): boolean {
    return this.#bytes + SHEET_HEADER_BYTES + sizeOf(payloadLength) <= this.#buffer.byteLength;
  }

  put(id: number, source: number, message: Omit<Message, "device" | "boot">): void {
    const { payload } = message;
    if (this.#bytes === 0 || this.#bytes + sizeOf(payload.length) > this.#sheet + SHEET_BYTES) this.#nextSheet();
    const view = this.#view;
    const at = this.#bytes;
    view.setFloat64(at, id, true);
    view.setFloat64(at + 8, message.seq, true);
    view.setFloat64(at + 16, message.t, true);
    view.setFloat64(at + 24, message.receivedAt, true);
    view.setUint32(at + 32, source, true);
    view.setUint32(at + 36, payload.length, true);
    view.setUint32(at + 40, channelNumber[message.channel], true);
    this.#octets.set(payload, at + HEADER_BYTES);
    this.#bytes = at + sizeOf(payload.length);
    if (this.#count++ === 0) this.#firstId = id;
    this.#lastId = id;
    if (message.receivedAt < this.#oldest) this.#oldest = message.receivedAt;
    if (message.receivedAt > this.#newest) this.#newest = message.receivedAt;
  }

  #nextSheet(): void {
    this.#endSheet();
    this.#sheet = this.#bytes;
    this.#bytes += SHEET_HEADER_BYTES;
  }

  #endSheet(): void {
    if (this.#bytes > 0) this.#view.setUint32(this.#sheet + CRC_BYTES, this.#bytes - this.#sheet, true);
  }

  /** Without checksums, which the worker puts in (`seal`). */
  finish(): Segment {
    this.#endSheet();
    return {
      buffer: this.#buffer,
      bytes: this.#bytes,
      count: this.#count,
      firstId: this.#firstId,
      lastId: this.#lastId,
      oldest: this.#oldest,
      newest: this.#newest,
    };
  }
}

/** A stretch of a segment, in bytes, half-open. */
export type Stretch = readonly [from: number, to: number];

/** Puts the checksums of a finished segment in place. */
export function seal(data: Uint8Array): void {
  const view = viewOf(data);
  for (let at = 0; at < data.length; ) {
    const end = at + view.getUint32(at + CRC_BYTES, true);
    view.setUint32(at, crc32(data.subarray(at + CRC_BYTES, end)), true);
    at = end;
  }
}

/**
 * What of stored data is whole sheets with the right checksum. Behind a damaged length the next sheet is looked for at
 * every place where one may begin.
 */
export function soundStretches(data: Uint8Array): Stretch[] {
  const view = viewOf(data);
  const stretches: [number, number][] = [];
  for (let at = 0; at + SMALLEST_SHEET <= data.length; ) {
    const end = at + view.getUint32(at + CRC_BYTES, true);
    const whole =
      end - at >= SMALLEST_SHEET &&
      end <= data.length &&
      view.getUint32(at, true) === crc32(data.subarray(at + CRC_BYTES, end));
    if (!whole) {
      at += 8;
      continue;
    }
    const last = stretches.at(-1);
    if (last?.[1] === at) last[1] = end;
    else stretches.push([at, end]);
    at = end;
  }
  return stretches;
}

/** The records of sound data, in order of id. */
export function* records(data: Uint8Array): Generator<SegmentRecord> {
  const view = viewOf(data);
  for (let sheet = 0; sheet < data.length; ) {
    const end = sheet + view.getUint32(sheet + CRC_BYTES, true);
    for (let at = sheet + SHEET_HEADER_BYTES; at < end; ) {
      const record = recordAt(view, data, at);
      yield record;
      at += sizeOf(record.payload.length);
    }
    sheet = end;
  }
}

/** Records as format 1 had them: one after another, without sheets. */
export function* recordsOfFormat1(data: Uint8Array): Generator<SegmentRecord> {
  const view = viewOf(data);
  for (let at = 0; at < data.length; ) {
    const record = recordAt(view, data, at);
    yield record;
    at += sizeOf(record.payload.length);
  }
}

const viewOf = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

function recordAt(view: DataView, data: Uint8Array, at: number): SegmentRecord {
  const length = view.getUint32(at + 36, true);
  return {
    id: view.getFloat64(at, true),
    seq: view.getFloat64(at + 8, true),
    t: view.getFloat64(at + 16, true),
    receivedAt: view.getFloat64(at + 24, true),
    source: view.getUint32(at + 32, true),
    channel: channels[view.getUint32(at + 40, true)]!,
    payload: data.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length),
  };
}
