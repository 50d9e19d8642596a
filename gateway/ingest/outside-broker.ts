/**
 * An outside broker, through MQTT.js. Its acknowledgements only ever reach that broker, so they are given at once; what
 * tells a device that its message is stored is the receipt (DESIGN §4). MQTT.js hands over one message after another,
 * so waiting for each would be one message per sync.
 */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import mqtt, { type IPublishPacket } from "mqtt";
import type { Id } from "#protocol/quantities.ts";
import { type ReadingChannel, readingSchemas } from "#protocol/readings.ts";
import { claimTopic, delivery, readingFilter } from "#protocol/topics.ts";
import type { OutsideAccess } from "../enrolment/outside-access.ts";
import { type Broker, BrokerError, type OnPublished } from "./broker.ts";
import { type Claim, claimText, isQuestion, liveOwner, NO_CLAIM } from "./site-claim.ts";

export interface OutsideBrokerOptions {
  /** `mqtt://user:password@host:port` or `mqtts://…` */
  readonly url: string;
  readonly site: Id;
  /** Name, password and certificates, where the URL does not say them. */
  readonly access?: OutsideAccess;
  /** Told when the connection comes and goes. */
  readonly onState?: (state: OutsideState) => void;
  /** Jitter of the reconnection, in [0, 1). */
  readonly random?: () => number;
  /** A peer that has vanished without a word is noticed after one and a half times as long, s. */
  readonly keepaliveS?: number;
  /** Until it is asked once more whether the site is still another gateway's, ms. */
  readonly standByMs?: number;
}

export type OutsideState =
  | { readonly kind: "connected"; readonly sessionPresent: boolean }
  | { readonly kind: "waiting"; readonly ms: number; readonly reason: string };

/** Messages on their way into the journal; beyond, the broker waits for its acknowledgements. */
const MAX_PENDING = 20_000;
const RECONNECT_FROM_MS = 500;
const RECONNECT_TO_MS = 30_000;
const KEEPALIVE_S = 30;
const CONNECT_LIMIT_MS = 10_000;
/** A connection that ends sooner was none: the broker refuses us, or somebody else uses our name. */
const STEADY_MS = 10_000;
/** A broker that has vanished does not answer a goodbye. */
const GOODBYE_MS = 1000;
const STAND_BY_MS = 30_000;

