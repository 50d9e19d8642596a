/**
 * The embedded broker: aedes (MQTT 3.1.1) behind a TCP or TLS port, a door that says who comes in (door.ts), and a tap that
 * takes readings the short way (reading-tap.ts). aedes acknowledges QoS 1 before anything is stored, unless the storing is
 * waited for in `authorizePublish`, which runs first. An error there drops the connection, so it is given only when the disk
 * has not taken the message.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { Aedes, type AedesPublishPacket, type Client, type Subscription } from "aedes";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { type Delivery, delivery } from "#protocol/topics.ts";
import { type Admit, type Denial, openAdmission } from "../enrolment/admission.ts";
import type { Certificates } from "../enrolment/certificates.ts";
import { originOf } from "../origin.ts";
import { type Broker, BrokerError, type OnPublished } from "./broker.ts";
import { createDoor } from "./door.ts";
import { boundedOutgoing, type OutgoingMessages } from "./outgoing.ts";
import { createTaps, type Tap } from "./reading-tap.ts";
import { registryOf } from "./registry.ts";
import { type RetainedMessages, retainedByTopic } from "./retained.ts";
import { type UnreleasedMessages, unreleasedByNumber } from "./unreleased.ts";
import { connectViolation, publishViolation } from "./violation.ts";

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly site: Site;
  readonly maxClients?: number;
  /** Who is let in, and with which rights; without it everybody. */
  readonly admit?: Admit;
  /** Without them the port speaks plain MQTT. */
  readonly tls?: Certificates;
  /** Told of each refusal, with the device of the site that it concerns. */
  readonly onDenied?: (denial: Denial, device: Id | undefined) => void;
  /** How long a wrong credential waits for its answer: who guesses gets on slowly, and nobody else waits. */
  readonly denialDelayMs?: Millis;
  /** Told when clients of one name have thrown each other out so often that newcomers are refused until `until`. */
  readonly onTakeOverLoop?: (client: string, until: Millis) => void;
}

export interface EmbeddedBroker extends Broker {
  /** `mqtt://host:port`, or `mqtts://…` */
  readonly url: string;
  readonly port: number;
  /** How much was refused, since the start. */
  denied(): Readonly<Record<Denial, number>>;
  /** Messages that lasting sessions had no room for, since the start. */
  dropped(): number;
  /** Ends the connections that were let in with this device's credential, and its session with all that it is owed. */
  dismiss(device: Id): void;
  /** For connections from now on. */
  useCertificates(certificates: Certificates): void;
}

/** Connections that wait to be let in: a whole site may come back at once, and who is dropped tries again after seconds only. */
const BACKLOG = 4096;

/** What aedes has and its types leave out: who is connected, by name. */
interface Connected {
  readonly clients: Readonly<Record<string, Client | undefined>>;
}

const MAX_CLIENTS = 6000;
/** Packets that a client may send before it has its CONNACK, [MQTT-3.1.4-5] allows any number: what one read holds. */
const MAX_BEFORE_CONNACK = 65_536;
/** A client that reads nothing for this long is let go, so that it does not hold up the others. */
const DRAIN_TIMEOUT_MS = 10_000;
/** Messages that a lasting session is owed; of what devices say nothing beyond 4 KiB is passed on. */
const MOST_OWED = 100;
/** A handshake that takes longer is none. */
const HANDSHAKE_LIMIT_MS = 30_000;
/** [MQTT-3.1.2-2] */
const UNACCEPTABLE_LEVEL = Buffer.from([0x20, 2, 0, 1]);
const DONE = Promise.resolve();
/**
 * aedes gives each message a number as it is published, and a client none whose number is below the last one's, as if
 * subscriptions overlapped. Ours never do; but what is retained is ready later than what is not, and would be lost. The
 * entry of another message would go with it, and for want of that the connection.
 */
const ALL_NEW = new Proxy({}, { set: () => true });

