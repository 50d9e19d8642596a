import { mkdtempSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DeviceView, PairView, RoomView, StatusView } from "#protocol/api.ts";
import { informationBudget } from "#protocol/budget.ts";
import { type Changes, openChanges } from "../changes.ts";
import { handClock } from "../clock.ts";
import { readConfig } from "../config.ts";
import type { Live, LiveEvent } from "../deliver/live.ts";
import type { History, Point } from "../history/history.ts";
import { openSqliteHistory } from "../history/sqlite.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import type { Load } from "../overload.ts";
import type { Check, HttpParts } from "./parts.ts";
import { bearer, identifyByName } from "./people.fixture.ts";
import { buildHttp } from "./server.ts";

const now = Date.parse("2026-11-23T10:00:00Z");
const room: RoomView = {
  id: "K1",
  name: { da: "Kontor K1", en: "Office K1" },
  kind: "shared-office",
  conversation: "on",
  occupied: true,
  privacy: "unknown",
  privacyReason: "uncertain",
  since: "2026-11-23T09:58:00.000Z",
  reason: null,
  free: null,
};

const pair: PairView = {
  from: "K1",
  to: "G1",
  boundary: { kind: "door", rw: 30 },
  state: "overheard",
  reason: null,
  reasonRoom: null,
  link: true,
  hearing: "intelligible",
  snr: -2.4,
  sii5: 0.36,
  probability: 0.99,
  ld: [22.1, 25.4, 28.3, 30.2, 31.5],
  ldSigma: [0.6, 0.5, 0.5, 0.7, 1.1],
  ldLimited: [false, false, false, false, true],
  spc: 58.2,
  spcSigma: 1.3,
  spcLimited: true,
  spcClass: "below-minimal",
  confidence: 0.99,
  episodes: 14,
  learnedAt: "2026-11-23T09:52:00.000Z",
  dropDb: null,
};

/** A live view whose events are said by hand. */
function spokenLive(): Live & { say(event: LiveEvent): void; listeners: number } {
  const listeners = new Set<(event: LiveEvent) => void>();
  const events: LiveEvent[] = [];
  return {
    rooms: () => [room],
    devices: () => [] as DeviceView[],
    pairs: () => [pair],
    openAlerts: () => [],
    after: (id) => (id >= 100 ? events.filter((event) => event.id > id) : undefined),
    lastId: () => events.at(-1)?.id ?? 100,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    say(event) {
      events.push(event);
      for (const listener of listeners) listener(event);
    },
    get listeners() {
      return listeners.size;
    },
  };
}

let journal: Journal;
let history: History;
let app: FastifyInstance;
let changes: Changes;
let checks: Record<string, Check> = {};
const status: StatusView = {
  history: { state: "held", reason: "sign-in", behind: 1240, oldest: "2026-11-23T09:30:00.000Z" },
  journal: { state: "ok", reason: null },
};
let load: Load = "ease";
const live = spokenLive();
const clock = handClock(now);

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "fortrolig-http-"));
  journal = await openJournal(folder);
  history = openSqliteHistory(join(folder, "history.db"));
  await history.prepare();
  const tags = (from: string, to: string) => ({ site: "jobcentre", from, to });
  const leak = (from: string, to: string): Point => ({
    measurement: "leak",
    tags: tags(from, to),
    t: now - 15 * 60_000,
    fields: { hearing: "words", state: "private", snr: -13.5, sii5: 0.08 },
  });
  const boundary = (from: string, to: string): Point => ({
    measurement: "boundary",
    tags: tags(from, to),
    t: now - 11 * 3_600_000,
    fields: { episodes: 2, ld250: 33, sigma250: 0.5, bound500: 35 },
  });
  await history.write([leak("K1", "K2"), leak("K6", "K5"), boundary("K1", "K2"), boundary("K6", "K5")]);
  await journal.record({
    episodes: [{ room: "K1", start: now - 20 * 60_000, end: now - 10 * 60_000, hint: "dialogue" }],
    transitions: [
      {
        to: "firing",
        at: now - 60_000,
        alert: {
          id: "conversation-in-shared-office:K1:1",
          rule: "conversation-in-shared-office",
          room: "K1",
          pair: null,
          state: "firing",
          severity: "critical",
          startedAt: now - 120_000,
          firedAt: now - 60_000,
          acknowledgedAt: null,
          resolvedAt: null,
          reason: null,
        },
      },
    ],
  });
  ({ changes } = await openChanges({ journal, clock, config: readConfig({}) }));
  const parts: HttpParts = {
    site: readConfig({}).site,
    live,
    journal,
    history,
    clock,
    budget: informationBudget(),
    metrics: new Registry(),
    status: () => status,
    load: () => load,
    checks: () => checks,
    audit: { publicKey: "", latest: () => null },
    enrolments: undefined,
    broker: "mqtt://127.0.0.1:1883",
    dashboard: undefined,
    identify: identifyByName,
    changes,
  };
  app = await buildHttp(parts, pino({ level: "silent" }));
});

