/**
 * Stands between the gateway and a real InfluxDB and breaks what passes, as told. What it lets through is the database's
 * own: the proxy answers by itself only where the database cannot be made to say it on request.
 *
 * Not among its faults: 204 without storing. A database that confirms what it does not keep cannot be told from one that
 * does, except by reading everything back; nobody survives it, and no test here claims so.
 */
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to a request. `stored`: it reaches the database first, and only its answer suffers. */
export type Fault =
  | { readonly kind: "answer"; readonly status: number; readonly body?: string; readonly retryAfter?: string }
  /** Of a write these lines are left out and told as dropped, as InfluxDB does; the others are stored. */
  | {
      readonly kind: "partial";
      readonly status: 400 | 422;
      readonly isBad: (line: string) => boolean;
      readonly why: string;
    }
  /** A write of more bytes than this is too large for something before the database. */
  | { readonly kind: "too-large"; readonly bytes: number }
  | { readonly kind: "hang"; readonly stored: boolean }
  /** The answer ends in the middle. */
  | { readonly kind: "truncated"; readonly stored: boolean }
  /** The connection is reset instead of an answer. */
  | { readonly kind: "reset"; readonly stored: boolean }
  /** The answer comes a byte at a time. */
  | { readonly kind: "drip"; readonly stored: boolean; readonly everyMs: number }
  /** Half of a write has reached the database when this happens; then its connection breaks. */
  | { readonly kind: "half-way"; readonly happens: () => Promise<void> };

export interface Seen {
  readonly path: "/write" | "/query" | "/ping" | string;
  readonly body: string;
  /** What was answered; 0 when nothing was, or not all of it. */
  status: number;
}

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** Every request since the start, in order of arrival. */
  readonly seen: readonly Seen[];
  /** Requests that have come and are not answered yet. */
  readonly open: number;
  /** Called when a request has come in, before anything happens to it. */
  onRequest(listener: (seen: Seen) => void | Promise<void>): void;
  /** From now on: to every request, or to writes alone. */
  fault(fault: Fault, to?: "all" | "writes"): void;
  /** From now on everything passes. */
  pass(): void;
  /** Refuses connections, and breaks those that are open. */
  down(): Promise<void>;
  up(): Promise<void>;
}

const BROKEN_ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n{"results":[';
const WHOLE_ANSWER = "HTTP/1.1 204 No Content\r\nx-influxdb-version: 1.6.7\r\n\r\n";

/** On a free port of 127.0.0.1, before the database at `origin` (`http://127.0.0.1:port`). */
export async function startFaultProxy(origin: string): Promise<FaultProxy> {
  const target = new URL(origin);
  const sockets = new Set<Socket>();
  const seen: Seen[] = [];
  let open = 0;
  let listener: (seen: Seen) => void | Promise<void> = () => {};
  let current: { readonly fault: Fault; readonly to: "all" | "writes" } | undefined;

  /** Asks the database. Rejects when it is not there, or goes in the middle. */
  const upstream = (incoming: IncomingMessage, body: string, halfWay?: () => Promise<void>) =>
    new Promise<{ status: number; headers: IncomingMessage["headers"]; text: string }>((resolve, reject) => {
      const headers = { ...incoming.headers, host: target.host, "content-length": String(Buffer.byteLength(body)) };
      const { hostname, port } = target;
      const asked = httpRequest({ hostname, port, path: incoming.url, method: incoming.method, headers, agent: false });
      asked.once("error", reject);
      asked.once("response", (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
        answer.once("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      });
      if (halfWay === undefined) return void asked.end(body);
      asked.write(body.slice(0, body.length >> 1), () => halfWay().then(() => asked.destroy(new Error("cut")), reject));
    });

  const answer = (response: ServerResponse, noted: Seen, status: number, text: string, headers: object = {}) => {
    noted.status = status;
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  };

  const pass = async (request: IncomingMessage, response: ServerResponse, noted: Seen) => {
    const { status, headers, text } = await upstream(request, noted.body);
    const { "transfer-encoding": _, connection: __, "content-length": ___, ...kept } = headers;
    answer(response, noted, status, text, kept);
  };

  const suffer = async (fault: Fault, request: IncomingMessage, response: ServerResponse, noted: Seen) => {
    if ("stored" in fault && fault.stored) await upstream(request, noted.body);
    const { socket } = request;
    switch (fault.kind) {
      case "answer":
        return answer(response, noted, fault.status, fault.body ?? "", {
          ...(fault.retryAfter !== undefined && { "retry-after": fault.retryAfter }),
        });
      case "partial": {
        const lines = noted.body.split("\n");
        const good = lines.filter((line) => !fault.isBad(line));
        if (good.length === lines.length) return pass(request, response, noted);
        if (good.length > 0) await upstream(request, good.join("\n"));
        const error = `partial write: ${fault.why} dropped=${lines.length - good.length}`;
        return answer(response, noted, fault.status, JSON.stringify({ error }));
      }
      case "too-large":
        if (Buffer.byteLength(noted.body) <= fault.bytes) return pass(request, response, noted);
        return answer(response, noted, 413, "<html><h1>413 Request Entity Too Large</h1></html>");
      case "hang":
        return;
      case "truncated":
        return void socket.end(BROKEN_ANSWER);
      case "reset":
        return void socket.resetAndDestroy();
      case "drip":
        for (const byte of WHOLE_ANSWER) {
          if (socket.destroyed) return;
          socket.write(byte);
          await sleep(fault.everyMs);
        }
        return void socket.end();
      case "half-way":
        await upstream(request, noted.body, fault.happens).catch(() => {});
        return void socket.destroy();
    }
  };

  const server = createServer(async (request, response) => {
    open++;
    response.once("close", () => open--);
    const chunks: Buffer[] = [];
    for await (const chunk of request.setEncoding("latin1")) chunks.push(Buffer.from(chunk as string, "latin1"));
    const path = request.url?.split("?")[0] ?? "";
    const noted: Seen = { path, body: Buffer.concat(chunks).toString(), status: 0 };
    seen.push(noted);
    await listener(noted);
    const applies = current !== undefined && (current.to === "all" || path.endsWith("/write"));
    // A database that is not there, or goes meanwhile, shows as what it is: a broken connection.
    await (applies ? suffer(current!.fault, request, response, noted) : pass(request, response, noted)).catch(() =>
      request.socket.destroy(),
    );
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    seen,
    get open() {
      return open;
    },
    onRequest: (next) => {
      listener = next;
    },
    fault: (fault, to = "all") => {
      current = { fault, to };
    },
    pass: () => {
      current = undefined;
    },
    down: close,
    up: () => listen(port),
    [Symbol.asyncDispose]: close,
  };
}
