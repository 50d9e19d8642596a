/**
 * What lasting sessions are still owed: said while their device was away, or not yet acknowledged by it. aedes' own memory
 * keeps all of it for ever; here a session has room for so much, and what is new takes the place of what is old.
 */
import { Readable } from "node:stream";
import type { AedesPublishPacket } from "aedes";

interface Named {
  readonly id: string;
}

interface Subscriber {
  readonly clientId: string;
}

/** As aedes hands it over: a message, or the PUBREL that has taken its place. */
interface Packet {
  readonly cmd: string;
  readonly topic?: string;
  readonly payload?: string | Uint8Array;
  readonly brokerId?: string;
  readonly brokerCounter?: number;
  messageId?: number | undefined;
}

/** What aedes asks of its persistence about them. */
export interface OutgoingMessages {
  outgoingEnqueue(subscriber: Subscriber, packet: AedesPublishPacket): Promise<void>;
  outgoingEnqueueCombi(subscribers: readonly Subscriber[], packet: AedesPublishPacket): Promise<void>;
  /** It goes out under this packet identifier, or PUBREL does in its place. What has been dropped goes out all the same. */
  outgoingUpdate(client: Named, packet: Packet): Promise<void>;
  /** It has been acknowledged; resolves with it. */
  outgoingClearMessageId(client: Named, packet: Packet): Promise<Packet | undefined>;
  outgoingStream(client: Named): Readable;
}

export interface Outgoing {
  readonly messages: OutgoingMessages;
  forget(client: string): void;
  /** Messages that were dropped for newer ones, since the start. */
  dropped(): number;
}

/** `most`: messages that one session has room for. */
export function boundedOutgoing(most: number): Outgoing {
  const queues = new Map<string, Packet[]>();
  let dropped = 0;

  function add(client: string, packet: Packet): void {
    const queue = queues.get(client) ?? [];
    queues.set(client, queue);
    queue.push(packet);
    if (queue.length <= most) return;
    queue.splice(oldestOfTheMost(queue), 1);
    dropped++;
  }

  async function outgoingEnqueueCombi(subscribers: readonly Subscriber[], packet: AedesPublishPacket): Promise<void> {
    if (subscribers.length === 0) return;
    const kept = { ...packet, payload: byItself(packet.payload) };
    for (const { clientId } of subscribers) add(clientId, { ...kept, messageId: undefined });
  }

  return {
    messages: {
      outgoingEnqueue: (subscriber, packet) => outgoingEnqueueCombi([subscriber], packet),
      outgoingEnqueueCombi,
      async outgoingUpdate({ id }, packet) {
        const queue = queues.get(id) ?? [];
        const index = queue.findIndex(packet.cmd === "pubrel" ? sameIdentifier(packet) : sameMessage(packet));
        if (index < 0) return;
        if (packet.cmd === "pubrel") queue[index] = packet;
        else queue[index]!.messageId = packet.messageId;
      },
      async outgoingClearMessageId({ id }, packet) {
        const queue = queues.get(id) ?? [];
        const index = queue.findIndex(packet.messageId === undefined ? sameMessage(packet) : sameIdentifier(packet));
        if (index < 0) return undefined;
        const [cleared] = queue.splice(index, 1);
        if (queue.length === 0) queues.delete(id);
        return cleared;
      },
      outgoingStream: ({ id }) => Readable.from([...(queues.get(id) ?? [])]),
    },
    forget: (client) => void queues.delete(client),
    dropped: () => dropped,
  };
}

const sameIdentifier =
  ({ messageId }: Packet) =>
  (other: Packet): boolean =>
    other.messageId === messageId;

const sameMessage =
  ({ brokerId, brokerCounter }: Packet) =>
  (other: Packet): boolean =>
    other.brokerId === brokerId && other.brokerCounter === brokerCounter;

/** Each of our messages says all of what it is about, so that of one topic the newest is worth most, and no topic takes the room of the others. */
function oldestOfTheMost(queue: readonly Packet[]): number {
  const counts = new Map<string | undefined, number>();
  for (const { topic } of queue) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return queue.findIndex(({ topic }) => counts.get(topic) === most);
}

/** A copy: what came over a socket holds all that was read with it. */
function byItself(payload: string | Uint8Array): Buffer {
  return Buffer.from(new Uint8Array(typeof payload === "string" ? Buffer.from(payload) : payload).buffer);
}