afterAll(async () => {
  await app.close();
  await history[Symbol.asyncDispose]();
  await changes[Symbol.asyncDispose]();
  await journal[Symbol.asyncDispose]();
});

/** Sees what there is to see in K1, and everywhere what happened. */
const WATCHER = bearer("team-lead+dpo+it-admin K1");
const get = async (url: string, headers: Record<string, string> = WATCHER) => {
  const answer = await app.inject({ url, headers });
  return {
    status: answer.statusCode,
    type: answer.headers["content-type"],
    body: answer.body,
    headers: answer.headers,
  };
};
const json = async (url: string) => JSON.parse((await get(url)).body);

describe("API", () => {
  it("rooms are what is live", async () => {
    expect(await json("/api/v1/rooms")).toEqual([room]);
  });

  it("an alert names the room and the time, and can be filtered by state", async () => {
    const [alert] = await json("/api/v1/alerts");
    expect(alert).toMatchObject({ room: "K1", state: "firing", firedAt: "2026-11-23T09:59:00.000Z", resolvedAt: null });
    expect(alert.message.en).toContain("Office K1");
    expect(await json("/api/v1/alerts?state=resolved")).toEqual([]);
  });

  it("of a time whose alerts are not kept any more it is not told that there were none", async () => {
    const { note } = journal;
    journal.note = async () => JSON.stringify({ behaviour: { before: Date.parse("2026-11-01T00:00:00Z") } });
    const asked = async (from: string) => {
      const { status: answered, body } = await get(`/api/v1/alerts?from=${from}`);
      return [answered, JSON.parse(body).detail];
    };
    expect(await asked("2026-10-31")).toEqual([
      400,
      "conversations and alerts of before 2026-11-01T00:00:00.000Z are not kept any more",
    ]);
    expect((await asked("2026-11-02"))[0]).toBe(200);
    journal.note = note;
  });

  it("pairs are what is live", async () => {
    expect(await json("/api/v1/pairs")).toEqual([pair]);
  });

  it("a report comes as JSON, page and table", async () => {
    const report = await json("/api/v1/report?from=2026-11-23");
    expect(report.sharedOffices).toEqual({ conversations: 1, minutes: 10, longestMinutes: 10 });
    const page = await get("/api/v1/report?from=2026-11-23&format=html&language=en");
    expect([page.type, page.body.slice(0, 15)]).toEqual(["text/html; charset=utf-8", "<!doctype html>"]);
    expect(page.headers["content-security-policy"]).toMatch(/style-src 'sha256-/);
    const table = await get("/api/v1/report?from=2026-11-23&format=csv");
    expect(table.headers["content-disposition"]).toBe(
      'attachment; filename="fortrolig-jobcentre-2026-11-22-2026-11-23.csv"',
    );
  });

  it("a room's history is on an even grid, whatever case its id is written in", async () => {
    const view = await json("/api/v1/history/k1?from=2026-11-23T09:00:00Z&to=2026-11-23T09:01:00Z");
    expect([view.room, view.resolution, view.t.length, view.laeqDba]).toEqual(["K1", "raw", 6, Array(6).fill(null)]);
    expect(view.conversations).toEqual([]);
  });

  it("a pair's past is its minutes and its days; of a room with one assigned person there are days alone", async () => {
    const view = await json("/api/v1/pairs/k1/K2?from=2026-11-23");
    const days = [
      {
        day: "2026-11-22T23:00:00.000Z",
        episodes: 2,
        ld: [33, null, null, null, null],
        sigma: [0.5, null, null, null, null],
        bound: [null, 35, null, null, null],
      },
    ];
    const byHearing = { inaudible: 0, audible: 0, words: 1, partly: 0, intelligible: 0, clearly: 0, unknown: 0 };
    expect(view).toEqual({
      from: "K1",
      to: "K2",
      targetRw: 40,
      period: { from: "2026-11-22T23:00:00.000Z", to: "2026-11-23T10:00:00.000Z" },
      minutes: { t: [now - 15 * 60_000], hearing: ["words"], snr: [-13.5], sii5: [0.08] },
      byHearing,
      shares: null,
      suppressed: null,
      noiseByHour: [],
      days,
    });
    expect(await json("/api/v1/pairs/K6/K5?from=2026-11-23")).toMatchObject({
      minutes: { t: [], hearing: [], snr: [], sii5: [] },
      byHearing: { ...byHearing, words: 0 },
      days,
    });
  });

  it("a report compares two periods when it is asked to", async () => {
    const report = await json("/api/v1/report?from=2026-11-23&compareFrom=2026-11-01&compareTo=2026-11-14");
    expect(report.pairs).toHaveLength(38);
    expect(report.pairs[0]).toMatchObject({ from: "K1", to: "K2", episodes: 2, minutes: { words: 1 }, coverage: 1 });
    expect(report.comparison).toMatchObject({ from: "2026-10-31T23:00:00.000Z", to: "2026-11-14T23:00:00.000Z" });
    expect((await json("/api/v1/report?from=2026-11-23")).comparison).toBeNull();
  });

  it.each([
    ["/api/v1/pairs/K1/X9", 404, /no room has the id "X9"/],
    ["/api/v1/pairs/K1/S5", 404, /no boundary joins K1 and S5/],
    ["/api/v1/pairs/K1/K2?from=2024-01-01", 400, /longer than 400 days/],
    ["/api/v1/report?compareFrom=2026-11-01", 400, /go together/],
    ["/api/v1/report?from=2026-11-01&compareFrom=2026-11-10&compareTo=2026-11-12", 400, /overlap/],
    ["/api/v1/history/X9", 404, /no room has the id "X9"/],
    ["/api/v1/history/K6", 404, /one assigned person/],
    ["/api/v1/history/K1?from=2026-11-01&resolution=raw", 400, /answered in steps of 1h or coarser/],
    ["/api/v1/history/K1?from=2020-01-01", 400, /longer than five years/],
    ["/api/v1/report?from=nonsense", 400, /neither a date/],
    ["/api/v1/report?format=docx", 400, /querystring\/format/],
    ["/api/v1/report?form=html", 400, /form/],
    ["/api/v1/nothing", 404, /GET \/api\/v1\/nothing does not exist/],
  ])("%s is refused in words", async (url, status, words) => {
    const answer = await get(url);
    expect([answer.status, answer.type]).toEqual([status, "application/problem+json; charset=utf-8"]);
    const problem = JSON.parse(answer.body);
    expect(`${problem.detail} ${JSON.stringify(problem.errors)}`).toMatch(words);
    expect(problem).toMatchObject({ type: "about:blank", status });
  });

  it("every read of behaviour data is in the audit log, and device state is not", async () => {
    clock.advanceTo(now + 1000);
    await get("/api/v1/rooms");
    await get("/api/v1/pairs");
    await get("/api/v1/devices");
    await get("/api/v1/history/K1?from=2026-11-23T09:00:00Z");
    await get("/api/v1/pairs/K1/K2?from=2026-11-23");
    const entries = (await journal.auditBefore({ from: now + 1000, until: now + 1001 }, null, 100)).toReversed();
    expect(entries.map(({ action, object, scope }) => [action, object, scope])).toEqual([
      ["read", "rooms", "rooms=K1"],
      ["read", "pairs", "rooms=K1"],
      ["read", "history", "room=K1&from=2026-11-23T09%3A00%3A00Z"],
      ["read", "pair history", "fromRoom=K1&toRoom=K2&from=2026-11-23"],
    ]);
  });

  it("OpenAPI 3.1 lists every route with its answers", async () => {
    const document = await json("/openapi.json");
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths).sort()).toEqual([
      "/api/v1/alerts",
      "/api/v1/audit",
      "/api/v1/audit/checkpoints",
      "/api/v1/audit/export",
      "/api/v1/audit/head",
      "/api/v1/changes",
      "/api/v1/changes/weigh",
      "/api/v1/changes/{id}",
      "/api/v1/changes/{id}/approve",
      "/api/v1/changes/{id}/refuse",
      "/api/v1/changes/{id}/withdraw",
      "/api/v1/devices",
      "/api/v1/enrolments",
      "/api/v1/enrolments/{device}",
      "/api/v1/free-rooms",
      "/api/v1/history/{room}",
      "/api/v1/leakage",
      "/api/v1/pairs",
      "/api/v1/pairs/{fromRoom}/{toRoom}",
      "/api/v1/report",
      "/api/v1/rooms",
      "/api/v1/settings",
      "/api/v1/site",
      "/api/v1/status",
      "/api/v1/stream",
      "/livez",
      "/readyz",
    ]);
    const answers = document.paths["/api/v1/rooms"].get.responses;
    expect(Object.keys(answers["200"].content["application/json"].schema.items.properties)).toContain("privacy");
    expect(Object.keys(answers["503"].content)).toEqual(["application/problem+json"]);
    expect(document.paths["/api/v1/rooms"].get.security).toEqual([{ session: [] }, { token: [] }]);
    expect(Object.keys(answers)).toEqual(["200", "400", "401", "403", "404", "429", "500", "503"]);
    expect(Object.keys(document.components.securitySchemes)).toEqual(["session", "token"]);
  });
});

