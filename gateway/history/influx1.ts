/** InfluxDB 1.x: one database with a retention policy per tier. `influx` queries and defines; we write. */
import type { IncomingMessage } from "node:http";
import { InfluxDB } from "influx";
import { type History, HistoryError, type Point } from "./history.ts";
import { errorOf, retryAfterMs, unreachable } from "./influx-failure.ts";
import { packLines } from "./influx-write.ts";
import {
  assertNoConflicts,
  countStatement,
  numberIn,
  oldestStatement,
  pointsOfResult,
  type QueryResult,
  quoteName,
  selectStatement,
  sumStatement,
  sumsOfResult,
} from "./influxql.ts";
import {
  cutoffs,
  type Measurement,
  measurementNames,
  retentionDays,
  shapeOf,
  type Tier,
  type TierDays,
  tiers,
} from "./measurements.ts";

export interface Influx1Options {
  readonly protocol: "http" | "https";
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly retention?: TierDays;
  /** How long an answer may take; 30 s for a write and 60 s for a query without it. */
  readonly timeoutMs?: number;
}

/** Points of a shard are dropped together when the last has aged: a shard is short against what its tier keeps. */
const shardDuration: Readonly<Record<Tier, string>> = { raw: "1d", minute: "7d", hour: "30d" };
const policyOf = (measurement: Measurement): Tier => shapeOf(measurement).tier;

export function openInflux1History(options: Influx1Options): History {
  const { database, retention = retentionDays } = options;
  const query = queries(options);
  const origin = `${options.protocol}://${options.host}:${options.port}`;
  const headers: Record<string, string> = {};
  if (options.username) {
    const credentials = Buffer.from(`${options.username}:${options.password ?? ""}`).toString("base64");
    headers.authorization = `Basic ${credentials}`;
  }
  const targetOf = (tier: Tier) => ({
    url: `${origin}/write?${new URLSearchParams({ db: database, rp: tier, precision: "ms" })}`,
    headers,
    gzip: false,
    timeoutMs: options.timeoutMs,
  });

  return {
    kind: "influxdb",
    async prepare() {
      await makePolicies(query, database, retention);
      const fields = tiers.map((tier) => `SHOW FIELD KEYS ON ${quoteName(database)} FROM "${tier}"./.*/`);
      assertNoConflicts(measurementNames, await query(fields));
    },
    write: (points) => packLines(points, targetOf).store(),
    pack: (points) => packLines(points, targetOf),
    async select(selection): Promise<Point[]> {
      const [result] = await query([selectStatement(selection, policyOf(selection.measurement))]);
      return pointsOfResult(selection.measurement, result!);
    },
    async count(selection) {
      const [result] = await query([countStatement(selection, policyOf(selection.measurement))]);
      return numberIn(result!, "count") ?? 0;
    },
    async sums(summation) {
      const [result] = await query([sumStatement(summation, policyOf(summation.measurement))]);
      return sumsOfResult(summation, result!);
    },
    async purge(now) {
      // The server drops whole shards by itself; this takes the rest, so that the age is exact.
      const before = cutoffs(now, retention);
      await query(measurementNames.map((name) => `DELETE FROM ${quoteName(name)} WHERE time < ${before[name]}ms`));
      const oldest = await query(measurementNames.map((name) => oldestStatement(name, policyOf(name))));
      return measurementNames.map((measurement, i) => ({ measurement, oldest: numberIn(oldest[i]!, "time") }));
    },
    async [Symbol.asyncDispose]() {},
  };
}

type Query = (statements: readonly string[]) => Promise<readonly QueryResult[]>;
const TIMEOUT_MS = 60_000;

/** Runs statements, one result each. Throws HistoryError, also for an error that one of them answers. */
function queries(options: Influx1Options): Query {
  const { timeoutMs = TIMEOUT_MS } = options;
  // A delay of 0 keeps the client from setting aside its only host after one failure, and it must not retry by itself.
  const neverAside = { getDelay: () => 0, next: () => neverAside, reset: () => neverAside };
  const client = new InfluxDB({
    protocol: options.protocol,
    host: options.host,
    port: options.port,
    database: options.database,
    username: options.username ?? "",
    password: options.password ?? "",
    pool: { maxRetries: 0, backoff: neverAside, requestTimeout: timeoutMs },
  });
  return async (statements) => {
    const signal = AbortSignal.timeout(timeoutMs);
    // The client's promise stays pending for ever when a response is cut short; the deadline ends it.
    const deadline = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    const asked = client.queryRaw(statements.join("; "), { precision: "ms", method: "POST", signal });
    const answer = (await Promise.race([asked, deadline]).catch((error: unknown) => {
      throw meaningOf(error);
    })) as { results: readonly QueryResult[] };
    const failed = answer.results.find((result) => result.error !== undefined);
    if (failed) throw errorOf(500, failed.error!);
    return answer.results;
  };
}

/** The client's errors: with a response, its status counts; a 5xx keeps only its reason phrase; otherwise nobody answered. */
function meaningOf(error: unknown): HistoryError {
  const { message, res } = error as Error & { res?: IncomingMessage };
  if (res?.statusCode) {
    const retryAfter = retryAfterMs(res.headers["retry-after"], Date.now());
    const body = message.replace(/^A \d+ .*? error occurred: /, "");
    const meant = errorOf(res.statusCode, body, { cause: error, retryAfterMs: retryAfter });
    return meant ?? new HistoryError(message, "held", { cause: error });
  }
  if (error instanceof Error && error.constructor.name === "ServiceNotAvailableError")
    return new HistoryError(message, "unavailable", { cause: error });
  return unreachable(error);
}

/** Makes database and policies where they are missing; a policy that keeps for longer than ours is shortened, never lengthened. */
async function makePolicies(query: Query, database: string, retention: TierDays): Promise<void> {
  const db = quoteName(database);
  const existing = await policyHours(query, database);
  if (!existing) await query([`CREATE DATABASE ${db}`]);
  for (const tier of tiers) {
    const days = retention[tier];
    const policy = `RETENTION POLICY ${quoteName(tier)} ON ${db}`;
    const hours = existing?.get(tier);
    if (hours === undefined)
      await query([`CREATE ${policy} DURATION ${days}d REPLICATION 1 SHARD DURATION ${shardDuration[tier]}`]);
    else if (hours === 0 || hours > days * 24) await query([`ALTER ${policy} DURATION ${days}d`]);
  }
}

/** Hours that each policy keeps (0: for ever), such as `336h0m0s`; undefined when there is no such database. */
async function policyHours(query: Query, database: string): Promise<Map<string, number> | undefined> {
  try {
    const [result] = await query([`SHOW RETENTION POLICIES ON ${quoteName(database)}`]);
    const rows = result?.series?.[0]?.values ?? [];
    return new Map(rows.map(([name, duration]) => [String(name), Number.parseInt(String(duration), 10)]));
  } catch (error) {
    if (error instanceof HistoryError && /database not found/.test(error.message)) return undefined;
    throw error;
  }
}
