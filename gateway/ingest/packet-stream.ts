/**
 * A connection's bytes, cut where MQTT packets end (3.1.1 §2.2: type, then length), in two streams: readings, which the
 * gateway takes as they are, and everything else, which is the broker's. Pure.
 *
 * A reading is a PUBLISH of QoS 1, not retained, on a topic of the index that belongs to the connection. What comes behind a publish that is the
 * broker's stays with it, as far as it was read together, so that the order of messages never changes.
 */
import type { TopicIndex } from "./topic-index.ts";

/** Far above what is answered with `oversize`, so that a device is not cut off for one long message. */
export const MAX_PACKET_BYTES = 256 * 1024;
/** A longer publish is the broker's: it waits for its end in nobody's way. */
const MAX_READING_BYTES = 8 * 1024;

export interface TakenReading {
  readonly topic: string;
  /** A view of what was read. */
  readonly payload: Uint8Array;
  readonly messageId: number;
}

export interface Cut {
  readonly readings: readonly TakenReading[];
  /** In order; empty when nothing is left for the broker. */
  readonly rest: readonly Uint8Array[];
}

export interface PacketStream {
  /** Takes readings on `topics`; without them all is the broker's. Undefined when a packet says that it is too long. */
  cut(chunk: Uint8Array, topics: TopicIndex | undefined): Cut | undefined;
}

const PUBLISH_QOS_1 = 0x32;
const DUP = 0x08;
const PUBLISH = 3;

export function createPacketStream(limit = MAX_PACKET_BYTES): PacketStream {
  /** The beginning of a packet that is not there as a whole. */
  let held: Uint8Array | undefined;
  /** Bytes of the broker's packet that are still to come, and whether it is a publish. */
  let passing = 0;
  let publishing = false;

  return {
    cut(chunk, topics) {
      const bytes = held === undefined ? chunk : joined(held, chunk);
      held = undefined;
      const readings: TakenReading[] = [];
      const rest: Uint8Array[] = [];
      /** Where what is the broker's began; everything before it is dealt with. */
      let theirs = 0;
      let mayTake = topics !== undefined && !(passing > 0 && publishing);
      let at = Math.min(passing, bytes.length);
      passing -= at;
      while (at < bytes.length) {
        const header = headerOf(bytes, at);
        if (header === undefined) break;
        const { length, size } = header;
        if (length > limit) return undefined;
        const end = at + size + length;
        const type = bytes[at]!;
        const candidate = mayTake && (type & ~DUP) === PUBLISH_QOS_1 && length <= MAX_READING_BYTES;
        if (candidate && end > bytes.length) break;
        const reading = candidate ? readingIn(bytes, at + size, end, topics!) : undefined;
        if (reading !== undefined) {
          if (at > theirs) rest.push(bytes.subarray(theirs, at));
          readings.push(reading);
          theirs = end;
        } else {
          publishing = type >> 4 === PUBLISH;
          if (publishing) mayTake = false;
        }
        at = Math.min(end, bytes.length);
        passing = end - at;
      }
      if (at > theirs) rest.push(bytes.subarray(theirs, at));
      // A copy: the chunk is one of a pool, and would be kept as a whole.
      if (at < bytes.length) held = bytes.slice(at);
      return { readings, rest };
    },
  };
}

/** Length of what follows the header, and the header's own; undefined when it is not there as a whole. */
function headerOf(bytes: Uint8Array, at: number): { length: number; size: number } | undefined {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + 1 + i];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { length, size: i + 2 };
  }
  // A fifth byte of length is the parser's to refuse.
  return { length, size: 5 };
}

/** Topic and message id stand before the payload (§3.3.2); a packet without an id is the broker's to refuse. */
function readingIn(bytes: Uint8Array, from: number, end: number, topics: TopicIndex): TakenReading | undefined {
  const topicAt = from + 2;
  const idAt = topicAt + ((bytes[from]! << 8) | bytes[from + 1]!);
  if (idAt + 2 > end) return undefined;
  const messageId = (bytes[idAt]! << 8) | bytes[idAt + 1]!;
  const topic = messageId === 0 ? undefined : topics.find(bytes, topicAt, idAt);
  return topic === undefined ? undefined : { topic, payload: bytes.subarray(idAt + 2, end), messageId };
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