describe("when the gateway is hard pressed", () => {
  const long = "from=2026-11-20&to=2026-11-22";
  const routes = {
    reports: ["/api/v1/report", "/api/v1/report?format=html"],
    "long periods": [`/api/v1/history/K1?${long}`, `/api/v1/pairs/K1/K2?${long}`],
    "short periods": ["/api/v1/history/K1", "/api/v1/pairs/K1/K2?from=2026-11-23"],
    "live views": ["site", "rooms", "alerts", "devices", "pairs"].map((name) => `/api/v1/${name}`),
    health: ["/livez", "/readyz", "/metrics", "/openapi.json"],
  };
  const answers = async () => {
    const statuses = Object.entries(routes).map(async ([what, urls]) => [
      what,
      [...new Set(await Promise.all(urls.map(async (url) => (await get(url)).status)))],
    ]);
    return Object.fromEntries(await Promise.all(statuses));
  };
  afterEach(() => {
    load = "ease";
  });

  it.each([
    ["ease", { reports: [200], "long periods": [200], "short periods": [200], "live views": [200], health: [200] }],
    ["busy", { reports: [503], "long periods": [503], "short periods": [200], "live views": [200], health: [200] }],
    [
      "overloaded",
      { reports: [503], "long periods": [503], "short periods": [503], "live views": [503], health: [200] },
    ],
  ] as const)("%s: reports are shed first, dashboards second, health never", async (now, expected) => {
    checks = {};
    load = now;
    expect(await answers()).toEqual(expected);
  });

  it("who is turned away hears in both languages when to come again", async () => {
    load = "busy";
    const report = await get("/api/v1/report?format=html");
    expect([report.type, report.headers["retry-after"]]).toEqual(["application/problem+json; charset=utf-8", "10"]);
    expect(JSON.parse(report.body)).toMatchObject({
      status: 503,
      detail: expect.stringMatching(/^Gatewayen har travlt .* \/ The gateway is busy /),
    });
    load = "overloaded";
    const stream = await get("/api/v1/stream");
    expect([stream.status, stream.headers["retry-after"]]).toEqual([503, "10"]);
    expect(JSON.parse(stream.body).detail).toMatch(/^Gatewayen er overbelastet .* \/ The gateway is overloaded /);
  });
});