/** Returns at once and keeps connecting: a broker that is away when the gateway starts is no reason not to start. */
export function openOutsideBroker(options: OutsideBrokerOptions): Broker {
  const {
    url,
    site,
    access = {},
    onState,
    random = Math.random,
    keepaliveS = KEEPALIVE_S,
    standByMs = STAND_BY_MS,
  } = options;
  const mine: Claim = {
    instance: randomBytes(8).toString("hex"),
    host: hostname(),
    pid: process.pid,
    since: new Date().toISOString(),
  };
  const name = `fortrolig-gateway-${site}`;
  const client = mqtt.connect(url, {
    ...access,
    clientId: name,
    clean: false,
    protocolVersion: 4,
    keepalive: keepaliveS,
    // What is sent to nobody must not keep a dead connection: a PINGREQ is due whatever else is sent.
    reschedulePings: false,
    connectTimeout: CONNECT_LIMIT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    manualConnect: true,
    will: { topic: claimTopic(site), payload: Buffer.from(NO_CLAIM), qos: 1, retain: true },
  });
  const stop = new AbortController();
  /** Said again on every connection: it may have been away, or have lost what it kept. */
  const retained = new Map<string, { payload: string; qos: 0 | 1 }>();
  const heard = Promise.withResolvers<OnPublished>();
  let handler: OnPublished = (messages) => heard.promise.then((handle) => handle(messages));
  let pending = 0;
  let resume: (() => void) | undefined;
  let attempt = 0;
  let lastError: Error | undefined;
  let connectedAt: number | undefined;
  let connecting = false;
  /** MQTT.js cannot end what it has not begun. */
  let begun = false;
  let closing = false;
  let timer: NodeJS.Timeout | undefined;

  client.handleMessage = (packet: IPublishPacket, done) => {
    if (packet.topic === claimTopic(site)) {
      if (isQuestion(packet.payload as Buffer, mine)) claim();
      return done();
    }
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

  const claim = () => client.publish(claimTopic(site), claimText(mine), { qos: 1, retain: true }, () => {});

  /** First asks whether the site is another's; connecting by the site's name would throw that one out. */
  async function connect(): Promise<void> {
    let owner: Claim | undefined;
    try {
      owner = await liveOwner({ url, access, site, mine, signal: stop.signal });
    } catch (error) {
      return waitAndConnect(delayMs(), (error as Error).message || "the broker does not answer");
    }
    if (closing) return;
    if (owner) return waitAndConnect(standByMs, ownedBy(owner));
    connecting = true;
    begun = true;
    client.reconnect();
  }

  /** MQTT.js neither sends again on the next connection what was not acknowledged on this one, nor says so; its end would wait for it. */
  function giveUpUnanswered(): void {
    for (const identifier of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(identifier));
  }

  function waitAndConnect(ms: number, reason: string): void {
    if (closing) return;
    onState?.({ kind: "waiting", ms, reason });
    timer = setTimeout(() => {
      attempting = connect();
    }, ms);
  }

  const delayMs = () =>
    Math.min(
      Math.round(RECONNECT_FROM_MS + random() * Math.min(RECONNECT_TO_MS, 1000 * 2 ** attempt++)),
      RECONNECT_TO_MS,
    );

  client.on("error", (error) => {
    lastError = error;
  });
  // Also when the broker has kept the session: it may have lost it, or know an older list of channels.
  client.on("connect", ({ sessionPresent }) => {
    connectedAt = performance.now();
    lastError = undefined;
    client.subscribe(subscriptions(site), (error, granted) => {
      const refused = granted?.find(({ qos }) => qos > 2);
      if (error || refused) {
        lastError = error ?? new Error(`the broker refuses a subscription to ${refused!.topic}`);
        client.stream.destroy();
      } else onState?.({ kind: "connected", sessionPresent });
    });
    client.subscribe(claimTopic(site), { qos: 0 }, () => {}); // a broker that refuses this is without claims
    claim();
    for (const [topic, { payload, qos }] of retained) client.publish(topic, payload, { qos, retain: true }, () => {}); // unsaid, it is said on the next connection
  });
  client.on("close", () => {
    if (closing || !connecting) return;
    connecting = false;
    const lasted = connectedAt === undefined ? undefined : performance.now() - connectedAt;
    connectedAt = undefined;
    if (lasted !== undefined && lasted >= STEADY_MS) attempt = 0;
    const cutOff = lasted !== undefined && lasted < STEADY_MS;
    const silent = cutOff
      ? `the broker has hung up; does another client use the name ${name}?`
      : "the connection was lost";
    waitAndConnect(delayMs(), lastError?.message || silent);
    giveUpUnanswered();
  });
  let attempting = connect();

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
      stop.abort();
      if (client.connected)
        await client.publishAsync(claimTopic(site), NO_CLAIM, { qos: 0, retain: true }).catch(() => {}); // its will says it then
      await attempting;
      if (!begun) return;
      giveUpUnanswered();
      const late = setTimeout(() => client.stream.destroy(), GOODBYE_MS);
      await client.endAsync(!client.connected);
      clearTimeout(late);
    },
  };
}

const ownedBy = ({ host, pid, since }: Claim): string =>
  `another gateway reads this site: process ${pid} on ${host}, since ${since}; give each gateway a site of its own`;

/** One filter per channel, none overlapping another, each with the channel's own quality of service. */
const subscriptions = (site: Id): Record<string, { qos: 0 | 1 }> =>
  Object.fromEntries(
    (Object.keys(readingSchemas) as ReadingChannel[]).map((channel) => [
      readingFilter(site, channel),
      { qos: delivery[channel].qos },
    ]),
  );