/** Listens. Rejects with a BrokerError that says what to do when the port is taken. */
export async function openEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { host, site, tls } = options;
  const registry = registryOf(site);
  const heard = Promise.withResolvers<OnPublished>();
  let handler: OnPublished = (messages) => heard.promise.then((handle) => handle(messages));
  let closing = false;
  const taps = new WeakMap<Client, Tap>();
  const connections = new Set<Client>();
  const door = createDoor({
    ...options,
    admit: options.admit ?? openAdmission(site),
    maxClients: options.maxClients ?? MAX_CLIENTS,
    isDevice: (id) => registry.roomOf(id) !== undefined,
    connected: () => aedes.connectedClients,
    isThere: (id) => (aedes as unknown as Connected).clients[id] !== undefined,
  });
  /** Said without the right to, or refused: acknowledged, as MQTT 3.1.1 has no other word [MQTT-3.3.5-2], and for nobody. */
  const unheard = new WeakSet<object>();
  const outgoing = boundedOutgoing(MOST_OWED);
  /** Whose credential has ended, and who has not come back since. */
  const ended = new Set<string>();

  async function forget(id: string): Promise<void> {
    outgoing.forget(id);
    await Promise.all([persistence.cleanSubscriptions({ id }), persistence.cleanIncoming({ id })]);
  }

  /** What was under way when the session was ended may have begun it anew; who comes now finds nothing of it. */
  const authenticate: typeof door.authenticate = (client, username, password, done) =>
    door.authenticate(client, username, password, (error, success) => {
      if (!success || !ended.delete(client.id)) return done(error, success);
      forget(client.id).then(
        () => done(null, true),
        (cause: Error) => done(Object.assign(cause, { returnCode: 3 }), null),
      );
    });

  const aedes = await Aedes.createBroker({
    concurrency: 0,
    drainTimeout: DRAIN_TIMEOUT_MS,
    queueLimit: MAX_BEFORE_CONNACK,
    preConnect(client, packet, done) {
      if (packet.protocolVersion === 5) client.conn.write(UNACCEPTABLE_LEVEL);
      const violation = connectViolation(packet);
      if (violation) return done(new Error(violation), false);
      door.arrives(client, packet);
      done(null, true);
    },
    authenticate,
    authorizePublish(client, packet, done) {
      const channel = registry.placeOf(packet.topic)?.channel;
      if (!channel || !delivery[channel].retain) packet.retain = false;
      if (closing) return done();
      const violation = publishViolation(packet.topic, packet.qos, packet.messageId);
      const allowed = violation !== undefined || door.maySay(client, packet.topic);
      if (!allowed) {
        unheard.add(packet);
        packet.retain = false;
      }
      const payload = packet.payload as Uint8Array;
      const onRefused = () => void unheard.add(packet);
      const safe = !allowed || (channel && violation) ? DONE : handler([{ topic: packet.topic, payload, onRefused }]);
      // A will comes from a client that is gone, and waits for nothing of it.
      const tap = packet.qos > 0 && client && !client.closed ? taps.get(client) : undefined;
      (tap?.inOrder(safe) ?? safe).then(() => done(violation ? new Error(violation) : null), done);
    },
    authorizeSubscribe: (client, subscription, done) =>
      done(null, door.maySubscribe(client, subscription.topic) ? subscription : null),
    // The last door: what a session is owed from before goes through it as well.
    authorizeForward: (client, packet) => (door.rightsOf(client)?.mayHear(packet.topic) ? packet : null),
  });
  // A topic of many levels is refused like any other that is not ours; none of them gets to where aedes minds.
  Object.assign(aedes, { maxTopicLevels: Number.POSITIVE_INFINITY });

  const { persistence } = aedes as unknown as { persistence: Persistence };
  Object.assign(persistence, retainedByTopic(), unreleasedByNumber(), outgoing.messages);
  const keepSubscriptions = persistence.addSubscriptions.bind(persistence);
  // aedes keeps what was refused with what one packet was granted.
  persistence.addSubscriptions = (client, subscriptions) =>
    keepSubscriptions(
      client,
      subscriptions.filter(({ topic }) => door.rightsOf(client)?.mayHear(topic)),
    );
  passOnly(aedes, (packet) => {
    const channel = unheard.has(packet) ? undefined : registry.placeOf(packet.topic)?.channel;
    return channel !== undefined && delivery[channel].retain;
  });

  const tap = createTaps({ take: (messages) => handler(messages), drainTimeoutMs: DRAIN_TIMEOUT_MS });
  const serve = (socket: Socket): void => {
    socket.setNoDelay(true);
    let client: TappedClient | undefined;
    const mayTake = () => (client?.connected === true && !closing ? door.rightsOf(client)?.readings : undefined);
    const tapped = tap(socket, { mayTake, alive: () => client?._keepaliveTimer?.refresh() });
    client = aedes.handle(socket) as TappedClient;
    const accepted = client;
    Object.assign(accepted, { duplicates: ALL_NEW });
    taps.set(accepted, tapped);
    connections.add(accepted);
    socket.once("close", () => connections.delete(accepted));
    client.prependListener("error", (error: Error) => {
      if (error.message === "Invalid protocol version") socket.write(UNACCEPTABLE_LEVEL);
    });
  };
  const server = tls ? tlsServer(tls, serve, () => door.deny("handshake", undefined)) : createServer(serve);
  // Who has not yet said who it is takes room too.
  server.maxConnections = (options.maxClients ?? MAX_CLIENTS) + BACKLOG;
  await listen(server, host, options.port).catch(async (error) => {
    await closeAedes(aedes);
    throw error;
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  const url = originOf(tls ? "mqtts" : "mqtt", { host, port });

  return {
    name: `embedded broker on ${host}:${port}`,
    url,
    port,
    publish: (topic, payload, { qos, retain }: Delivery) =>
      new Promise((resolve, reject) => {
        const packet = { cmd: "publish" as const, topic, payload: Buffer.from(payload), qos, retain, dup: false };
        aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
      }),
    onMessages(next) {
      handler = next;
      heard.resolve(next);
    },
    clients: () => aedes.connectedClients,
    connected: () => server.listening,
    takeOvers: door.takeOvers,
    denied: door.denied,
    dropped: outgoing.dropped,
    dismiss(device) {
      for (const client of connections) if (door.rightsOf(client)?.device === device) client.conn.destroy();
      ended.add(device);
      void forget(device);
    },
    useCertificates({ context }) {
      if (tls) (server as TlsServer).setSecureContext(context);
    },
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

interface Persistence extends RetainedMessages, UnreleasedMessages, OutgoingMessages {
  addSubscriptions(client: Client, subscriptions: readonly Subscription[]): Promise<unknown>;
  cleanSubscriptions(client: { readonly id: string }): Promise<unknown>;
}

/** aedes restarts this timer with each packet that it sees itself; readings pass it by. */
type TappedClient = Client & { readonly _keepaliveTimer: NodeJS.Timeout | null };

/**
 * Readings are for the gateway, which has them when they are acknowledged; what it cannot read is for nobody. Only what a
 * device may listen to goes on from one client to others; that also spares readings the broker's queues.
 */
function passOnly(aedes: Aedes, passes: (packet: AedesPublishPacket) => boolean): void {
  type Publish = (packet: AedesPublishPacket, ...rest: [Done] | [Client | null, Done]) => void;
  type Done = (error?: Error) => void;
  const original = aedes.publish.bind(aedes) as Publish;
  const publish: Publish = (packet, ...rest) => {
    const done = rest.length === 2 && rest[0] !== null ? rest[1] : undefined;
    if (done && !passes(packet)) done();
    else original(packet, ...rest);
  };
  Object.assign(aedes, { publish });
}

/** Certificates of clients are asked for where an authority for them is named, and judged when they connect. */
function tlsServer({ context }: Certificates, serve: (socket: Socket) => void, failed: () => void): TlsServer {
  const clients = { requestCert: context.ca !== undefined, rejectUnauthorized: false };
  const server = createTlsServer({ ...context, ...clients, handshakeTimeout: HANDSHAKE_LIMIT_MS }, serve);
  return server.on("tlsClientError", failed);
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
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
}

const closeAedes = (aedes: Aedes): Promise<void> => new Promise((resolve) => aedes.close(() => resolve()));
