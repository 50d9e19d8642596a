/**
 * The write path to InfluxDB, ours because the client libraries retry from memory and lose data (README): one POST of
 * line protocol, and what its answer means. Never retries.
 */
import { promisify } from "node:util";
import { gzip as gzipWithCallback } from "node:zlib";
import { errorOf, retryAfterMs, unreachable } from "./influx-failure.ts";

const gzip = promisify(gzipWithCallback);
const TIMEOUT_MS = 30_000;

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  /** For the whole of a request and its answer; 30 s without it. */
  readonly timeoutMs?: number | undefined;
}

/** Resolves when the server has said that it stored the lines. Throws HistoryError. */
export async function postLines(target: Target, lines: string): Promise<void> {
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

async function post(target: Target, headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) {
  try {
    const signal = AbortSignal.timeout(target.timeoutMs ?? TIMEOUT_MS);
    const response = await fetch(target.url, { method: "POST", headers, body, redirect: "manual", signal });
    const retryAfter = retryAfterMs(response.headers.get("retry-after"), Date.now());
    return { status: response.status, text: await response.text(), retryAfter };
  } catch (error) {
    throw unreachable(error);
  }
}
