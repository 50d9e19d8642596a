/**
 * Sends fuzzed requests to the gateway's HTTP side, whole, over a real journal and history, and says what it answered that it
 * should not have.
 */
import { type AddressInfo, connect } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { type House, openHouse } from "#gateway/http/house.fixture.ts";
import { bareHeaders } from "#gateway/http/security.ts";
import { Problem } from "#protocol/api.ts";
import { type FuzzedRequest, malformedHttp, type OpenApi, requestsFor } from "./http-requests.ts";

export interface FuzzResult {
  readonly requests: number;
  /** How often each answer came. */
  readonly answers: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  /** Of the heap after garbage was collected, from the first fifth to the end, MB. */
  readonly grownMb: number;
}

export const wordsOf = ({ requests, answers, violations, grownMb }: FuzzResult): string[] => [
  `${requests.toLocaleString("en")} sent; the heap has grown by ${grownMb} MB`,
  ...Object.entries(answers).map(([answer, count]) => `${answer}  ${count.toLocaleString("en")}`),
  ...violations,
  `${violations.length} violations`,
];

const PROBLEM = "application/problem+json";
/** What every answer says, whoever gives it. */
const EVERYWHERE = Object.keys(bareHeaders(false));
const NO_LIMIT = {
  perPerson: Number.MAX_SAFE_INTEGER,
  perAddress: Number.MAX_SAFE_INTEGER,
  connections: 4000,
  connectionsPerAddress: 4000,
};

export const openFuzzedHouse = (): Promise<House> => openHouse({ limits: NO_LIMIT });
export const openApiOf = ({ app }: House): OpenApi => app.swagger() as unknown as OpenApi;

/** Sends one; answers the status, and what is wrong with the answer. */
export async function tryRequest(
  { app }: House,
  api: OpenApi,
  request: FuzzedRequest,
): Promise<{ status: number; violation: string | undefined }> {
  const answer = await app.inject({
    method: request.method as "GET",
    url: request.url,
    headers: request.headers,
    ...(request.body !== undefined && { payload: request.body }),
    payloadAsStream: true,
  });
  const type = String(answer.headers["content-type"] ?? "").split(";")[0]!;
  const isStream = type === "text/event-stream";
  const text = isStream ? "" : Buffer.concat(await answer.stream().toArray()).toString();
  // The gateway's end of it: nobody reads any more.
  if (isStream) answer.raw.res.destroy();
  const { statusCode: status } = answer;
  const missing = EVERYWHERE.find((name) => answer.headers[name] === undefined);
  const wrong = missing ? `${status} without ${missing}` : wrongWith(api, request, { status, type, text });
  return { status, violation: wrong && `${wrong}: ${JSON.stringify(request).slice(0, 500)}` };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function wrongWith(
  api: OpenApi,
  { operation, method }: FuzzedRequest,
  { status, type, text }: Answer,
): string | undefined {
  const listed = operation && api.paths[operation[0]]?.[operation[1]]?.responses;
  if (listed) {
    const answer = listed[status];
    if (answer === undefined) return `${status} is not listed`;
    if (answer.content && !(type in answer.content)) return `${status} as ${type} is not listed`;
  } else if (status >= 500) return `${status}`;
  if (status < 400 || method === "HEAD") return undefined;
  if (type !== PROBLEM && !(status === 503 && type === "application/json"))
    return `${status} is no problem but ${type}`;
  if (type === PROBLEM && !Problem.safeParse(JSON.parse(text)).success)
    return `${status} is a problem of another shape`;
  return /node_modules|\.ts:\d|SQLITE|at \w+ \(|\/tmp\//.test(text) ? `${status} tells of its inside` : undefined;
}

/** A machine may be busy with other things; the gateway itself gives a head 10 s. */
const WAIT_MS = 20_000;

/** Sends bytes and their end; answers the statuses that came back. */
export function tryBytes(
  port: number,
  bytes: Uint8Array,
): Promise<{ statuses: string[]; violation: string | undefined }> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      socket.destroy();
    }, WAIT_MS);
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("text/event-stream")) socket.destroy();
    });
    socket.on("error", () => {});
    socket.once("close", () => {
      clearTimeout(timer);
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status!);
      const failed = statuses.find((status) => status >= "500") ?? bareHead(text);
      const wrong = failed ?? (late ? "is neither answered nor ended" : undefined);
      resolve({
        statuses,
        violation: wrong && `bytes: ${wrong}: ${JSON.stringify(Buffer.from(bytes).toString("latin1")).slice(0, 500)}`,
      });
    });
    socket.end(bytes);
  });
}

