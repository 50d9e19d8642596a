/**
 * Speaks the part of the InfluxDB 2.x API that we use, in front of a real influxd 1.x, because no 2.x server can be
 * installed here: `/api/v2/write` with token, org, bucket, precision and gzip, `/api/v2/delete`, and `/query` passed
 * through. A bucket is a database of the same name. Tests only; it proves our side of the conversation, not a 2.x server.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { Influxd } from "./influxd.ts";
import { freePort } from "./service.ts";

export interface Influx2Translator extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Stops listening and cuts every connection; `start` listens again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  makeBucket(name: string): Promise<void>;
  /** Writes seen so far: how they were encoded. */
  readonly writes: { readonly encoding: string | undefined; readonly precision: string | null }[];
}

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

const problem = (status: number, code: string, message: string, headers?: Record<string, string>): Answer => ({
  status,
  body: JSON.stringify({ code, message }),
  ...(headers && { headers }),
});

/** 1.x says `n` and `u` where 2.x says `ns` and `us`. */
const precisions: Readonly<Record<string, string>> = { ns: "n", us: "u", ms: "ms", s: "s" };

export async function startInflux2Translator(
  influxd: Influxd,
  account: { readonly org: string; readonly token: string },
): Promise<Influx2Translator> {
  const buckets = new Set<string>();
  const writes: { encoding: string | undefined; precision: string | null }[] = [];

  const unknown = (query: URLSearchParams, bucket: string): Answer | undefined => {
    if (query.get("org") !== account.org)
      return problem(404, "not found", `organization name "${query.get("org")}" not found`);
    return buckets.has(bucket) ? undefined : problem(404, "not found", `bucket "${bucket}" not found`);
  };

  const write = async (request: IncomingMessage, query: URLSearchParams): Promise<Answer> => {
    const bucket = query.get("bucket") ?? "";
    const precision = precisions[query.get("precision") ?? "ns"];
    const encoding = request.headers["content-encoding"];
    const received = await buffer(request);
    writes.push({ encoding, precision: query.get("precision") });
    if (!precision) return problem(400, "invalid", "invalid precision");
    const fault = unknown(query, bucket);
    if (fault) return fault;
    const lines = encoding === "gzip" ? gunzipSync(received) : received;
    const parameters = new URLSearchParams({ db: bucket, precision });
    const response = await fetch(`${influxd.url}/write?${parameters}`, { method: "POST", body: new Uint8Array(lines) });
    const text = await response.text();
    if (response.status === 204) return { status: 204 };
    // 2.x says 422 where 1.x says 400 for conflicts and for points that are too old.
    return /partial write/.test(text)
      ? problem(422, "unprocessable entity", text.trim())
      : problem(response.status, response.status === 400 ? "invalid" : "internal error", text.trim());
  };

  const remove = async (request: IncomingMessage, query: URLSearchParams): Promise<Answer> => {
    const bucket = query.get("bucket") ?? "";
    const { start, stop, predicate } = JSON.parse((await buffer(request)).toString());
    const fault = unknown(query, bucket);
    if (fault) return fault;
    const measurement = /^_measurement="(\w+)"$/.exec(predicate)?.[1];
    if (!measurement) return problem(400, "invalid", `bad predicate ${predicate}`);
    await influxd.query(`DELETE FROM "${measurement}" WHERE time >= '${start}' AND time <= '${stop}'`, bucket);
    return { status: 204 };
  };

  const passThrough = async (query: URLSearchParams): Promise<Answer> => {
    if (!buckets.has(query.get("db") ?? "")) return problem(404, "not found", "unable to find DBRP");
    const response = await fetch(`${influxd.url}/query?${query}`);
    return { status: response.status, body: await response.text(), headers: { "content-type": "application/json" } };
  };

  const answer = (request: IncomingMessage): Promise<Answer> | Answer => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://translator");
    if (request.headers.authorization !== `Token ${account.token}`)
      return problem(401, "unauthorized", "unauthorized access");
    const route = `${request.method} ${pathname}`;
    if (route === "POST /api/v2/write") return write(request, searchParams);
    if (route === "POST /api/v2/delete") return remove(request, searchParams);
    if (route === "GET /query") return passThrough(searchParams);
    return problem(404, "not found", `no such path: ${route}`);
  };

  const server: Server = createServer(async (request, response) => {
    const { status, body, headers } = await Promise.resolve(answer(request)).catch((error: unknown) =>
      problem(503, "unavailable", String(error), { "retry-after": "1" }),
    );
    request.resume();
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  });
  const port = await freePort();
  const start = () =>
    new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    start,
    stop,
    writes,
    async makeBucket(name) {
      await influxd.query(`CREATE DATABASE "${name}"`);
      buckets.add(name);
    },
    [Symbol.asyncDispose]: stop,
  };
}
