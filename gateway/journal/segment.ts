/**
 * A segment: many messages packed into one buffer, which travels to the worker without a copy and is stored as one row.
 *
 * Record, little-endian: id f64 · seq f64 · t f64 · receivedAt f64 · source u32 · payload length u32 · channel u32
 * · payload, padded to 8. The channel is its place in `sequencedChannels`, to which names are only ever appended.
 */
import { sequencedChannels } from "#protocol/readings.ts";
import type { Message } from "./journal.ts";

export const SEGMENT_BYTES = 256 * 1024;
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
  readonly channel: (typeof sequencedChannels)[number];
  readonly seq: number;
  readonly t: number;
  readonly receivedAt: number;
  /** A view into the segment. */
  readonly payload: Uint8Array;
}

const channelNumber = Object.fromEntries(sequencedChannels.map((channel, i) => [channel, i])) as Record<
  Message["channel"],
  number
>;

const sizeOf = (payloadLength: number): number => (HEADER_BYTES + payloadLength + 7) & ~7;

/** A buffer that a message of this size fits into. */
export const bufferFor = (payloadLength: number): ArrayBuffer =>
  new ArrayBuffer(Math.max(SEGMENT_BYTES, sizeOf(payloadLength)));

/** Fills one buffer with messages in order of id. */
export class SegmentWriter {
  readonly #buffer: ArrayBuffer;
  readonly #view: DataView;
  readonly #octets: Uint8Array;
  #bytes = 0;
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
    return this.#bytes + sizeOf(payloadLength) <= this.#buffer.byteLength;
  }

  put(id: number, source: number, message: Omit<Message, "device" | "boot">): void {
    const view = this.#view;
    const at = this.#bytes;
    const { payload } = message;
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

  finish(): Segment {
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

/** The records of a stored segment, in order of id. */
export function* records(data: Uint8Array): Generator<SegmentRecord> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < data.length; ) {
    const length = view.getUint32(at + 36, true);
    yield {
      id: view.getFloat64(at, true),
      seq: view.getFloat64(at + 8, true),
      t: view.getFloat64(at + 16, true),
      receivedAt: view.getFloat64(at + 24, true),
      source: view.getUint32(at + 32, true),
      channel: sequencedChannels[view.getUint32(at + 40, true)]!,
      payload: data.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length),
    };
    at += sizeOf(length);
  }
}