describe("health", () => {
  it("a database that is away degrades the gateway; a journal that cannot write makes it unready", async () => {
    checks = { journal: { state: "ok", detail: "" }, history: { state: "degraded", detail: "waiting" } };
    expect(await get("/readyz")).toMatchObject({ status: 200, body: expect.stringContaining('"degraded"') });
    checks = { journal: { state: "failed", detail: "disk full" } };
    expect(await get("/readyz")).toMatchObject({ status: 503, body: expect.stringContaining("disk full") });
    expect((await get("/livez")).status).toBe(200);
  });

  it("what the gateway keeps is told to everybody, and is nothing that anybody is recorded for reading", async () => {
    clock.advanceTo(now + 60_000);
    expect(await json("/api/v1/status")).toEqual(status);
    expect(await journal.auditBefore({ from: now + 60_000, until: now + 60_001 }, null, 100)).toEqual([]);
  });

  it("answers may not be framed, sniffed or scripted from elsewhere", async () => {
    const { headers } = await get("/api/v1/site");
    expect(headers).toMatchObject({
      "content-security-policy": expect.stringMatching(
        /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
      ),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
  });
});

describe("stream", () => {
  const read = (port: number, headers: Record<string, string> = {}) =>
    new Promise<{ response: IncomingMessage; text: () => string; until: (pattern: RegExp) => Promise<void> }>(
      (resolve) => {
        httpRequest(
          { port, host: "127.0.0.1", path: "/api/v1/stream", headers: { ...WATCHER, ...headers } },
          (response) => {
            let text = "";
            const waiting: { pattern: RegExp; done: () => void }[] = [];
            response.setEncoding("utf8").on("data", (chunk: string) => {
              text += chunk;
              for (const { pattern, done } of waiting) if (pattern.test(text)) done();
            });
            const until = (pattern: RegExp) =>
              new Promise<void>((done) => (pattern.test(text) ? done() : waiting.push({ pattern, done })));
            resolve({ response, text: () => text, until });
          },
        ).end();
      },
    );

  it("begins with what is, continues with what changes, resumes where it broke off, and says goodbye", async () => {
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    const first = await read(port);
    await first.until(/event: room/);
    expect(first.response.headers).toMatchObject({
      "x-accel-buffering": "no",
      "cache-control": "no-store, no-transform",
      "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
    });
    live.say({ id: 101, event: "room", data: { ...room, conversation: "off" } });
    await first.until(/"off"/);
    const [opening, last] = [...new Set([...first.text().matchAll(/^id: (.+)$/gm)].map(([, id]) => id))];
    expect(first.text()).toContain(`id: ${opening}\nevent: room\ndata: ${JSON.stringify(room)}\n\n`);
    expect(first.text()).toContain(`id: ${opening}\nevent: pair\ndata: ${JSON.stringify(pair)}\n\n`);
    expect(first.text()).toContain(`id: ${opening}\nevent: status\ndata: ${JSON.stringify(status)}\n\n`);
    first.response.destroy();

    live.say({ id: 102, event: "room", data: { ...room, conversation: "unknown", reason: "offline" } });
    const second = await read(port, { "last-event-id": last! });
    await second.until(/"unknown"/);
    expect(second.text().match(/^event: .*$/gm)).toEqual(["event: room"]);

    const unknown = await read(port, { "last-event-id": "101" });
    await unknown.until(/event: status/);

    const closing = app.close();
    await second.until(/event: bye\ndata: {"reason":"shutdown"}/);
    await closing;
    expect(live.listeners).toBe(0);
  });
});
