/** QoS 1 readings/s through a gateway process as it comes: embedded broker, synced journal, SQLite history, detection. */
import { SITE, startBenchGateway } from "../bench-gateway.ts";
import { besideAedes, besideMosquitto, besideSqlite } from "../beside/ingest-limits.ts";
import type { Bench, Measured, Row } from "../figure.ts";
import type { LoadPlan } from "../load/plan.ts";
import { loadPlan, startLoad } from "../load/run-load.ts";
import { loadDetails, round } from "../load-figures.ts";
import { cpuSeconds, memoryMb } from "../usage.ts";

const SETTLE_MS = 180_000;

export const burstDurable: Row = {
  name: "burst-durable",
  title: "Burst: QoS 1 readings/s, validated, fsynced, then acknowledged, detection on",
  unit: "readings/s",
  goal: 100_000,
  reach: "at least",
  runs: 3,
  measure: (bench) => burst(bench, {}),
  beside: async (bench) => {
    const own = await burst(bench, { connections: 1000, window: 10 });
    const enrolled = await burst(bench, { connections: 1000, window: 10 }, true);
    const backlog = await burst(bench, { times: "backlog" });
    return [
      { name: "the gateway, readings that three days' outage has kept", value: backlog.value, unit: "readings/s" },
      { name: "the gateway, a connection per device (1,000 × 10 in flight)", value: own.value, unit: "readings/s" },
      { name: "the same with TLS and a credential per device", value: enrolled.value, unit: "readings/s" },
      { name: "with TLS and credentials, of what it is without", value: enrolled.value / own.value, unit: "of 1" },
      ...(await besideMosquitto(bench)),
      ...(await besideAedes(bench)),
      ...besideSqlite(bench),
    ];
  },
};

export async function burst({ quick }: Bench, how: Partial<LoadPlan>, enrolled = false): Promise<Measured> {
  await using gateway = await startBenchGateway({ devices: 1000, enrolled });
  const plan = loadPlan({ port: gateway.port, site: SITE, seconds: quick ? 3 : 8, enrolled: gateway.enrolled, ...how });
  const before = cpuSeconds(gateway.pid);
  const result = await startLoad(plan).result;
  const spent = cpuSeconds(gateway.pid) - before;
  const settling = performance.now();
  await gateway.settled(SETTLE_MS);
  const settled = (performance.now() - settling) / 1000;
  return {
    value: result.total / result.seconds,
    lost: await gateway.lostOf(result),
    details: {
      ...loadDetails(plan, result, spent),
      syncMode: "SQLite WAL, synchronous FULL, before PUBACK",
      history: `embedded SQLite, complete ${round(settled)} s after the last PUBACK`,
      memoryMb: round(memoryMb(gateway.pid, "VmHWM")),
    },
  };
}
