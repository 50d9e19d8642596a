/** The gateway, put together in the order in which a reading travels. The one place that knows everybody. */
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Delivery } from "#protocol/topics.ts";
import { delivery, topicFor } from "#protocol/topics.ts";
import { publicKeyOf } from "./audit/checkpoint.ts";
import { openCheckpointKey } from "./audit/checkpoint-key.ts";
import { startCheckpoints } from "./audit/daily.ts";
import { type Changes, openChanges } from "./changes.ts";
import { systemClock } from "./clock.ts";
import { type Config, redacted } from "./config.ts";
import { startIndicator } from "./deliver/indicator.ts";
import { startOutbox } from "./deliver/outbox.ts";
import { webhook } from "./deliver/webhook.ts";
import type { Check, HttpParts } from "./http/parts.ts";
import { buildHttp } from "./http/server.ts";
import type { Broker } from "./ingest/broker.ts";
import { deviceConfigs } from "./ingest/device-config.ts";
import { openEmbeddedBroker } from "./ingest/embedded-broker.ts";
import type { Damage } from "./journal/journal.ts";
import { openJournal } from "./journal/open-journal.ts";
import { keepOpen } from "./keep-open.ts";
import { createLog, type Log, openLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { type LoadWatch, watchLoad } from "./overload.ts";
import { openPipeline, type Pipeline } from "./pipeline.ts";

const MEGABYTE = 1024 * 1024;
/** Readings wait for their decision in memory: with more of them the next are not taken in, and their senders wait. */
const MOST_UNDECIDED = 20_000;
const DASHBOARD = fileURLToPath(new URL("../dashboard/dist", import.meta.url));

export interface Gateway extends AsyncDisposable {
  /** `http://host:port` */
  readonly url: string;
  /** Where devices connect: `mqtt://host:port`. */
  readonly broker: string;
  readonly pipeline: Pipeline;
  /** What it runs with: as far as it is agreed, what it was started with. */
  readonly config: Config;
  readonly changes: Changes;
}

/** Somebody else listens where the gateway is to listen. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** Opened anew within itself when other settings come into force. Throws ConfigError, AddressError. */
export const openGateway = (config: Config): Promise<Gateway> => keepOpen(openOnce, config, systemClock);

async function openOnce(configured: Config, onInForce: () => void): Promise<Gateway> {
  const log = createLog(openLogger(configured.log));
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

  const { broker, address } = await openBroker(config, log);
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
  const load = opening.use(
    watchLoad({
      pending: () => ({ ingest: pipeline.ingest.counts().pending, lane: pipeline.lane.pending() }),
      ceiling: config.memory * MEGABYTE,
      onChange: log.load,
    }),
  );
  const metrics = createMetrics(pipeline, broker, clock, load);
  const channels = Object.entries(config.webhooks).map(([name, hook]) => webhook({ name, ...hook, clock }));
  const outbox = opening.use(
    startOutbox({
      journal: pipeline.journal,
      channels,
      clock,
      onEvent: (event) => {
        log.outbox(event);
        metrics.delivered(event);
      },
    }),
  );
  wakeOutbox = outbox.wake;
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
    metrics: metrics.registry,
    load: () => load.pressure().load,
    checks: () => checksOf(pipeline, broker, load),
    audit: { publicKey: publicKeyOf(key), latest: checkpoints.latest },
    dashboard: existsSync(DASHBOARD) ? DASHBOARD : undefined,
  };
  const http = await buildHttp(parts, log.logger.child({}, { level: config.log === "debug" ? "debug" : "warn" }));
  opening.defer(() => http.close());
  await listen(http, config);
  const { port } = http.server.address() as AddressInfo;
  const url = `http://${config.http.host.includes(":") ? `[${config.http.host}]` : config.http.host}:${port}`;
  log.started(url, broker.name, redacted(config));

  // Closing begins here: first nothing more comes in.
  opening.defer(() => broker[Symbol.asyncDispose]());
  const closing = opening.move();
  return {
    url,
    broker: address,
    pipeline,
    config,
    changes,
    async [Symbol.asyncDispose]() {
      await closing.disposeAsync();
      log.stopped();
    },
  };
}

async function openBroker(config: Config, log: Log): Promise<{ broker: Broker; address: string }> {
  if (config.broker !== "") {
    const { openOutsideBroker } = await import("./ingest/outside-broker.ts");
    const broker = openOutsideBroker({
      url: config.broker,
      site: config.site.site,
      onState: (state) => log.outsideBroker(state),
    });
    return { broker, address: config.broker };
  }
  const broker = await openEmbeddedBroker({
    ...config.mqtt,
    site: config.site,
    onTakeOverLoop: (client, until) => log.takeOverLoop(client, until),
  });
  return { broker, address: broker.url };
}

async function listen(http: Awaited<ReturnType<typeof buildHttp>>, { http: { host, port } }: Config): Promise<void> {
  try {
    await http.listen({ host, port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new AddressError(`port ${port} on ${host} is taken; set FORTROLIG_HTTP=host:port`, { cause });
  }
}

/** Only what stops readings from being made safe makes the gateway unready. */
function checksOf(
  { journal, forwarder, rollups, lane }: Pipeline,
  broker: Broker,
  watch: LoadWatch,
): Record<string, Check> {
  const { load, reasons } = watch.pressure();
  const disk = journal.health();
  const { state, reason, behind } = forwarder.status();
  return {
    journal: disk.kind === "ok" ? { state: "ok", detail: "writable" } : { state: "failed", detail: disk.reason },
    records: recordsCheck(journal.damage()),
    broker: broker.connected()
      ? { state: "ok", detail: broker.name }
      : { state: "failed", detail: `${broker.name} is not connected` },
    history:
      state === "flowing"
        ? { state: "ok", detail: `${behind} messages behind` }
        : { state: "degraded", detail: `${state}: ${reason}; ${behind} messages are kept` },
    rollups:
      rollups.status().reason === null
        ? { state: "ok", detail: "current" }
        : { state: "degraded", detail: rollups.status().reason! },
    lane:
      lane.pending() < 50_000
        ? { state: "ok", detail: "current" }
        : { state: "degraded", detail: `${lane.pending()} messages behind` },
    load:
      load === "ease"
        ? { state: "ok", detail: "ease" }
        : { state: "degraded", detail: `${load}: ${reasons.join(", ")}` },
    transport: { state: "ok", detail: "plain, on loopback only" },
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
