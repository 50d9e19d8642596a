/**
 * Five thousand simulated devices for ten minutes against one gateway: the firmware of each, second by second in levels-only
 * worlds, a connection each, with receipts, leases and bands as in life.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { startProgram } from "#test/journeys/program.ts";
import { metric } from "#test/journeys/running-gateway.ts";
import { benchSite, SITE, startBenchGateway } from "../bench-gateway.ts";
import type { Bench, Measured, Row } from "../figure.ts";
import { told } from "../figure.ts";
import { loadPlan, startLoad } from "../load/run-load.ts";
import { perSecond, round } from "../load-figures.ts";
import { cpuSeconds, memoryMb } from "../usage.ts";

const DEVICES = 5000;
const MINUTES = 10;
/** Devices of the load generator, which tells how long a PUBACK takes, and what all of them say in a second. */
const PROBES = 10;
const PROBES_PER_S = 50;
const SAMPLE_MS = 5000;
/** The memory of the first minutes is that of a start. */
const SETTLED_SHARE = 0.3;
const CONNECT_MS = 300_000;
const SETTLE_MS = 60_000;

export const fleet: Row = {
  name: "fleet",
  title: `${DEVICES.toLocaleString("en")} simulated devices for ${MINUTES} minutes: acknowledge latency p99`,
  unit: "ms",
  goal: 20,
  reach: "at most",
  runs: 1,
  measure,
  beside: async () => [],
};

async function measure({ quick, say }: Bench): Promise<Measured> {
  const devices = quick ? DEVICES / 10 : DEVICES;
  const seconds = (quick ? 0.5 : MINUTES) * 60;
  await using gateway = await startBenchGateway({ devices: devices + PROBES });
  await using folder = await temporaryFolder();
  const site = join(folder.path, "site.yaml");
  await writeFile(site, JSON.stringify(benchSite(devices)));
  await using simulation = startProgram("test/bench/load/devices.ts", [site, `mqtt://127.0.0.1:${gateway.port}`]);
  const connecting = performance.now();
  await connected(gateway.url, devices);
  const connectedS = (performance.now() - connecting) / 1000;
  say(`fleet: ${devices} devices are connected after ${round(connectedS)} s`);

  const cpu = { gateway: cpuSeconds(gateway.pid), devices: cpuSeconds(simulation.pid) };
  const probes = { first: devices, devices: PROBES, connections: PROBES, ratePerS: PROBES_PER_S, seconds };
  const load = startLoad(loadPlan({ port: gateway.port, site: SITE, ...probes }));
  const memory: (readonly [hours: number, mb: number])[] = [];
  const start = performance.now();
  for (let at = 0; at < seconds * 1000; at = performance.now() - start) {
    memory.push([at / 3_600_000, memoryMb(gateway.pid, "VmRSS")]);
    await sleep(SAMPLE_MS);
  }
  const spent = { gateway: cpuSeconds(gateway.pid) - cpu.gateway, devices: cpuSeconds(simulation.pid) - cpu.devices };
  const probed = await load.result;
  // In good order: it says whether every message of every device has its receipt.
  simulation.kill("SIGTERM");
  const { code } = await simulation.ended;
  await gateway.settled(SETTLE_MS);
  const accepted = await readings(gateway.url, "accepted");
  const stored = await gateway.stored();
  return {
    value: probed.latency.p99,
    lost: Math.abs(accepted - stored) + (code === 0 ? 0 : 1),
    details: {
      devices,
      seconds: round(seconds),
      connectedS: round(connectedS),
      readings: accepted,
      repeated: await readings(gateway.url, "duplicate"),
      stored,
      receipts: code === 0 ? "every device has one for all it said" : simulation.out.trim(),
      ackMs: `p50 ${told(probed.latency.p50)}, p99 ${told(probed.latency.p99)}, greatest ${told(probed.latency.max)}`,
      gatewayCpu: perSecond(spent.gateway, seconds),
      devicesCpu: perSecond(spent.devices, seconds),
      memoryMb: `${told(memory[0]![1])} at first, ${told(memory.at(-1)![1])} in the end, ${told(memoryMb(gateway.pid, "VmHWM"))} at most`,
      memorySlope: `${told(slope(memory.slice(Math.floor(SETTLED_SHARE * memory.length))))} MB/h`,
    },
  };
}

async function connected(url: string, devices: number): Promise<void> {
  for (const limit = performance.now() + CONNECT_MS; ; await sleep(500)) {
    const online = (await metric(url, "fortrolig_devices")).online ?? 0;
    if (online >= devices) return;
    if (performance.now() > limit) throw new Error(`${online} of ${devices} devices are online after ${CONNECT_MS} ms`);
  }
}

/** Readings that were stored, or had been. */
const readings = async (url: string, what: "accepted" | "duplicate"): Promise<number> =>
  (await metric(url, `fortrolig_messages_${what}_total`))[""]!;

/** Of the straight line nearest to the points (least squares). */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  return mean((p) => (p[0] - x) * (p[1] - y)) / mean((p) => (p[0] - x) ** 2);
}
