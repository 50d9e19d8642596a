/**
 * The write path to InfluxDB, ours because the client libraries retry from memory and lose data (README): a POST of line
 * protocol for each tier, and what its answer means. Never retries.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
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
      for (const [tier, lines] of tiers) {
        await postLines(targetOf(tier), lines.bytes());
        tiers.delete(tier);
        lines.recycle();
      }
    },
  };
}

/** Resolves when the server has said that it stored the lines. Throws HistoryError. */
export async function postLines(target: Target, lines: Uint8Array): Promise<void> {
  const body = target.gzip ? await gzip(lines, { level: 1 }) : lines;
  const headers = {
    ...target.headers,
    "content-type": "text/plain; charset=utf-8",
    ...(target.gzip && { "content-encoding": "gzip" }),
  };
  const { status, text, retryAfter } = await post(target, headers, body);
  const error = errorOf(status, text, { retryAfterMs: retryAfter });
  if (error) throw error;
}

/** Kept open from one batch to the next. */
const agents = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: number | undefined;
}

/** `fetch` would copy the body twice. */
async function post(target: Target, headers: Record<string, string>, body: Uint8Array): Promise<Answer> {
  const url = new URL(target.url);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const signal = AbortSignal.timeout(target.timeoutMs ?? TIMEOUT_MS);
  try {
    const request = send(url, {
      method: "POST",
      headers: { ...headers, "content-length": body.length },
      agent: agents[url.protocol as keyof typeof agents],
      signal,
    });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve).once("error", reject).end(body);
    });
    let text = "";
    for await (const piece of response.setEncoding("utf8")) text += piece;
    const retryAfter = retryAfterMs(response.headers["retry-after"], Date.now());
    const status = response.statusCode!;
    if (status < 300 && !request.writableFinished) throw new Error("stored, it says, before it had all of it");
    return { status, text, retryAfter };
  } catch (error) {
    throw unreachable(signal.aborted ? signal.reason : error);
  }
}
