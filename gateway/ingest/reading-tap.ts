/**
 * The short way of a reading: from the socket into the gateway and back as PUBACK, past the broker's machinery, which
 * costs more than everything else that is done for a reading. aedes takes from a socket with `read`; what it gets there is
 * what the tap has left.
 *
 * It also holds back: of a connection, and of all together, only so much is under way to the disk at one time. Beyond, the
 * socket is not read, its buffers fill, and TCP tells the device to wait.
 */
import type { Socket } from "node:net";
import type { Published } from "./broker.ts";
import { createPacketStream } from "./packet-stream.ts";
import type { TopicIndex } from "./topic-index.ts";

/** Of one connection. A device has at most its in-flight window here; a bridge of many has room for a batch. */
const MOST_OF_ONE = 4000;
/** Of all connections. At 300 bytes each this is 10 MB, and a third of a second's work. */
const MOST_OF_ALL = 30_000;
const PUBACK = 0x40;

export interface Tap {
  /** Resolves after what came before on this connection, and rejects when that or this does. */
  inOrder(work: Promise<void>): Promise<void>;
}

export interface TapOptions {
  /** Resolves when all of them are safe. */
  readonly take: (messages: readonly Published[]) => Promise<void>;
  /** Milliseconds that a client may leave acknowledgements unread. */
  readonly drainTimeoutMs: number;
}

export interface Connection {
  /** Topics on which the client's readings are taken; undefined until it has been let in. */
  readonly mayTake: () => TopicIndex | undefined;
  /** Something has come from it. */
  readonly alive: () => void;
}

/** Makes taps that share what may be under way together. */
export function createTaps({ take, drainTimeoutMs }: TapOptions): (socket: Socket, of: Connection) => Tap {
  let underWay = 0;
  const waiting = new Set<() => void>();

  const goOn = () => {
    for (const resume of [...waiting]) {
      if (underWay >= MOST_OF_ALL) return;
      waiting.delete(resume);
      resume();
    }
  };

  return (socket, { mayTake, alive }) => {
    const packets = createPacketStream();
    let mine = 0;
    let unread = false;
    let before: Promise<void> = Promise.resolve();

    const inOrder = (work: Promise<void>): Promise<void> => {
      before = Promise.all([before, work]).then(nothing);
      before.catch(nothing); // told to who asked
      return before;
    };

    /** aedes looks for more when the socket says that there is some. */
    const resume = () => {
      if (!socket.destroyed) socket.emit("readable");
    };
    const mayRead = () => {
      if (mine < MOST_OF_ONE && underWay < MOST_OF_ALL && !unread) return true;
      if (underWay >= MOST_OF_ALL) waiting.add(resume);
      return false;
    };

    function acknowledge(acks: Uint8Array): void {
      if (socket.destroyed || socket.write(acks) || unread) return;
      unread = true;
      const late = setTimeout(() => socket.destroy(), drainTimeoutMs);
      const done = () => {
        clearTimeout(late);
        unread = false;
      };
      socket.once("close", done);
      socket.once("drain", () => {
        socket.off("close", done);
        done();
        resume();
      });
    }

    const settled = (count: number) => {
      const wasFull = mine >= MOST_OF_ONE;
      mine -= count;
      underWay -= count;
      if (waiting.size > 0) goOn();
      if (wasFull && mine < MOST_OF_ONE) resume();
    };

    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      if (!mayRead()) return null;
      const chunk: Buffer | null = read(size);
      if (chunk === null) return null;
      const cut = packets.cut(chunk, mayTake());
      if (cut === undefined) {
        socket.destroy();
        return null;
      }
      const { readings, rest } = cut;
      const count = readings.length;
      if (count > 0) {
        alive();
        mine += count;
        underWay += count;
        const acks = acksOf(readings);
        inOrder(take(readings)).then(
          () => {
            acknowledge(acks);
            settled(count);
          },
          () => {
            // Not safe, so without PUBACK: the device sends again.
            socket.destroy();
            settled(count);
          },
        );
      }
      if (rest.length === 0) return null;
      return rest.length === 1 ? asBuffer(rest[0]!) : Buffer.concat(rest);
    };
    socket.once("close", () => waiting.delete(resume));
    return { inOrder };
  };
}

const nothing = () => {};

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** §3.4: four bytes each, in order of the messages [MQTT-4.6.0-2]. */
function acksOf(readings: readonly { readonly messageId: number }[]): Uint8Array {
  const acks = new Uint8Array(4 * readings.length);
  for (const [i, { messageId }] of readings.entries()) {
    acks[4 * i] = PUBACK;
    acks[4 * i + 1] = 2;
    acks[4 * i + 2] = messageId >> 8;
    acks[4 * i + 3] = messageId & 0xff;
  }
  return acks;
}
