/**
 * The write path to InfluxDB, ours because the client libraries retry from memory and lose data (README): a POST of line
 * protocol for each tier, and what its answer means. Never retries.
 */
import { promisify } from "node:util";
import { gzip as gzipWithCallback } from "node:zlib";
import { unfitness } from "./conform.ts";
import type { HistoryError, Parcel, Point } from "./history.ts";
import { errorOf, retryAfterMs, unreachable } from "./influx-failure.ts";
import { Lines } from "./line-protocol.ts";
import { shapeOf, type Tier } from "./measurements.ts";

const gzip = promisify(gzipWithCallback);
const TIMEOUT_MS = 30_000;

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  /** For the whole of a request and its answer; 30 s without it. */
  readonly timeoutMs?: number | undefined;
}

/** Encodes the points at once; of a point that does not conform `store` tells. */
export function packLines(points: Iterable<Point>, targetOf: (tier: Tier) => Target): Parcel {
  const tiers = new Map<Tier, Lines>();
  let fault: HistoryError | undefined;
  for (const point of points) {
    fault ??= unfitness(point);
    if (fault) continue;
    const { tier } = shapeOf(point.measurement);
    const lines = tiers.get(tier) ?? new Lines();
    tiers.set(tier, lines);
    lines.add(point);
  }
  return {
    async store() {
      if (fault) throw fault;
      for (const [tier, lines] of tiers) await postLines(targetOf(tier), lines.bytes());
    },
  };
}

/** Resolves when the server has said that it stored the lines. Throws HistoryError. */
export async function postLines(target: Target, lines: Uint8Array<ArrayBuffer>): Promise<void> {
  const body = target.gzip ? new Uint8Array(await gzip(lines, { level: 1 })) : lines;
  const headers = {
    ...target.headers,
    "content-type": "text/plain; charset=utf-8",
    ...(target.gzip && { "content-encoding": "gzip" }),
  };
  const { status, text, retryAfter } = await post(target, headers, body);
  const error = errorOf(status, text, { retryAfterMs: retryAfter });
  if (error) throw error;
}

async function post(target: Target, headers: Record<string, string>, body: Uint8Array<ArrayBuffer>) {
  try {
    const signal = AbortSignal.timeout(target.timeoutMs ?? TIMEOUT_MS);
    const response = await fetch(target.url, { method: "POST", headers, body, redirect: "manual", signal });
    const retryAfter = retryAfterMs(response.headers.get("retry-after"), Date.now());
    return { status: response.status, text: await response.text(), retryAfter };
  } catch (error) {
    throw unreachable(error);
  }
}
