/** PUBLISH → PUBACK at an even 10,000 readings/s, from the time each was due: a generator that is held up counts too. */

import { startMosquitto } from "#test/services/mosquitto.ts";
import { SITE, startBenchGateway } from "../bench-gateway.ts";
import type { Bench, Measured, Row } from "../figure.ts";
import type { LoadPlan, LoadResult } from "../load/plan.ts";
import { loadPlan, startLoad } from "../load/run-load.ts";
import { loadDetails } from "../load-figures.ts";
import { cpuSeconds } from "../usage.ts";

const RATE_PER_S = 10_000;
const SETTLE_MS = 120_000;
/** A process that has just started compiles what it runs, and hears of every room for the first time. */
const WARM_UP_S = 5;

export const ackLatency: Row = {
  name: "ack-latency",
  title: "Acknowledge latency at 10,000 readings/s, p99",
  unit: "ms",
  goal: 20,
  reach: "at most",
  runs: 3,
  measure,
  beside: async (bench) => {
    await using broker = await startMosquitto(["persistence false", "max_inflight_messages 0", "set_tcp_nodelay true"]);
    const { latency } = await startLoad(evenly(broker.port, bench)).result;
    return [{ name: "Mosquitto alone, storing nothing, p99", value: latency.p99, unit: "ms" }];
  },
};

const evenly = (port: number, { quick }: Bench): LoadPlan =>
  loadPlan({ port, site: SITE, ratePerS: RATE_PER_S, seconds: quick ? 5 : 30 });

async function measure(bench: Bench): Promise<Measured> {
  await using gateway = await startBenchGateway({ devices: 1000 });
  const plan = evenly(gateway.port, bench);
  const warmUp = await startLoad({ ...plan, seconds: bench.quick ? 2 : WARM_UP_S }).result;
  const before = cpuSeconds(gateway.pid);
  const result: LoadResult = await startLoad(plan).result;
  const spent = cpuSeconds(gateway.pid) - before;
  await gateway.settled(SETTLE_MS);
  return {
    value: result.latency.p99,
    lost: await gateway.lostOf(warmUp, result),
    details: {
      ...loadDetails(plan, result, spent),
      warmUp: `${WARM_UP_S} s at the same rate, p99 ${Math.round(warmUp.latency.p99)} ms`,
      syncMode: "SQLite WAL, synchronous FULL, before PUBACK",
    },
  };
}
