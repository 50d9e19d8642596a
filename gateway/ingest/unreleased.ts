/**
 * Which messages of QoS 2 a client has sent and not yet released, so that none is taken twice [MQTT-4.3.3-2]. aedes has published
 * them by then and only asks whether it knows the number; its own memory keeps the message, and of a lasting session all of them.
 */

interface Named {
  readonly id: string;
}

interface Numbered {
  readonly messageId?: number | undefined;
}

/** What aedes asks of its persistence about them. */
export interface UnreleasedMessages {
  incomingStorePacket(client: Named, packet: Numbered): Promise<void>;
  /** Rejects when it is not known. */
  incomingGetPacket(client: Named, packet: Numbered): Promise<Numbered>;
  /** Rejects when it is not known. */
  incomingDelPacket(client: Named, packet: Numbered): Promise<void>;
  cleanIncoming(client: Named): Promise<void>;
}

/** By their numbers, a bit each: 8 KiB of a client at most. */
export function unreleasedByNumber(): UnreleasedMessages {
  const known = new Map<string, Uint8Array>();
  const bit = (number: number) => 1 << (number & 7);
  const isKnown = ({ id }: Named, { messageId = 0 }: Numbered) =>
    ((known.get(id)?.[messageId >> 3] ?? 0) & bit(messageId)) !== 0;
  const mustBeKnown = (client: Named, packet: Numbered) => {
    if (!isKnown(client, packet)) throw new Error("no such packet");
  };
  return {
    async incomingStorePacket({ id }, { messageId = 0 }) {
      const bits = known.get(id) ?? new Uint8Array(8192);
      known.set(id, bits);
      bits[messageId >> 3]! |= bit(messageId);
    },
    async incomingGetPacket(client, packet) {
      mustBeKnown(client, packet);
      return packet;
    },
    async incomingDelPacket(client, packet) {
      mustBeKnown(client, packet);
      known.get(client.id)![packet.messageId! >> 3]! &= ~bit(packet.messageId!);
    },
    async cleanIncoming({ id }) {
      known.delete(id);
    },
  };
}
