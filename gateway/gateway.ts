/** The gateway, put together in the order in which a reading travels. The one place that knows everybody. */
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import type { Millis } from "#protocol/quantities.ts";
import type { Delivery } from "#protocol/topics.ts";
import { delivery, topicFor } from "#protocol/topics.ts";
import { type Access, openAccess } from "./access/access.ts";
import { type Provider, provider } from "./access/provider.ts";
import { limitsOf } from "./access/sessions.ts";
import { hoursToHold } from "./agreed-config.ts";
import { publicKeyOf } from "./audit/checkpoint.ts";
import { openCheckpointKey } from "./audit/checkpoint-key.ts";
import { startCheckpoints } from "./audit/daily.ts";
import { type Certificate, lastingUntil, readCertificate } from "./certificate.ts";
import { type Changes, openChanges } from "./changes.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Config, networksIn, redacted, secretsIn } from "./config.ts";
import { startDailyDigest } from "./deliver/daily-digest.ts";
import { startIndicator } from "./deliver/indicator.ts";
import { startOutbox } from "./deliver/outbox.ts";
import { journalTrouble } from "./deliver/status-view.ts";
import { webhook } from "./deliver/webhook.ts";
import { withheldRooms } from "./display/units.ts";
import type { DeviceBook } from "./enrolment/device-book.ts";
import { type DeviceDoor, openDeviceDoor } from "./enrolment/device-door.ts";
import { outsideAccess } from "./enrolment/outside-access.ts";
import { transportCheck } from "./enrolment/transport.ts";
import type { Check, HttpParts } from "./http/parts.ts";
import { buildHttp } from "./http/server.ts";
import { renewCertificate } from "./http/transport.ts";
import type { Broker } from "./ingest/broker.ts";
import { deviceConfigs } from "./ingest/device-config.ts";
import { type EmbeddedBroker, openEmbeddedBroker } from "./ingest/embedded-broker.ts";
import type { Damage } from "./journal/journal.ts";
import { openJournal } from "./journal/open-journal.ts";
import { keepOpen } from "./keep-open.ts";
import { createLog, type Log, openLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { browsersOrigin, originOf } from "./origin.ts";
import { type LoadWatch, watchLoad } from "./overload.ts";
import { openPipeline, type Pipeline } from "./pipeline.ts";
import { keepToldFrom } from "./told-from.ts";

const MEGABYTE = 1024 * 1024;
/** Readings wait for their decision in memory: with more of them the next are not taken in, and their senders wait. */
const MOST_UNDECIDED = 20_000;
const DASHBOARD = fileURLToPath(new URL("../dashboard/dist", import.meta.url));

export interface Gateway extends AsyncDisposable {
  /** Where it listens: `http://host:port`. */
  readonly url: string;
  /** Where browsers reach it; undefined behind a proxy of which the settings say nothing. */
  readonly origin: string | undefined;
  /** Where devices connect: `mqtt://host:port`. */
  readonly broker: string;
  readonly pipeline: Pipeline;
  /** What it runs with: as far as it is agreed, what it was started with. */
  readonly config: Config;
  readonly changes: Changes;
  /** What devices are known by; undefined where they need nothing. */
  readonly devices: DeviceBook | undefined;
  readonly access: Access;
}

/** Somebody else listens where the gateway is to listen. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** Opened anew within itself when other settings come into force. Throws ConfigError, AddressError. */
export const openGateway = (config: Config, options: GatewayOptions = {}): Promise<Gateway> =>
  keepOpen((configured, onInForce) => openOnce(configured, options, onInForce), config, systemClock);

/** What no setting reaches: `anyHour` is for the demo's simulated devices, which live opening hours at any hour of the clock. */
export interface GatewayOptions {
  readonly anyHour?: boolean;
}

async function openOnce(configured: Config, { anyHour }: GatewayOptions, onInForce: () => void): Promise<Gateway> {
  const log = createLog(openLogger(configured.log, secretsIn(configured)));
  const clock = systemClock;
  await using opening = new AsyncDisposableStack();
  const journal = opening.use(await openJournal(configured.data));
  const { changes, config } = await openChanges({
    journal,
    config: configured,
    clock,
    onEvent: log.change,
    onHeldBack: log.heldBack,
    onTrouble: (error) => log.trouble("time could not be counted for changes of the configuration", error),
  });
  opening.use(changes);
  changes.onInForce(onInForce);
  const toldFrom = await keepToldFrom(journal, config.site, clock.now());

  const certificate = ownCertificate(config, clock, log);
  // An outside broker asks for credentials itself.
  const devices = config.broker === "" ? opening.use(openDeviceDoor({ config, clock, log })) : undefined;
  const { broker, address, embedded } = await openBroker(config, log, devices);
  opening.use(broker);
  // A device that is away is told again when it asks; nothing here waits for it.
  const publish = (topic: string, payload: string, how: Delivery): void => {
    broker
      .publish(topic, payload, how)
      .catch((error: unknown) => log.logger.debug({ err: error, topic }, "not published"));
  };

  let wakeOutbox = () => {};
  const pipeline = opening.use(
    await openPipeline({
      config,
      journal,
      clock,
      log,
      publish,
      time: "clock",
      measures: anyHour ? undefined : hoursToHold(configured.site, config.site),
      onRecorded: ({ deliveries = [] }) => {
        if (deliveries.length > 0) wakeOutbox();
      },
    }),
  );
  const key = openCheckpointKey(config.data);
  const checkpoints = opening.use(
    await startCheckpoints({
      site: config.site,
      journal: pipeline.journal,
      clock,
      key,
      onCheckpoint: log.checkpoint,
      onTrouble: (error) => log.trouble("the audit log's checkpoint could not be kept; trying again", error),
    }),
  );
  const access = opening.use(openAccounts(config, pipeline, clock, log));
  const load = opening.use(
    watchLoad({
      pending: () => ({ ingest: pipeline.ingest.counts().pending, lane: pipeline.lane.pending() }),
      ceiling: config.memory * MEGABYTE,
      onChange: log.load,
    }),
  );
  if (devices && embedded) {
    devices.connect({ broker: embedded, fleet: pipeline.ingest.fleet, enter: pipeline.journal.audit });
  }
  const metrics = createMetrics(pipeline, broker, clock, load, {
    http: () => certificate?.current().expiresAt,
    mqtt: () => devices?.certificateExpiresAt(),
  });
  const channels = Object.entries(config.webhooks).map(([name, hook]) => webhook({ name, ...hook, clock }));
  const outbox = opening.use(
    startOutbox({
      journal: pipeline.journal,
      channels,
      clock,
      withheld: withheldRooms(config.site),
      onEvent: log.outbox,
    }),
  );
  wakeOutbox = outbox.wake;
  if (config.site.policy.privacy === "strict" && channels.length > 0)
    opening.use(
      startDailyDigest({
        site: config.site,
        journal: pipeline.journal,
        clock,
        channels: channels.map(({ name }) => name),
        toldFrom,
        onOrdered: wakeOutbox,
        onTrouble: (error) => log.trouble("the day's digest could not be made; trying again", error),
      }),
    );
  opening.defer(startIndicator({ site: config.site, live: pipeline.live, publish }));

  broker.onMessages(async (messages) => {
    const at = clock.now();
    if (pipeline.lane.pending() > MOST_UNDECIDED) await pipeline.lane.drained(MOST_UNDECIDED);
    await pipeline.ingest.receiveAll(messages, at);
  });
  for (const { device, config: desired } of deviceConfigs(config.site))
    publish(topicFor(config.site.site, device, "config"), JSON.stringify(desired), delivery.config);

  const parts: HttpParts = {
    ...pipeline,
    site: config.site,
    clock,
    metrics,
    load: () => load.pressure().load,
    audit: { publicKey: publicKeyOf(key), latest: checkpoints.latest },
    checks: () => ({
      ...checksOf(pipeline, broker, load),
      transport: transportCheckOf(
        httpTransport(config, certificate?.current(), clock.now()),
        transportCheck(config, devices?.certificateExpiresAt(), clock.now()),
      ),
    }),
    enrolments: devices?.book,
    broker: address,
    dashboard: existsSync(DASHBOARD) ? DASHBOARD : undefined,
    identify: access.identify,
    accounts: { access, provider: providerIn(config, clock), local: config.localAccounts },
    transport: { tls: certificate?.current(), proxy: networksIn(config.proxy) },
    changes,
    toldFrom,
  };
  const http = await buildHttp(parts, log.logger.child({}, { level: httpLevel(config.log) }));
  opening.defer(() => http.close());
  await listen(http, config);
  const { port } = http.server.address() as AddressInfo;
  const url = originOf(config.httpCert === undefined ? "http" : "https", { ...config.http, port });
  if (certificate) opening.use(certificate.renewOnHangup(http));
  log.started(url, broker.name, redacted(config));

  // Closing begins here: first nothing more comes in.
  opening.defer(() => broker[Symbol.asyncDispose]());
  const closing = opening.move();
  return {
    url,
    origin: browsersOrigin({ ...config, http: { ...config.http, port } }, certificate?.current().own),
    broker: address,
    pipeline,
    config,
    changes,
    devices: devices?.book,
    access,
    async [Symbol.asyncDispose]() {
      await closing.disposeAsync();
      log.stopped();
    },
  };
}

interface OpenBroker {
  readonly broker: Broker;
  readonly address: string;
  /** The same, where it is our own. */
  readonly embedded?: EmbeddedBroker;
}

async function openBroker(config: Config, log: Log, devices: DeviceDoor | undefined): Promise<OpenBroker> {
  if (config.broker !== "") {
    const { openOutsideBroker } = await import("./ingest/outside-broker.ts");
    const broker = openOutsideBroker({
      url: config.broker,
      site: config.site.site,
      access: outsideAccess(config),
      onState: (state) => log.outsideBroker(state),
    });
    return { broker, address: config.broker };
  }
  const broker = await openEmbeddedBroker({ ...config.mqtt, site: config.site, ...devices?.broker });
  return { broker, address: broker.url, embedded: broker };
}

/** Of requests only what went wrong is said, unless everything is. */
const httpLevel = (log: Config["log"]): Config["log"] => (log === "info" ? "warn" : log);

/** Accounts are kept beside the journal, whose audit log they tell what happens to them. */
function openAccounts(config: Config, { journal }: Pipeline, clock: Clock, log: Log): Access {
  const { data, httpCert, proxy, site } = config;
  return openAccess({
    file: join(data, "access.db"),
    clock,
    secure: httpCert !== undefined || proxy !== "",
    limits: limitsOf(config),
    rooms: site.rooms.map(({ id }) => id),
    audit: (event) => journal.audit({ count: 1, ...event }),
    onTrouble: (what, error) => log.trouble(`${what}: could not be written; trying again`, error),
  });
}

function providerIn({ oidc, oidcSecret }: Config, clock: Clock): Provider | undefined {
  if (oidc === undefined) return undefined;
  return provider({ ...oidc, ...(oidcSecret !== undefined && { clientSecret: oidcSecret }) }, clock);
}

interface OwnCertificate {
  current(): Certificate;
  /** One that was renewed is taken up on SIGHUP; connections stay. */
  renewOnHangup(http: FastifyInstance): Disposable;
}

/** The HTTP side's; undefined where it has none. Throws a CertificateError. */
function ownCertificate({ httpCert, httpKey }: Config, clock: Clock, log: Log): OwnCertificate | undefined {
  if (httpCert === undefined || httpKey === undefined) return undefined;
  const read = (): Certificate => {
    const certificate = readCertificate({ cert: httpCert, key: httpKey });
    log.certificate("http", certificate.expiresAt, clock.now());
    return certificate;
  };
  let current = read();
  return {
    current: () => current,
    renewOnHangup(http) {
      const renew = () => {
        try {
          current = read();
          renewCertificate(http, current);
        } catch (error) {
          log.trouble("http: the certificate was not read again; the one before stays", error);
        }
      };
      process.on("SIGHUP", renew);
      return { [Symbol.dispose]: () => process.off("SIGHUP", renew) };
    },
  };
}

async function listen(http: Awaited<ReturnType<typeof buildHttp>>, { http: { host, port } }: Config): Promise<void> {
  try {
    await http.listen({ host, port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new AddressError(`port ${port} on ${host} is taken; set FORTROLIG_HTTP=host:port`, { cause });
  }
}

const transportCheckOf = (http: Check, mqtt: Check): Check => ({
  state: http.state === "ok" ? mqtt.state : http.state,
  detail: `HTTP: ${http.detail}; MQTT: ${mqtt.detail}`,
});

function httpTransport({ proxy }: Config, certificate: Certificate | undefined, now: Millis): Check {
  if (certificate) return lastingUntil(certificate.expiresAt, now);
  return { state: "ok", detail: proxy !== "" ? "TLS at the proxy" : "plain, on loopback only" };
}

/**
 * Only what stops readings from being made safe makes the gateway unready. Anybody may ask, so that these are our words and
 * nothing that a database, broker or disk has said, which is in the log.
 */
function checksOf(
  { journal, forwarder, rollups, lane }: Pipeline,
  broker: Broker,
  watch: LoadWatch,
): Record<string, Check> {
  const { load, reasons } = watch.pressure();
  const disk = journal.health();
  const { state, trouble, behind } = forwarder.status();
  return {
    journal:
      disk.kind === "ok"
        ? { state: "ok", detail: "writable" }
        : { state: "failed", detail: journalTrouble(disk.reason) },
    records: recordsCheck(journal.damage()),
    broker: broker.connected() ? { state: "ok", detail: "connected" } : { state: "failed", detail: "not connected" },
    history:
      state === "flowing"
        ? { state: "ok", detail: `${behind} messages behind` }
        : { state: "degraded", detail: `${state}: ${trouble}; ${behind} messages are kept` },
    rollups:
      rollups.status().reason === null
        ? { state: "ok", detail: "current" }
        : { state: "degraded", detail: "behind; trying again" },
    lane:
      lane.pending() < 50_000
        ? { state: "ok", detail: "current" }
        : { state: "degraded", detail: `${lane.pending()} messages behind` },
    load:
      load === "ease"
        ? { state: "ok", detail: "ease" }
        : { state: "degraded", detail: `${load}: ${reasons.join(", ")}` },
  };
}

/** Damage stays in sight for as long as what is left of it is kept: somebody is to look at the disk. */
function recordsCheck(damage: readonly Damage[]): Check {
  const last = damage.at(-1);
  if (!last) return { state: "ok", detail: "sound" };
  const more = damage.length > 1 ? ` (and ${damage.length - 1} more)` : "";
  return {
    state: "degraded",
    detail: `damaged on the disk, found ${new Date(last.at).toISOString()}: ${last.what}${more}`,
  };
}
