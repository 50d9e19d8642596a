/**
 * What Prometheus reads: each figure is asked of its owner when it is scraped. Whoever reads it is told of no talk
 * (PRIVACY §3): no alerts, no deliveries, which only alerts bring, and of readings those that are stored, all together,
 * since a device says `state` when talk begins and ends, and `bands` while it goes on.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Millis } from "#protocol/quantities.ts";
import { type SequencedChannel, sequencedChannels } from "#protocol/readings.ts";
import type { Clock } from "./clock.ts";
import type { Broker } from "./ingest/broker.ts";
import { type LoadWatch, loads } from "./overload.ts";
import type { Pipeline } from "./pipeline.ts";
import { version } from "./report/version.ts";

export function createMetrics(
  pipeline: Pipeline,
  broker: Broker,
  clock: Clock,
  load: LoadWatch,
  certificates: Readonly<Record<"http" | "mqtt", () => Millis | undefined>>,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const { ingest, forwarder, rollups, lane, journal } = pipeline;

  /** Totals that their owner counts; a scrape copies them. */
  const totals = (
    name: string,
    help: string,
    labels: readonly string[],
    read: () => [Record<string, string>, number][],
  ) =>
    new Counter({
      name,
      help,
      labelNames: labels,
      registers,
      collect() {
        this.reset();
        for (const [label, value] of read()) this.inc(label, value);
      },
    });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const by = (label: string, counts: Readonly<Record<string, number>>): [Record<string, string>, number][] =>
    Object.entries(counts).map(([value, count]) => [{ [label]: value }, count]);

  new Gauge({ name: "fortrolig_build_info", help: "1, with the version", labelNames: ["version"], registers }).set(
    { version },
    1,
  );
  const stored = (counts: Readonly<Record<SequencedChannel, number>>): [Record<string, string>, number][] => [
    [{}, sequencedChannels.reduce((sum, channel) => sum + counts[channel], 0)],
  ];
  totals("fortrolig_messages_accepted_total", "Readings made safe in the journal", [], () =>
    stored(ingest.counts().accepted),
  );
  totals("fortrolig_messages_duplicate_total", "Readings that were stored before", [], () =>
    stored(ingest.counts().duplicates),
  );
  totals("fortrolig_messages_refused_total", "Messages set aside", ["reason"], () =>
    by("reason", ingest.counts().refused),
  );
  totals("fortrolig_messages_failed_total", "Messages the disk did not take", [], () => [[{}, ingest.counts().failed]]);
  gauge("fortrolig_messages_inflight", "Messages on their way into the journal", () => ingest.counts().pending);
  gauge("fortrolig_mqtt_clients", "Connected clients; -1 with an outside broker", () => broker.clients() ?? -1);
  gauge("fortrolig_journal_failing", "1 while readings cannot be made safe and none is acknowledged", () =>
    journal.health().kind === "ok" ? 0 : 1,
  );
  new Gauge({
    name: "fortrolig_quarantine_messages",
    help: "Messages set aside, now",
    registers,
    async collect() {
      // A journal that does not answer must not keep the other figures from being read.
      const size = await journal.quarantineSize().catch(() => undefined);
      this.reset();
      if (size !== undefined) this.set(size);
    },
  });
  gauge("fortrolig_overload_level", "0 at ease, 1 busy: reports wait, 2 overloaded: dashboards wait", () =>
    loads.indexOf(load.pressure().load),
  );
  totals(
    "fortrolig_mqtt_take_overs_total",
    "Clients that took the place of another of their name, or were refused it because that went on and on",
    ["outcome"],
    () => {
      const { letIn, refused } = broker.takeOvers?.() ?? { letIn: 0, refused: 0 };
      return by("outcome", { "let-in": letIn, refused });
    },
  );
  totals(
    "fortrolig_mqtt_denied_total",
    "What the broker did not let in, or not have its way, by reason",
    ["reason"],
    () => by("reason", broker.denied?.() ?? {}),
  );
  totals(
    "fortrolig_mqtt_dropped_total",
    "Messages that lasting sessions of devices that are away, or do not acknowledge, had no room for",
    [],
    () => [[{}, broker.dropped?.() ?? 0]],
  );
  for (const [side, expiresAt] of Object.entries(certificates))
    if (expiresAt() !== undefined)
      gauge(
        `fortrolig_${side}_certificate_expires_seconds`,
        `When the ${side === "mqtt" ? "broker" : "HTTP side"}'s certificate runs out, seconds since 1970`,
        () => Math.round((expiresAt() ?? 0) / 1000),
      );
  const syncs = new Histogram({
    name: "fortrolig_journal_sync_seconds",
    help: "How long the disk took to make a commit safe",
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
    registers,
  });
  journal.onSync(({ ms }) => syncs.observe(ms / 1000));
  gauge(
    "fortrolig_journal_damage",
    "Kinds of damage found on the disk in the last days",
    () => journal.damage().length,
  );
  gauge("fortrolig_journal_missing_messages", "Acknowledged messages that were found missing in the last days", () =>
    journal.damage().reduce((sum, { messages }) => sum + messages, 0),
  );
  gauge("fortrolig_journal_last_id", "Messages ever journalled", () => journal.lastId());
  gauge("fortrolig_lane_pending_messages", "Stored messages not yet decided", () => lane.pending());
  gauge(
    "fortrolig_history_behind_messages",
    "Messages that history has not confirmed",
    () => forwarder.status().behind,
  );
  gauge("fortrolig_history_oldest_unconfirmed_seconds", "Age of the oldest of them; 0 when there is none", () => {
    const { oldest } = forwarder.status();
    return oldest === null ? 0 : Math.max(0, (clock.now() - oldest) / 1000);
  });
  new Gauge({
    name: "fortrolig_history_state",
    help: "1 for the state that history is in: flowing, waiting (tried again by itself), held (somebody must act)",
    labelNames: ["state"],
    registers,
    collect() {
      const now = forwarder.status().state;
      for (const state of ["flowing", "waiting", "held"] as const) this.set({ state }, state === now ? 1 : 0);
    },
  });
  totals("fortrolig_history_points_written_total", "Points that history has confirmed", [], () => [
    [{}, forwarder.status().written],
  ]);
  totals("fortrolig_history_points_refused_total", "Points that history will never take", [], () => [
    [{}, forwarder.status().refused],
  ]);
  new Gauge({
    name: "fortrolig_rollup_dirty_windows",
    help: "Windows to be computed anew",
    labelNames: ["window"],
    registers,
    collect() {
      const { minutes, hours } = rollups.status().dirty;
      this.set({ window: "minute" }, minutes);
      this.set({ window: "hour" }, hours);
    },
  });
  new Gauge({
    name: "fortrolig_devices",
    help: "Devices by connection",
    labelNames: ["connection"],
    registers,
    collect() {
      this.reset();
      for (const [connection, count] of ingest.fleet.connections()) this.set({ connection }, count);
    },
  });
  return registry;
}
