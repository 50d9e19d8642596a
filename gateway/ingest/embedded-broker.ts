/**
 * The embedded broker: aedes (MQTT 3.1.1) behind a TCP port.
 * aedes acknowledges QoS 1 before anything is stored, unless the storing is waited for in `authorizePublish`, which runs
 * first. An error there drops the connection, so it is given only when the disk has not taken the message.
 */
import { createServer, type Server } from "node:net";
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client, type Subscription } from "aedes";
import type { Id } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { type Delivery, delivery, isCommandChannel, parseTopic } from "#protocol/topics.ts";
import { type Broker, BrokerError, type OnPublished } from "./broker.ts";
import { limitPackets } from "./packet-limit.ts";
import { createRegistry } from "./registry.ts";

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly site: Site;
  readonly maxClients?: number;
}

export interface EmbeddedBroker extends Broker {
  /** `mqtt://host:port` */
  readonly url: string;
  readonly port: number;
}

const MAX_CLIENTS = 6000;
/** A client that reads nothing for this long is let go, so that it does not hold up the others. */
const DRAIN_TIMEOUT_MS = 10_000;
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;

/** Listens. Rejects with a BrokerError that says what to do when the port is taken. */
export async function openEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { host, site, maxClients = MAX_CLIENTS } = options;
  const registry = createRegistry(site);
  const heard = Promise.withResolvers<OnPublished>();
  let handler: OnPublished = (message) => heard.promise.then((handle) => handle(message));
  let closing = false;
  const refusals = new WeakMap<Client, { code: number; reason: string }>();

  const aedes = await Aedes.createBroker({
    concurrency: 0,
    drainTimeout: DRAIN_TIMEOUT_MS,
    preConnect(client, packet, done) {
      // [MQTT-3.1.3-8]: a session that is to last needs a name. aedes would make one up.
      if (!packet.clientId && !packet.clean)
        refusals.set(client, { code: IDENTIFIER_REJECTED, reason: "a lasting session needs a client id" });
      else if (aedes.connectedClients >= maxClients)
        refusals.set(client, { code: SERVER_UNAVAILABLE, reason: `${maxClients} clients are connected` });
      done(null, true);
    },
    authenticate(client, _username, _password, done) {
      const refusal = refusals.get(client);
      if (!refusal) return done(null, true);
      const error: AuthenticateError = Object.assign(new Error(refusal.reason), { returnCode: refusal.code });
      done(error, null);
    },
    authorizePublish(_client, packet, done) {
      const channel = registry.placeOf(packet.topic)?.channel;
      if (!channel || !delivery[channel].retain) packet.retain = false;
      if (closing) return done();
      const payload = packet.payload as Uint8Array;
      handler({ topic: packet.topic, payload }).then(() => done(), done);
    },
    authorizeSubscribe: (client, subscription, done) =>
      done(null, maySubscribe(client.id, subscription, site.site, registry.roomOf) ? subscription : null),
  });

  passOnly(aedes, (topic) => {
    const channel = registry.placeOf(topic)?.channel;
    return channel !== undefined && delivery[channel].retain;
  });

  const server = createServer((socket) => {
    socket.setNoDelay(true);
    limitPackets(socket);
    aedes.handle(socket);
  });
  await listen(server, host, options.port).catch(async (error) => {
    await closeAedes(aedes);
    throw error;
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  const url = `mqtt://${host.includes(":") ? `[${host}]` : host}:${port}`;

  return {
    name: `embedded broker on ${host}:${port}`,
    url,
    port,
    publish: (topic, payload, { qos, retain }: Delivery) =>
      new Promise((resolve, reject) => {
        const packet = { cmd: "publish" as const, topic, payload: Buffer.from(payload), qos, retain, dup: false };
        aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
      }),
    onMessage(next) {
      handler = next;
      heard.resolve(next);
    },
    clients: () => aedes.connectedClients,
    connected: () => server.listening,
    async [Symbol.asyncDispose]() {
      if (closing) return;
      // The wills of those that are sent away now are no news of theirs.
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeAedes(aedes);
      await closed;
    },
  };
}

/**
 * Readings are for the gateway, which has them when they are acknowledged; what it cannot read is for nobody. Only what a
 * device may listen to goes on from one client to others; that also spares readings the broker's queues.
 */
function passOnly(aedes: Aedes, passes: (topic: string) => boolean): void {
  type Publish = (packet: AedesPublishPacket, ...rest: [Done] | [Client | null, Done]) => void;
  type Done = (error?: Error) => void;
  const original = aedes.publish.bind(aedes) as Publish;
  const publish: Publish = (packet, ...rest) => {
    const done = rest.length === 2 && rest[0] !== null ? rest[1] : undefined;
    if (done && !passes(packet.topic)) done();
    else original(packet, ...rest);
  };
  Object.assign(aedes, { publish });
}

/** A device listens to what is said to it, and to its own status, where it would see a namesake. */
function maySubscribe(client: Id, { topic }: Subscription, site: Id, roomOf: (device: Id) => unknown): boolean {
  const parts = parseTopic(topic);
  if (parts?.site !== site || !(isCommandChannel(parts.channel) || parts.channel === "status")) return false;
  return parts.device === client || roomOf(client) === undefined;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // Later errors are of single connections that could not be accepted; those that are there go on.
    server.on("error", (cause: NodeJS.ErrnoException) => {
      const what = `port ${port} on ${host}`;
      const says: Record<string, string> = {
        EADDRINUSE: `${what} is taken; set FORTROLIG_MQTT=host:port`,
        EACCES: `${what} may not be used by this user; set FORTROLIG_MQTT=host:port`,
        EADDRNOTAVAIL: `${host} is no address of this machine; set FORTROLIG_MQTT=host:port`,
      };
      reject(new BrokerError(says[cause.code ?? ""] ?? `${what}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

const closeAedes = (aedes: Aedes): Promise<void> => new Promise((resolve) => aedes.close(() => resolve()));
