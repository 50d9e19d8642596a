/** The load generator, a process of its own: takes a LoadPlan as its argument, prints a LoadResult. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Caller, Connection, type DueAt } from "./connection.ts";
import { deviceName, makeSlots, Voice } from "./phrases.ts";
import type { LoadPlan, LoadResult } from "./plan.ts";
import { Tally } from "./tally.ts";

/** How long what is in flight at the end may take. */
const SETTLE_MS = 60_000;
const TICK_MS = 1;

async function run(plan: LoadPlan): Promise<LoadResult> {
  const { port, site, first, devices, connections, times, window, ratePerS, seconds, messages } = plan;
  const callerOf = callers(plan);
  const tally = new Tally();
  const slots = makeSlots(site);
  const open: Connection[] = [];
  for (let i = 0; i < connections; i++) {
    const indices = Array.from(
      { length: Math.ceil((devices - i) / connections) },
      (_, k) => first + i + k * connections,
    );
    const voices = indices.map((index) => new Voice(slots, index, randomBytes(4).readUInt32LE(), times));
    open.push(await Connection.open(port, callerOf(i), { site, devices: indices, voices, window }, tally));
  }

  const cpu = process.cpuUsage();
  const start = performance.now();
  let end = seconds === null ? Number.POSITIVE_INFINITY : start + seconds * 1000;
  process.stdin.on("end", () => {
    end = performance.now();
  });
  process.stdin.resume();
  const most = messages === null ? Number.POSITIVE_INFINITY : Math.floor(messages / connections);
  const free: DueAt = (n, now) => (n < most && now < end ? now : Number.POSITIVE_INFINITY);
  const timed =
    (i: number): DueAt =>
    (n) => {
      const due = start + ((n * connections + i) * 1000) / ratePerS!;
      return n < most && due < end ? due : Number.POSITIVE_INFINITY;
    };
  for (const [i, connection] of open.entries()) connection.begin(ratePerS === null ? free : timed(i));
  const ticks = ratePerS === null ? undefined : setInterval(() => pumpAll(open), TICK_MS);

  const isOver = () => performance.now() >= end || tally.count >= most * connections || tally.fault !== null;
  while (!isOver()) await sleep(5);
  const limit = performance.now() + SETTLE_MS;
  while (open.some(({ inFlight }) => inFlight > 0) && tally.fault === null && performance.now() < limit) await sleep(1);
  clearInterval(ticks);
  const { user, system } = process.cpuUsage(cpu);
  for (const connection of open) connection.close();
  return tally.result(start, (user + system) / 1e6);
}

/** By the number of the connection. */
function callers({ enrolled, first, devices, connections }: LoadPlan): (i: number) => Caller {
  if (enrolled === null) return (i) => ({ clientId: `load-${process.pid}-${i}` });
  if (devices !== connections) throw new Error("each enrolled device has a connection of its own");
  const ca = readFileSync(enrolled.ca);
  const secrets = JSON.parse(readFileSync(enrolled.secrets, "utf8")) as Record<string, string>;
  return (i) => {
    const clientId = deviceName(first + i);
    return { clientId, credential: { ca, secret: secrets[clientId]! } };
  };
}

function pumpAll(connections: readonly Connection[]): void {
  for (const connection of connections) connection.pump();
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]!)))}\n`);
process.exit(0);
