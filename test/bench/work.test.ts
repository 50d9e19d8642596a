/**
 * How much is done for how much: commits and requests are counted, never time. What a burst shares must stay shared:
 * a sync per message or a request per point would still pass every other test.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { SITE, startBenchGateway } from "./bench-gateway.ts";
import type { LoadPlan } from "./load/plan.ts";
import { loadPlan, startLoad } from "./load/run-load.ts";

const MESSAGES = 20_000;
/** At least so many share a sync, and so many a request; on an idle machine they are ten times as many. */
const MESSAGES_PER_COMMIT = 50;
const POINTS_PER_REQUEST = 500;
const SETTLE_MS = 20_000;
const LIMIT_MS = 40_000;

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * Transactions in a write-ahead log, each of which was a sync: frames that end one say the size of the database
 * (sqlite.org/fileformat2.html#walformat).
 */
function commitsIn(path: string): number {
  const log = readFileSync(path);
  const frame = FRAME_HEADER_BYTES + log.readUInt32BE(8);
  let commits = 0;
  for (let at = WAL_HEADER_BYTES; at + frame <= log.length; at += frame) {
    const isOfThisLog = log.subarray(at + 8, at + 16).equals(log.subarray(16, 24));
    if (isOfThisLog && log.readUInt32BE(at + 4) > 0) commits++;
  }
  return commits;
}

/** As influxd itself counts them. */
async function requests(influxd: Influxd): Promise<{ writes: number; points: number }> {
  const { results } = (await influxd.query("SHOW STATS FOR 'httpd'")) as {
    results: { series: { columns: string[]; values: number[][] }[] }[];
  };
  const { columns, values } = results[0]!.series[0]!;
  const of = (name: string) => values[0]![columns.indexOf(name)]!;
  return { writes: of("writeReq"), points: of("pointsWrittenOK") };
}

it("messages share syncs, and points requests", { timeout: LIMIT_MS }, async () => {
  await using influxd = await startInfluxd();
  await using gateway = await startBenchGateway({ devices: 100, influxd });
  const plan: LoadPlan = loadPlan({
    port: gateway.port,
    site: SITE,
    messages: MESSAGES,
    devices: 100,
    connections: 20,
  });
  const log = join(gateway.data, "journal.db-wal");
  const before = commitsIn(log);
  const result = await startLoad(plan).result;
  const commits = commitsIn(log) - before;
  await gateway.settled(SETTLE_MS);
  const { writes, points } = await requests(influxd);

  expect(result.total).toBe(MESSAGES);
  expect(await gateway.lostOf(result)).toBe(0);
  expect(commits).toBeGreaterThan(0);
  expect(MESSAGES / commits, `${commits} commits`).toBeGreaterThanOrEqual(MESSAGES_PER_COMMIT);
  expect(points).toBeGreaterThanOrEqual(MESSAGES);
  expect(points / writes, `${writes} requests`).toBeGreaterThanOrEqual(POINTS_PER_REQUEST);
});
