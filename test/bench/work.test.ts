/**
 * How much is done for how much: syncs, requests, system calls and collections of garbage are counted, never time. What a
 * burst shares must stay shared: a sync per message or a request per point would still pass every other test.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { metric } from "#test/journeys/running-gateway.ts";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { SITE, startBenchGateway } from "./bench-gateway.ts";
import type { LoadPlan } from "./load/plan.ts";
import { loadPlan, startLoad } from "./load/run-load.ts";

const MESSAGES = 20_000;
/** At least so many share a sync, and so many a request; on an idle machine they are ten times as many. */
const MESSAGES_PER_COMMIT = 50;
const POINTS_PER_REQUEST = 500;
/** PUBACKs share writes too: one for ten messages is usual. */
const MESSAGES_PER_WRITE = 2;
/** Of young objects, on the main thread: 16 MiB each at most. Five or six are usual, with 4 kB for each message. */
const COLLECTIONS = 20;
const SETTLE_MS = 20_000;
const LIMIT_MS = 40_000;

/**
 * Transactions that a journal has committed, each of which was a sync: `iChange` of the index of its write-ahead log, in
 * the machine's byte order (sqlite.org/walformat.html#walidxfmt).
 */
function commits(folder: string): number {
  const index = readFileSync(join(folder, "journal.db-shm"));
  return new Uint32Array(index.buffer.slice(index.byteOffset, index.byteOffset + 12))[2]!;
}

/** System calls of the process that wrote to a file or a socket. */
const writeCalls = (pid: number): number =>
  Number(/^syscw: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);

const collections = async (url: string): Promise<number> =>
  (await metric(url, "nodejs_gc_duration_seconds_count")).minor ?? 0;

/** As influxd itself counts them. */
async function requests(influxd: Influxd): Promise<{ writes: number; points: number }> {
  const { results } = (await influxd.query("SHOW STATS FOR 'httpd'")) as {
    results: { series: { columns: string[]; values: number[][] }[] }[];
  };
  const { columns, values } = results[0]!.series[0]!;
  const of = (name: string) => values[0]![columns.indexOf(name)]!;
  return { writes: of("writeReq"), points: of("pointsWrittenOK") };
}

it("messages share syncs and writes, points share requests, and little is thrown away", {
  timeout: LIMIT_MS,
}, async () => {
  await using influxd = await startInfluxd();
  await using gateway = await startBenchGateway({ devices: 100, influxd });
  const plan: LoadPlan = loadPlan({
    port: gateway.port,
    site: SITE,
    messages: MESSAGES,
    devices: 100,
    connections: 20,
  });
  const before = {
    commits: commits(gateway.data),
    writes: writeCalls(gateway.pid),
    collections: await collections(gateway.url),
  };
  const result = await startLoad(plan).result;
  const committed = commits(gateway.data) - before.commits;
  const written = writeCalls(gateway.pid) - before.writes;
  const collected = (await collections(gateway.url)) - before.collections;
  await gateway.settled(SETTLE_MS);
  const { writes, points } = await requests(influxd);

  expect(result.total).toBe(MESSAGES);
  expect(await gateway.lostOf(result)).toBe(0);
  expect(committed).toBeGreaterThan(0);
  expect(MESSAGES / committed, `${committed} commits`).toBeGreaterThanOrEqual(MESSAGES_PER_COMMIT);
  expect(MESSAGES / written, `${written} writes`).toBeGreaterThanOrEqual(MESSAGES_PER_WRITE);
  expect(collected).toBeLessThanOrEqual(COLLECTIONS);
  expect(points).toBeGreaterThanOrEqual(MESSAGES);
  expect(points / writes, `${writes} requests`).toBeGreaterThanOrEqual(POINTS_PER_REQUEST);
});

it("devices with credentials, each over TLS on its own: their readings share syncs as well", {
  timeout: LIMIT_MS,
}, async () => {
  const devices = 50;
  await using gateway = await startBenchGateway({ devices, enrolled: true });
  const own = { devices, connections: devices, enrolled: gateway.enrolled };
  const before = commits(gateway.data);
  const result = await startLoad(loadPlan({ port: gateway.port, site: SITE, messages: MESSAGES, ...own })).result;
  const committed = commits(gateway.data) - before;
  await gateway.settled(SETTLE_MS);
  expect([result.total, await gateway.lostOf(result)]).toEqual([MESSAGES, 0]);
  expect(MESSAGES / committed, `${committed} commits`).toBeGreaterThanOrEqual(MESSAGES_PER_COMMIT);
});
