/**
 * A minute of readings through the gateway into a real influxd on the same cores, as fast as they are acknowledged. The
 * value counts until the last point is confirmed, so that what piles up meanwhile makes it smaller.
 */
import { startInfluxd } from "#test/services/influxd.ts";
import { SITE, startBenchGateway } from "../bench-gateway.ts";
import { besideInfluxLines } from "../beside/influx-lines.ts";
import { besideNodeRed } from "../beside/node-red.ts";
import type { Bench, Measured, Row } from "../figure.ts";
import { loadPlan, startLoad } from "../load/run-load.ts";
import { loadDetails, perSecond, round } from "../load-figures.ts";
import { cpuSeconds, memoryMb } from "../usage.ts";

/** Offered evenly; what the gateway does not acknowledge in time waits. */
const OFFERED_PER_S = 50_000;
const SETTLE_MS = 180_000;

export const sustainedInflux: Row = {
  name: "sustained-influx",
  title: "Sustained 60 s into InfluxDB on the same cores, every reading there in the end, exactly once",
  unit: "readings/s",
  goal: 40_000,
  reach: "at least",
  runs: 1,
  measure: sustained,
  beside: async (bench) => [...(await besideInfluxLines(bench)), ...(await besideNodeRed(bench))],
};

export async function sustained({ quick }: Bench): Promise<Measured> {
  await using influxd = await startInfluxd();
  await using gateway = await startBenchGateway({ devices: 1000, influxd });
  const plan = loadPlan({ port: gateway.port, site: SITE, seconds: quick ? 8 : 60, ratePerS: OFFERED_PER_S });
  const before = { gateway: cpuSeconds(gateway.pid), influxd: cpuSeconds(influxd.pid!) };
  const start = performance.now();
  const result = await startLoad(plan).result;
  const whileOffered = cpuSeconds(gateway.pid) - before.gateway;
  await gateway.settled(SETTLE_MS);
  const seconds = (performance.now() - start) / 1000;
  const influxdCpu = cpuSeconds(influxd.pid!) - before.influxd;
  const details = {
    ...loadDetails(plan, result, whileOffered),
    gatewayCpuToTheEnd: perSecond(cpuSeconds(gateway.pid) - before.gateway, seconds),
    offeredPerS: OFFERED_PER_S,
    acknowledgedPerS: Math.round(result.total / result.seconds),
    confirmed: `the last point ${round(seconds)} s after the first reading`,
    influxdCpu: perSecond(influxdCpu, seconds),
    syncMode: "SQLite WAL, synchronous FULL, before PUBACK; InfluxDB's WAL as it comes",
    memoryMb: round(memoryMb(gateway.pid, "VmHWM")),
  };
  return { value: result.total / seconds, lost: await gateway.lostOf(result), details };
}
