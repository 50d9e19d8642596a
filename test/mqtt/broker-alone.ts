/** The embedded broker without a gateway behind it: a test hears what devices say, and speaks in the gateway's place. */
import {
  type EmbeddedBroker,
  type EmbeddedBrokerOptions,
  openEmbeddedBroker,
} from "#gateway/ingest/embedded-broker.ts";
import { site } from "#gateway/ingest/sample.fixture.ts";
import { type Channel, delivery, topicFor } from "#protocol/topics.ts";

export interface BrokerAlone extends AsyncDisposable {
  readonly url: string;
  readonly broker: EmbeddedBroker;
  /** What devices have said, as `channel payload`, in order. */
  readonly heard: string[];
  /** Says something to a device. */
  say(channel: Channel, payload: string, device?: string): Promise<void>;
}

export async function openBrokerAlone(options: Partial<EmbeddedBrokerOptions> = {}): Promise<BrokerAlone> {
  const broker = await openEmbeddedBroker({ host: "127.0.0.1", port: 0, site, ...options });
  const heard: string[] = [];
  broker.onMessages(async (messages) => {
    for (const { topic: at, payload } of messages) heard.push(`${at.split("/").at(-1)} ${Buffer.from(payload)}`);
  });
  return {
    url: broker.url,
    broker,
    heard,
    say: (channel, payload, device = "k1-1") =>
      broker.publish(topicFor(site.site, device, channel), payload, delivery[channel]),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** A topic of the sample site, of its device k1-1 unless another is named. */
export const on = (channel: Channel, device = "k1-1"): string => topicFor(site.site, device, channel);
