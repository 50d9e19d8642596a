/**
 * Stands in for the gateway's HTTP side in tests of the pages alone: a real server on loopback with the built dashboard,
 * recorded bodies and a stream that a test can speak into. What it answers is checked against the API's schemas.
 */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import Fastify, { type FastifyReply } from "fastify";
import { z } from "zod";
import { ensureBuilt } from "#dashboard/build.ts";
import { CONTENT } from "#gateway/http/security.ts";
import { parsePeriod } from "#gateway/report/period.ts";
import { MeView, SignInOffer } from "#protocol/access.ts";
import {
  AlertView,
  DeviceView,
  HistoryView,
  PairHistoryView,
  PairView,
  ReportView,
  type Resolution,
  RoomView,
  StatusView,
  type StreamEvent,
  type StreamEvents,
} from "#protocol/api.ts";
import { AuditHeadView, AuditPageView } from "#protocol/audit.ts";
import { ApproveBody, ChangeBody, ChangesView, SettingView, WeighBody, WeighedView } from "#protocol/changes.ts";
import { permissions, type Role, reachOf } from "#protocol/roles.ts";
import { alertViews, deviceViews, historyView, reportView, roomView } from "./recorded.ts";
import { auditHead, auditPage } from "./recorded-audit.ts";
import { type RecordedChanges, recordedChanges } from "./recorded-changes.ts";
import { pairHistoryView, pairViews } from "./recorded-pairs.ts";
import { iso, site } from "./recorded-site.ts";
import { told } from "./recorded-told.ts";

export interface StandIn extends AsyncDisposable {
  readonly url: string;
  /** What the snapshot routes and a new stream answer; a test may change it. */
  readonly now: {
    rooms: RoomView[];
    alerts: AlertView[];
    devices: DeviceView[];
    pairs: PairView[];
    status: StatusView;
    /** What the audit log is to whoever asks. */
    log: "told" | "empty" | "refused";
    /** Whether the past is told by the display rules, as to a team lead. */
    grouped: boolean;
    /** Whether the house tells of offices in sums alone. */
    strict: boolean;
    /** Whether it lets its streams be silent; otherwise they have a heartbeat, as the gateway's have. */
    silent: boolean;
    changes: RecordedChanges;
    /** Who looks; null: nobody is signed in. */
    me: MeView | null;
    /** Until then the answer to a changed password is under way, and the session of before is over. */
    replaced: Promise<void>;
    offer: SignInOffer;
  };
  /** Sends an event to every open stream, and keeps it for the next snapshot. */
  tell<E extends StreamEvent>(event: E, data: StreamEvents[E]): void;
  /** Ends every open stream, as a gateway that goes away. */
  hangUp(): void;
  /** While true a new stream is answered 503. */
  refuseStreams(refuse: boolean): void;
  /** Resolves when a stream is open. */
  opened(): Promise<void>;
}

const HEARTBEAT_MS = 5000;

/** With which anybody signs in. */
export const PASSWORD = "tre små grise ude";
const problem = (status: number) => ({ type: "about:blank", title: "no", status });

/** Somebody with these roles, in all rooms. */
export const meOf = (roles: readonly Role[]): MeView =>
  MeView.parse({
    id: "person-0123456789ab",
    name: "mette",
    by: "session",
    roles,
    rooms: site.rooms.map(({ id }) => id),
    permissions: Object.fromEntries(
      permissions.map((name) => [name, [...reachOf(roles, name)]] as const).filter(([, reaches]) => reaches.length > 0),
    ),
    waiting: false,
  });

const wellStatus: StatusView = {
  history: { state: "flowing", reason: null, behind: 12, oldest: null },
  journal: { state: "ok", reason: null },
};

interface ReportQuery {
  readonly from: string;
  readonly to: string;
  readonly compareFrom?: string;
  readonly compareTo?: string;
  readonly format: string;
}

/** Dates of the site, both included, read as the gateway reads them. */
function periodOf(from: string, to: string) {
  const period = parsePeriod({ from, to }, site.timeZone, Date.now());
  return { from: iso(period.from), to: iso(period.until) };
}

