/**
 * What the embedded broker retains, found by its topic. aedes compares each subscription with everything that is retained,
 * which lets a site of five thousand devices wait for minutes; here nobody subscribes to more than topics by name.
 */
import { Readable } from "node:stream";
import type { AedesPublishPacket } from "aedes";

/** What aedes asks of its persistence about retained messages. */
export interface RetainedMessages {
  storeRetained(packet: AedesPublishPacket): Promise<void>;
  createRetainedStreamCombi(topics: readonly string[]): Readable;
}

/** The newest of each topic; an empty one ends it [MQTT-3.3.1-10]. */
export function retainedByTopic(): RetainedMessages {
  const retained = new Map<string, AedesPublishPacket>();
  return {
    async storeRetained(packet) {
      if (packet.payload.length === 0) retained.delete(packet.topic);
      else retained.set(packet.topic, { ...packet });
    },
    createRetainedStreamCombi: (topics) => Readable.from(topics.flatMap((topic) => retained.get(topic) ?? [])),
  };
}