/** Of answers one after the other, the first head that lacks something; an interim one (100) says nothing more. */
function bareHead(text: string): string | undefined {
  const heads = text.split(/^(?=HTTP\/1\.1 [2-5])/m).filter((answer) => answer.startsWith("HTTP/1.1 "));
  return heads
    .map((answer) => answer.split("\r\n\r\n")[0]!)
    .filter((head) => !head.startsWith("HTTP/1.1 1"))
    .flatMap((head) =>
      EVERYWHERE.filter((name) => !head.includes(`\r\n${name}: `)).map(
        (name) => `${head.slice(9, 12)} without ${name}`,
      ),
    )
    .at(0);
}

/** One in so many is bytes over a socket. */
const BYTES_EVERY = 20;
const BATCH = 200;
const MOST_TOLD = 20;
/** Caches fill and code is compiled; what leaks with each request is more. */
const MOST_GROWN_MB = 20;
const MEGABYTE = 1024 * 1024;

export async function fuzzHttp(
  requests: number,
  seed: number,
  onProgress: (done: number) => void = () => {},
): Promise<FuzzResult> {
  await using house = await openFuzzedHouse();
  await house.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = house.app.server.address() as AddressInfo;
  const api = openApiOf(house);
  const arbitrary = requestsFor(api);
  const answers: Record<string, number> = {};
  const violations: string[] = [];
  const count = (status: string | number) => {
    answers[status] = (answers[status] ?? 0) + 1;
  };
  const note = (violation: string | undefined) => {
    if (violation !== undefined && violations.length < MOST_TOLD) violations.push(violation);
  };
  let warm: number | undefined;
  for (let done = 0; done < requests; done += BATCH) {
    const numRuns = Math.min(BATCH, requests - done);
    const over = Math.floor(numRuns / BYTES_EVERY);
    for (const request of fc.sample(arbitrary, { numRuns: numRuns - over, seed: seed + done })) {
      const { status, violation } = await tryRequest(house, api, request);
      count(status);
      note(violation);
    }
    const raw = over === 0 ? [] : fc.sample(malformedHttp, { numRuns: over, seed: seed + done });
    for (const { statuses, violation } of await Promise.all(raw.map((bytes) => tryBytes(port, bytes)))) {
      for (const status of statuses.length === 0 ? ["closed"] : statuses) count(status);
      note(violation);
    }
    house.logged.length = 0;
    if (warm === undefined && done >= requests / 5) warm = heapMb();
    onProgress(done + numRuns);
  }
  note(await storedIn(house));
  const grownMb = Math.round(heapMb() - (warm ?? heapMb()));
  if (grownMb > MOST_GROWN_MB) note(`the heap has grown by ${grownMb} MB`);
  return { requests, answers, violations, grownMb };
}

/** What a request has left behind in the tables of what the house says; reading is entered in the audit log alone. */
async function storedIn({ journal, history, app }: House): Promise<string | undefined> {
  const ever = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const [alerts, episodes, levels] = await Promise.all([
    journal.alerts(ever),
    journal.episodes(ever.from, ever.to),
    history.select({ measurement: "level", tags: {}, ...ever }),
  ]);
  const stored = alerts.length + episodes.length + levels.length;
  const alive = await app.inject("/livez");
  if (alive.statusCode !== 200) return `not alive any more: ${alive.statusCode}`;
  return stored === 0 ? undefined : `${stored} rows are stored`;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapMb(): number {
  collect();
  return process.memoryUsage().heapUsed / MEGABYTE;
}