export async function openStandIn(): Promise<StandIn> {
  await ensureBuilt();
  const start = Date.now();
  const now = {
    rooms: site.rooms.map((room) => roomView(room, start)),
    alerts: alertViews(start),
    devices: deviceViews(start),
    pairs: pairViews(start),
    status: wellStatus,
    grouped: false,
    strict: false,
    silent: false,
    log: "told" as const,
    changes: recordedChanges(start),
    me: meOf(["team-lead"]),
    replaced: Promise.resolve(),
    offer: { local: true, provider: null },
  } as StandIn["now"];
  const streams = new Set<ServerResponse>();
  const waiting = new Set<() => void>();
  let id = start * 1000;
  let refusing = false;

  const write = (stream: ServerResponse, event: StreamEvent, data: unknown) =>
    stream.write(`id: ${id++}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

  const hangUp = () => {
    for (const stream of streams) stream.end();
  };

  const heartbeat = setInterval(() => {
    if (!now.silent) for (const stream of streams) write(stream, "heartbeat", { at: iso(Date.now()) });
  }, HEARTBEAT_MS);

  const app = Fastify({ forceCloseConnections: true });
  app.addHook("onSend", async (_request, reply) => void reply.header("content-security-policy", CONTENT));
  app.get("/api/v1/me", (_request, reply) => now.me ?? reply.code(401).send(problem(401)));
  app.get("/api/v1/sign-in", () => SignInOffer.parse(now.offer));
  app.post<{ Body: { name: string; password: string } }>("/api/v1/sign-in", ({ body }, reply) => {
    if (body.password !== PASSWORD) return reply.code(401).send({ ...problem(401), type: "wrong-password" });
    now.me = meOf(["team-lead"]);
    return now.me;
  });
  app.post("/api/v1/sign-out", (_request, reply) => {
    now.me = null;
    return reply.code(204).send();
  });
  app.post("/api/v1/me/password", async () => {
    const { me } = now;
    now.me = null;
    for (const stream of streams) write(stream, "bye", { reason: "session" });
    hangUp();
    await now.replaced;
    now.me = me;
    return me;
  });
  app.get("/api/v1/me/tokens", () => []);
  app.get("/api/v1/site", () => ({
    site: site.site,
    name: site.name,
    timeZone: site.timeZone,
    ...(now.strict && { privacy: "strict" }),
    rooms: site.rooms.map(({ id, name, kind }) => ({ id, name, kind })),
  }));
  app.get("/api/v1/status", () => StatusView.parse(now.status));
  app.get("/api/v1/changes", () => ChangesView.parse(now.changes.view()));
  const changed = (reply: FastifyReply, change: Parameters<RecordedChanges["put"]>[0]) => {
    try {
      now.changes.put(change);
    } catch (error) {
      return reply.code(409).send({ type: (error as Error).message, title: "no" });
    }
    return ChangesView.parse(now.changes.view());
  };
  app.get("/api/v1/settings", () => z.array(SettingView).parse(now.changes.settings()));
  app.post("/api/v1/changes/weigh", ({ body }, reply) => {
    try {
      return WeighedView.parse(now.changes.weigh(WeighBody.parse(body).wanted));
    } catch (error) {
      return reply.code(400).send({ type: (error as Error).message, title: "no" });
    }
  });
  app.post("/api/v1/changes", ({ body }, reply) => {
    const { wanted, reason, until } = ChangeBody.parse(body);
    return changed(reply, { kind: "ask", wanted, reason, until: until === null ? null : Date.parse(until) });
  });
  app.post<{ Params: { id: string } }>("/api/v1/changes/:id/approve", ({ params, body }, reply) => {
    const { requestedAt, changes } = ApproveBody.parse(body);
    const shown = { requestedAt: Date.parse(requestedAt), changes };
    return changed(reply, { kind: "approve", id: Number(params.id), shown });
  });
  app.post<{ Params: { id: string; deed: "refuse" | "withdraw" } }>(
    "/api/v1/changes/:id/:deed",
    ({ params: { id, deed } }, reply) => changed(reply, { kind: deed, id: Number(id) }),
  );
  app.put<{ Params: { id: string }; Body: { reason: string; until: string } }>(
    "/api/v1/changes/:id",
    ({ params, body: { reason, until } }, reply) =>
      changed(reply, { kind: "revise", id: Number(params.id), reason, until: Date.parse(until) }),
  );
  app.get("/api/v1/rooms", () => z.array(RoomView).parse(now.rooms));
  app.get("/api/v1/free-rooms", () => []);
  app.get("/api/v1/alerts", () => z.array(AlertView).parse(now.alerts));
  app.get("/api/v1/devices", () => z.array(DeviceView).parse(now.devices));
  app.get<{ Params: { room: string }; Querystring: { from: string; to: string; resolution: Resolution } }>(
    "/api/v1/history/:room",
    async ({ params: { room }, query: { from, to, resolution } }) => {
      const [start, end] = [Date.parse(from), Date.parse(to)];
      return HistoryView.parse(
        now.grouped ? await told.history(room, start, end, Date.now()) : historyView(room, start, end, resolution),
      );
    },
  );
  app.get("/api/v1/pairs", () => z.array(PairView).parse(now.pairs));
  app.get<{ Params: { from: string; to: string }; Querystring: { from: string; to: string } }>(
    "/api/v1/pairs/:from/:to",
    async ({ params, query }) => {
      const [start, end] = [Date.parse(query.from), Date.parse(query.to)];
      const { from, to } = params;
      return PairHistoryView.parse(
        now.grouped ? await told.pair(from, to, start, end, Date.now()) : pairHistoryView(from, to, start, end),
      );
    },
  );
  app.get<{ Querystring: ReportQuery }>("/api/v1/report", async ({ query }, reply) => {
    if (query.format === "html") return reply.type("text/html").send("<!doctype html><title>Rapport</title>");
    if (query.format === "csv") return reply.type("text/csv").send("room,minutes\r\n");
    const { from, to, compareFrom, compareTo } = query;
    const compared = compareFrom && compareTo ? periodOf(compareFrom, compareTo) : null;
    const period = periodOf(from, to);
    if (now.grouped)
      return ReportView.parse(await told.report(Date.parse(period.from), Date.parse(period.to), Date.now()));
    return ReportView.parse(reportView(period.from, period.to, compared));
  });
  app.get<{ Querystring: { from: string; room?: string; to?: string } }>(
    "/api/v1/audit",
    ({ query: { from, room, to } }, reply) => {
      if (now.log === "refused") return reply.code(403).type("application/problem+json").send({ title: "no" });
      const page = auditPage(start, Date.parse(from), room, to === undefined ? start : Date.parse(to));
      return AuditPageView.parse(now.log === "empty" ? { ...page, entries: [], next: null } : page);
    },
  );
  app.get("/api/v1/audit/head", () => AuditHeadView.parse(auditHead(start)));
  app.get("/api/v1/stream", (_request, reply) => {
    if (refusing) return reply.code(503).type("application/problem+json").send({ title: "no" });
    reply.hijack();
    const stream = reply.raw;
    stream.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    stream.write("retry: 200\n\n");
    for (const room of now.rooms) write(stream, "room", room);
    for (const alert of now.alerts.filter(({ state }) => state !== "resolved")) write(stream, "alert", alert);
    for (const device of now.devices) write(stream, "device", device);
    for (const pair of now.pairs) write(stream, "pair", pair);
    write(stream, "status", now.status);
    streams.add(stream);
    stream.once("close", () => streams.delete(stream));
    for (const resolve of waiting) resolve();
    waiting.clear();
  });
  await app.register(fastifyStatic, { root: join(import.meta.dirname, "../../dashboard/dist"), wildcard: false });
  app.get("/*", (_request, reply) => reply.sendFile("index.html"));
  await app.listen({ host: "127.0.0.1", port: 0 });

  const keep = <T>(list: T[], item: T, same: (known: T) => boolean) => {
    const at = list.findIndex(same);
    if (at < 0) list.push(item);
    else list[at] = item;
  };
  const kept: { [E in StreamEvent]?: (data: StreamEvents[E]) => void } = {
    room: (room) => keep(now.rooms, room, ({ id }) => id === room.id),
    alert: (alert) => keep(now.alerts, alert, ({ id }) => id === alert.id),
    device: (device) => keep(now.devices, device, ({ id }) => id === device.id),
    status: (status) => {
      now.status = status;
    },
    pair: (pair) => keep(now.pairs, pair, ({ from, to }) => from === pair.from && to === pair.to),
  };

  return {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    now,
    tell: (event, data) => {
      kept[event]?.(data);
      for (const stream of streams) write(stream, event, data);
    },
    hangUp,
    refuseStreams: (refuse) => {
      refusing = refuse;
    },
    opened: async () => {
      if (streams.size === 0) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(heartbeat);
      for (const stream of streams) stream.end();
      const closed = once(app.server, "close");
      await app.close();
      await closed;
    },
  };
}
