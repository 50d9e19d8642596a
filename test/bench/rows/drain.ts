/** A backlog taken in while InfluxDB was away, moved into it when it is back, beside 500 live readings/s. */
import { setTimeout as sleep } from "node:timers/promises";
import { startInfluxd } from "#test/services/influxd.ts";
import { type BenchGateway, SITE, startBenchGateway } from "../bench-gateway.ts";
import { besideInfluxLines } from "../beside/influx-lines.ts";
import type { Bench, Measured, Row } from "../figure.ts";
import { told } from "../figure.ts";
import { loadPlan, startLoad } from "../load/run-load.ts";
import { perSecond, round } from "../load-figures.ts";
import { cpuSeconds, memoryMb } from "../usage.ts";

const LIVE_PER_S = 500;
const BACKLOG = 1_000_000;
/** The gateway asks a database that is away at least every 30 s. */
const BACK_MS = 40_000;
const DRAIN_MS = 180_000;
/** As far as the gateway is behind at any moment with live readings alone: it collects them for a second. */
const LIVE_BEHIND = 2 * LIVE_PER_S;

export const drain: Row = {
  name: "drain",
  title: "Backlog into InfluxDB after an outage, live readings undisturbed",
  unit: "points/s",
  goal: 100_000,
  reach: "at least",
  runs: 3,
  measure,
  beside: besideInfluxLines,
};

async function measure({ quick, say }: Bench): Promise<Measured> {
  await using influxd = await startInfluxd();
  await using gateway = await startBenchGateway({ devices: 1000, influxd });
  await influxd.stop();
  const messages = quick ? BACKLOG / 5 : BACKLOG;
  const kept = await startLoad(loadPlan({ port: gateway.port, site: SITE, messages, times: "backlog" })).result;
  say(`drain: ${kept.total} readings kept in ${round(kept.seconds)} s`);

  await influxd.start();
  const back = performance.now();
  const plan = loadPlan({ port: gateway.port, site: SITE, ratePerS: LIVE_PER_S });
  const live = startLoad(plan);
  await behind(gateway, kept.total - 1, BACK_MS);
  const first = performance.now();
  const cpu = { gateway: cpuSeconds(gateway.pid), influxd: cpuSeconds(influxd.pid!) };
  await behind(gateway, LIVE_BEHIND, DRAIN_MS);
  const seconds = (performance.now() - first) / 1000;
  const spent = { gateway: cpuSeconds(gateway.pid) - cpu.gateway, influxd: cpuSeconds(influxd.pid!) - cpu.influxd };
  live.stop();
  const present = await live.result;
  const { latency } = present;
  await gateway.settled(DRAIN_MS);
  return {
    value: kept.total / seconds,
    lost: await gateway.lostOf(kept, present),
    details: {
      backlog: kept.total,
      seconds: round(seconds),
      waited: `${round((first - back) / 1000)} s until the gateway found InfluxDB again`,
      live: `${LIVE_PER_S} readings/s; PUBACK p50 ${told(latency.p50)}, p99 ${told(latency.p99)}, greatest ${told(latency.max)} ms`,
      gatewayCpu: perSecond(spent.gateway, seconds),
      influxdCpu: perSecond(spent.influxd, seconds),
      memoryMb: round(memoryMb(gateway.pid, "VmHWM")),
    },
  };
}

/** Resolves when history lacks at most so many messages. */
async function behind(gateway: BenchGateway, most: number, limitMs: number): Promise<void> {
  for (const limit = performance.now() + limitMs; ; await sleep(200)) {
    const now = await gateway.metric("fortrolig_history_behind_messages");
    if (now <= most) return;
    if (performance.now() > limit) throw new Error(`history is ${now} messages behind after ${limitMs} ms`);
  }
}
