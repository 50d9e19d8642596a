/**
 * InfluxDB 2.x and 3: a bucket per tier (`bucket`, `bucket_1m`, `bucket_1h`), made by their operator together with how
 * long each keeps. Line protocol in, InfluxQL out; the client library carries the queries.
 */
import { HttpError, InfluxDB } from "@influxdata/influxdb-client";
import type { Millis } from "#protocol/quantities.ts";
import { type History, HistoryError } from "./history.ts";
import { errorOf, retryAfterMs, unreachable } from "./influx-failure.ts";
import { packLines } from "./influx-write.ts";
import {
  assertNoConflicts,
  countStatement,
  numberIn,
  oldestStatement,
  pointsOfResult,
  type QueryResult,
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

export interface Influx2Options {
  /** `http://host:port` */
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token: string;
  readonly retention?: TierDays;
}

const suffix: Readonly<Record<Tier, string>> = { raw: "", minute: "_1m", hour: "_1h" };

export function openInflux2History(options: Influx2Options): History {
  const { url, org, token, retention = retentionDays } = options;
  const bucketOf = (tier: Tier) => options.bucket + suffix[tier];
  const bucketFor = (measurement: Measurement) => bucketOf(shapeOf(measurement).tier);
  const targetOf = (tier: Tier) => ({
    url: `${url}/api/v2/write?${new URLSearchParams({ org, bucket: bucketOf(tier), precision: "ms" })}`,
    headers: { authorization: `Token ${token}` },
    gzip: true,
  });
  const client = new InfluxDB({ url, token, timeout: 60_000 });

  const request = async (path: string, body: string, send: { method: string; headers?: Record<string, string> }) => {
    try {
      return await client.transport.request(path, body, send);
    } catch (error) {
      throw meaningOf(error);
    }
  };
  const query = async (bucket: string, statement: string): Promise<QueryResult> => {
    const parameters = new URLSearchParams({ db: bucket, epoch: "ms", q: statement });
    const answer = await request(`/query?${parameters}`, "", {
      method: "GET",
      headers: { accept: "application/json" },
    });
    const [result] = (answer as { results?: QueryResult[] }).results ?? [];
    if (!result) throw new HistoryError("the answer to a query has no results", "held");
    if (result.error !== undefined) throw errorOf(500, result.error);
    return result;
  };

  const remove = async (measurement: Measurement, before: Millis) => {
    const parameters = new URLSearchParams({ org, bucket: bucketFor(measurement) });
    const send = { method: "POST", headers: { "content-type": "application/json" } };
    await client.transport
      .request(`/api/v2/delete?${parameters}`, deletion(measurement, before), send)
      .catch((error) => {
        // InfluxDB 3 has no deletion; there the bucket's own retention does it, and `oldest` shows whether it did.
        const noDeletion = error instanceof HttpError && [404, 405, 501].includes(error.statusCode);
        if (!noDeletion) throw meaningOf(error);
      });
  };

  return {
    kind: "influxdb2",
    async prepare() {
      const missing: string[] = [];
      for (const tier of tiers) {
        const fields = await query(bucketOf(tier), "SHOW FIELD KEYS").catch((error: unknown) => {
          if (!isMissing(error)) throw error;
          missing.push(bucketOf(tier));
          return {};
        });
        assertNoConflicts(measurementNames, [fields]);
      }
      if (missing.length > 0)
        throw new HistoryError(`organisation ${org} has no bucket ${missing.join(", ")}`, "held", {
          trouble: "missing",
        });
    },
    write: (points) => packLines(points, targetOf).store(),
    pack: (points) => packLines(points, targetOf),
    select: async (selection) =>
      pointsOfResult(selection.measurement, await query(bucketFor(selection.measurement), selectStatement(selection))),
    count: async (selection) =>
      numberIn(await query(bucketFor(selection.measurement), countStatement(selection)), "count") ?? 0,
    sums: async (summation) =>
      sumsOfResult(summation, await query(bucketFor(summation.measurement), sumStatement(summation))),
    async purge(now) {
      const before = cutoffs(now, retention);
      for (const measurement of measurementNames) await remove(measurement, before[measurement]);
      return Promise.all(
        measurementNames.map(async (measurement) => {
          const first = await query(bucketFor(measurement), oldestStatement(measurement));
          return { measurement, oldest: numberIn(first, "time") };
        }),
      );
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Body of `/api/v2/delete`: both ends of its range belong to it, so that it ends a nanosecond early. */
const deletion = (measurement: Measurement, before: Millis): string =>
  JSON.stringify({
    start: "1970-01-01T00:00:00Z",
    stop: new Date(before - 1).toISOString().replace("Z", "999999Z"),
    predicate: `_measurement="${measurement}"`,
  });

const isMissing = (error: unknown): boolean =>
  error instanceof HistoryError && /not found|unable to find/i.test(error.message);

function meaningOf(error: unknown): HistoryError {
  if (!(error instanceof HttpError)) return unreachable(error);
  const text = error.body ?? error.message;
  const retryAfter = retryAfterMs(error.headers?.["retry-after"]?.toString(), Date.now());
  const meant = errorOf(error.statusCode, text, { cause: error, retryAfterMs: retryAfter });
  return meant ?? new HistoryError(`${error.statusCode} ${text}`, "held", { cause: error });
}
