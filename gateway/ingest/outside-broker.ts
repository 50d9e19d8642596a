/**
 * An outside broker, through MQTT.js. Its acknowledgements only ever reach that broker, so they are given at once; what
 * tells a device that its message is stored is the receipt (DESIGN §4). MQTT.js hands over one message after another,
 * so waiting for each would be one message per sync.
 */
import mqtt, { type IPublishPacket } from "mqtt";
import type { Id } from "#protocol/quantities.ts";
import { type ReadingChannel, readingSchemas } from "#protocol/readings.ts";
import { delivery, readingFilter } from "#protocol/topics.ts";
import { type Broker, BrokerError, type OnPublished } from "./broker.ts";

export interface OutsideBrokerOptions {
  /** `mqtt://user:password@host:port` or `mqtts://…` */
  readonly url: string;
  readonly site: Id;
  /** Told when the connection comes and goes. */
  readonly onState?: (state: OutsideState) => void;
  /** Jitter of the reconnection, in [0, 1). */
  readonly random?: () => number;
}

export type OutsideState =
  | { readonly kind: "connected"; readonly sessionPresent: boolean }
  | { readonly kind: "waiting"; readonly ms: number; readonly reason: string };

/** Messages on their way into the journal; beyond, the broker waits for its acknowledgements. */
const MAX_PENDING = 20_000;
const RECONNECT_FROM_MS = 500;
const RECONNECT_TO_MS = 30_000;
const KEEPALIVE_S = 30;

/** Returns at once and keeps connecting: a broker that is away when the gateway starts is no reason not to start. */
export function openOutsideBroker({ url, site, onState, random = Math.random }: OutsideBrokerOptions): Broker {
  const client = mqtt.connect(url, {
    clientId: `fortrolig-gateway-${site}`,
    clean: false,
    protocolVersion: 4,
    keepalive: KEEPALIVE_S,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
  });
  /** Said again on every connection: it may have been away, or have lost what it kept. */
  const retained = new Map<string, { payload: string; qos: 0 | 1 }>();
  const heard = Promise.withResolvers<OnPublished>();
  let handler: OnPublished = (messages) => heard.promise.then((handle) => handle(messages));
  let pending = 0;
  let resume: (() => void) | undefined;
  let attempt = 0;
  let lastError: Error | undefined;
  let closing = false;
  let timer: NodeJS.Timeout | undefined;

  client.handleMessage = (packet: IPublishPacket, done) => {
    pending++;
    handler([{ topic: packet.topic, payload: packet.payload as Buffer }])
      .catch(() => {}) // not safe, so no receipt: the device sends it again
      .finally(() => {
        pending--;
        if (pending < MAX_PENDING / 2) {
          resume?.();
          resume = undefined;
        }
      });
    if (pending < MAX_PENDING) done();
    else resume = () => done();
  };

  client.on("error", (error) => {
    lastError = error;
  });
  // Also when the broker has kept the session: it may have lost it, or know an older list of channels.
  client.on("connect", ({ sessionPresent }) => {
    attempt = 0;
    lastError = undefined;
    client.subscribe(subscriptions(site), (error, granted) => {
      const refused = granted?.find(({ qos }) => qos > 2);
      if (error || refused) {
        lastError = error ?? new Error(`the broker refuses a subscription to ${refused!.topic}`);
        client.stream.destroy();
      } else onState?.({ kind: "connected", sessionPresent });
    });
    for (const [topic, { payload, qos }] of retained) client.publish(topic, payload, { qos, retain: true }, () => {}); // unsaid, it is said on the next connection
  });
  client.on("close", () => {
    if (closing || timer) return;
    const ms = Math.round(RECONNECT_FROM_MS + random() * Math.min(RECONNECT_TO_MS, 1000 * 2 ** attempt++));
    onState?.({
      kind: "waiting",
      ms: Math.min(ms, RECONNECT_TO_MS),
      reason: lastError?.message || "the connection was lost",
    });
    timer = setTimeout(
      () => {
        timer = undefined;
        client.reconnect();
      },
      Math.min(ms, RECONNECT_TO_MS),
    );
  });

  return {
    name: `broker at ${new URL(url).host}`,
    async publish(topic, payload, { qos, retain }) {
      if (retain) retained.set(topic, { payload, qos });
      if (!client.connected && retain) return;
      if (!client.connected) throw new BrokerError("the outside broker is not connected");
      await client.publishAsync(topic, payload, { qos, retain });
    },
    onMessages(next) {
      handler = next;
      heard.resolve(next);
    },
    clients: () => undefined,
    connected: () => client.connected,
    async [Symbol.asyncDispose]() {
      if (closing) return;
      closing = true;
      clearTimeout(timer);
      await client.endAsync(!client.connected);
    },
  };
}

/** One filter per channel, none overlapping another, each with the channel's own quality of service. */
const subscriptions = (site: Id): Record<string, { qos: 0 | 1 }> =>
  Object.fromEntries(
    (Object.keys(readingSchemas) as ReadingChannel[]).map((channel) => [
      readingFilter(site, channel),
      { qos: delivery[channel].qos },
    ]),
  );
