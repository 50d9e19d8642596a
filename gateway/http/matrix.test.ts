/** The matrix of PRIVACY §3 as it is answered: every route, asked by everybody. */
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HistoryView, PairView } from "#protocol/api.ts";
import type { Alert } from "../alerts/alert.ts";
import { type House, NOON, openHouse } from "./house.fixture.ts";
import { bearer } from "./people.fixture.ts";

/** All of them lead or work in K1 and K3, where that means something. */
const people: Readonly<Record<string, Record<string, string>>> = {
  nobody: {},
  expired: { cookie: "session=expired" },
  unscoped: bearer("team-lead+dpo K1,K3 only:mute"),
  staff: bearer("room-staff K1,K3"),
  lead: bearer("team-lead K1,K3"),
  facil: bearer("facilities K1,K3"),
  dpo: bearer("dpo K1,K3"),
  rep: bearer("staff-rep K1,K3"),
  admin: bearer("it-admin K1,K3"),
};

/** Of a route with a room in it: their own, somebody else's, one where two work, a conversation room. */
const asked: Readonly<Record<string, readonly string[]>> = {
  "/api/v1/history/:room": ["K1", "K2", "K3", "S1"].map((room) => `/api/v1/history/${room}`),
  "/api/v1/pairs/:fromRoom/:toRoom": ["/api/v1/pairs/K1/K2", "/api/v1/pairs/K2/K1"],
  "/*": ["/", "/rooms/K1"],
};

const DAY = 86_400_000;
let house: House;
let url: string;
beforeAll(async () => {
  house = await openHouse();
  const alert = (room: string, resolvedAt: number | null): Alert => ({
    id: `a:${room}:${resolvedAt}`,
    rule: "conversation-in-shared-office",
    room,
    pair: null,
    state: resolvedAt === null ? "firing" : "resolved",
    severity: "warning",
    startedAt: NOON - 2 * DAY,
    firedAt: NOON - 2 * DAY,
    acknowledgedAt: null,
    resolvedAt,
    reason: null,
  });
  const alerts = [alert("K1", null), alert("K2", NOON - 1000), alert("K3", NOON - 1.5 * DAY)];
  await house.journal.record({
    transitions: alerts.map((one) => ({ to: one.state, at: NOON - 2 * DAY, alert: one })),
  });
  await house.app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(house.app.server.address() as AddressInfo).port}`;
});
afterAll(() => house[Symbol.asyncDispose]());

async function statusOf(method: string, path: string, headers: Record<string, string>): Promise<number> {
  const asking = new AbortController();
  const answer = await fetch(url + path, { method, headers, signal: asking.signal });
  asking.abort();
  return answer.status;
}

const columns = Object.keys(people);
const line = (name: string, cells: readonly (string | number)[]) =>
  `${name.padEnd(38)}${cells.map((cell) => String(cell).padEnd(9)).join("")}`.trimEnd();

describe("who may ask what", () => {
  it("is the matrix, route by route", async () => {
    const routes = house.app.declared.filter(({ method }) => method !== "HEAD");
    const rows = routes.flatMap(({ method, url }) => (asked[url] ?? [url]).map((path) => ({ method, path })));
    const table = await Promise.all(
      rows.map(async ({ method, path }) =>
        line(
          `${method} ${path}`,
          await Promise.all(Object.values(people).map((headers) => statusOf(method, path, headers))),
        ),
      ),
    );
    expect([line("", columns), ...table]).toEqual(
      `
                                      nobody   expired  unscoped staff    lead     facil    dpo      rep      admin
GET /livez                            200      200      200      200      200      200      200      200      200
GET /readyz                           200      200      200      200      200      200      200      200      200
GET /metrics                          401      401      403      403      403      403      403      403      200
GET /api/v1/status                    200      200      200      200      200      200      200      200      200
GET /api/v1/sign-in                   200      200      200      200      200      200      200      200      200
POST /api/v1/sign-in                  400      403      400      400      400      400      400      400      400
POST /api/v1/sign-in/link             400      403      400      400      400      400      400      400      400
POST /api/v1/sign-in/link/use         400      403      400      400      400      400      400      400      400
POST /api/v1/sign-out                 400      403      400      400      400      400      400      400      400
GET /api/v1/me                        401      401      200      200      200      200      200      200      200
POST /api/v1/me/password              400      403      400      400      400      400      400      400      400
GET /api/v1/me/tokens                 401      401      403      403      403      403      403      403      403
POST /api/v1/me/tokens                400      403      400      400      400      400      400      400      400
DELETE /api/v1/me/tokens/:token       401      403      403      403      403      403      403      403      403
GET /api/v1/people                    401      401      403      403      403      403      200      200      200
POST /api/v1/people                   401      403      403      403      403      403      403      403      400
PUT /api/v1/people/:person            401      403      403      403      403      403      403      403      400
POST /api/v1/people/:person/link      401      403      403      403      403      403      403      403      404
POST /api/v1/people/:person/approval  401      403      403      403      403      403      400      403      403
DELETE /api/v1/people/:person         401      403      403      403      403      403      403      403      404
GET /api/v1/tokens                    401      401      403      403      403      403      200      200      200
DELETE /api/v1/tokens/:token          401      403      403      403      403      403      403      403      403
GET /api/v1/site                      200      200      200      200      200      200      200      200      200
GET /api/v1/rooms                     401      401      403      200      200      403      403      403      403
GET /api/v1/free-rooms                401      401      403      200      200      200      200      200      403
GET /api/v1/alerts                    401      401      403      200      200      200      200      200      403
GET /api/v1/devices                   200      200      200      200      200      200      200      200      200
GET /api/v1/pairs                     401      401      403      200      200      200      200      200      403
GET /api/v1/leakage                   200      200      200      200      200      200      200      200      200
GET /api/v1/history/K1                401      401      403      200      200      200      200      200      403
GET /api/v1/history/K2                401      401      403      200      200      200      200      200      403
GET /api/v1/history/K3                401      401      403      200      200      200      200      200      403
GET /api/v1/history/S1                401      401      403      200      200      200      200      200      403
GET /api/v1/pairs/K1/K2               401      401      403      200      200      200      200      200      403
GET /api/v1/pairs/K2/K1               401      401      403      200      200      200      200      200      403
GET /api/v1/report                    401      401      403      200      200      200      200      200      403
GET /api/v1/changes                   200      200      200      200      200      200      200      200      200
GET /api/v1/settings                  200      200      200      200      200      200      200      200      200
POST /api/v1/changes/weigh            401      403      403      403      400      400      400      400      400
POST /api/v1/changes                  401      403      403      403      400      400      400      400      400
PUT /api/v1/changes/:id               401      403      403      403      400      400      403      403      400
POST /api/v1/changes/:id/approve      401      403      403      403      403      403      400      400      403
POST /api/v1/changes/:id/refuse       401      403      403      403      403      403      400      400      403
POST /api/v1/changes/:id/withdraw     401      403      403      403      400      400      400      400      400
GET /api/v1/enrolments                401      401      403      403      403      200      403      200      200
POST /api/v1/enrolments/:device       401      403      403      403      403      403      403      403      400
DELETE /api/v1/enrolments/:device     401      403      403      403      403      403      403      403      400
GET /api/v1/stream                    401      401      403      200      200      200      200      200      200
GET /api/v1/audit                     401      401      403      200      200      200      200      200      200
GET /api/v1/audit/export              401      401      403      403      403      403      200      200      403
GET /api/v1/audit/head                200      200      200      200      200      200      200      200      200
GET /api/v1/audit/checkpoints         200      200      200      200      200      200      200      200      200
GET /openapi.json                     200      200      200      200      200      200      200      200      200
`
        .split("\n")
        .slice(1, -1),
    );
  });

  it("is told no more than the matrix and the display rules have: of rooms live, pairs with their talk, history", async () => {
    const ask = async <T>(path: string, headers: Record<string, string>, say: (body: T) => string): Promise<string> => {
      const answer = await house.app.inject({ url: path, headers });
      return answer.statusCode === 200 ? say(answer.json()) : `${answer.statusCode}`;
    };
    const ids = (views: readonly { id: string; room?: string }[]) =>
      views.map(({ id, room }) => room ?? id).join() || "none";
    const talk = (pairs: readonly PairView[]) => {
      const from = pairs.filter(({ reason }) => reason !== "not-told" && reason !== "silent-room");
      return [...new Set(from.map((pair) => pair.from))].join() || "none";
    };
    const asked: Readonly<Record<string, (headers: Record<string, string>) => Promise<string>>> = {
      "rooms live": (who) => ask("/api/v1/rooms", who, ids),
      "alerts, open and past": (who) => ask("/api/v1/alerts?from=2026-11-20", who, ids),
      "free rooms": (who) => ask("/api/v1/free-rooms", who, ids),
      "pairs with talk, from": (who) => ask("/api/v1/pairs", who, talk),
      ...Object.fromEntries(
        ["K1", "K2", "K3", "S1", "K6"].map((room) => [
          `history of ${room}`,
          (who: Record<string, string>) =>
            ask<HistoryView>(`/api/v1/history/${room}`, who, ({ resolution, suppressed }) => suppressed ?? resolution),
        ]),
      ),
    };
    const { nobody: _, expired: __, unscoped: ___, ...signedIn } = people;
    const wide = (name: string, cells: readonly string[]) =>
      `${name.padEnd(24)}${cells.map((cell) => cell.padEnd(18)).join("")}`.trimEnd();
    const table = await Promise.all(
      Object.entries(asked).map(async ([what, say]) =>
        wide(what, await Promise.all(Object.values(signedIn).map((who) => say(who)))),
      ),
    );
    expect([wide("", Object.keys(signedIn)), ...table]).toEqual(
      `
                        staff             lead              facil             dpo               rep               admin
rooms live              K1,K3             K1,K3             403               403               403               403
alerts, open and past   K1                K1                none              K2,K3             K2,K3             403
free rooms              S1,S2,S3,S4,S5    S1,S2,S3,S4,S5    S1,S2,S3,S4,S5    S1,S2,S3,S4,S5    S1,S2,S3,S4,S5    403
pairs with talk, from   K1,K3             K1,K3             none              none              none              403
history of K1           1h                1h                1h                raw               raw               403
history of K2           not-yours         1h                1h                raw               raw               403
history of K3           in-group          in-group          in-group          raw               raw               403
history of S1           not-yours         conversation-room conversation-room raw               raw               403
history of K6           404               404               404               404               404               403
`
        .split("\n")
        .slice(1, -1),
    );
  });

  it("a HEAD is answered as its GET", async () => {
    const routes = house.app.declared.filter(({ method, url }) => method === "HEAD" && asked[url] === undefined);
    for (const { url } of routes)
      for (const headers of Object.values(people))
        expect([url, await statusOf("HEAD", url, headers)]).toEqual([url, await statusOf("GET", url, headers)]);
  });

  it("who is nobody learns how to sign in, and who may not, what is missing", async () => {
    const ask = async (headers: Record<string, string>) => {
      const answer = await house.app.inject({ url: "/api/v1/rooms", headers });
      return {
        problem: answer.json(),
        challenge: answer.headers["www-authenticate"],
        kept: answer.headers["cache-control"],
      };
    };
    const problem = { type: "about:blank", instance: "/api/v1/rooms" };
    expect(await ask({})).toEqual({
      problem: {
        ...problem,
        status: 401,
        title: "Sign-in is needed",
        detail: "sign in, or bring a token that is valid",
      },
      challenge: 'Bearer realm="fortrolig"',
      kept: "no-store",
    });
    expect(await ask(bearer("facilities"))).toEqual({
      problem: {
        ...problem,
        status: 403,
        title: "This is not permitted",
        detail: "this needs live, which your roles do not hold here",
      },
      challenge: undefined,
      kept: "no-store",
    });
  });

  it("who brought something and was refused is in the log, without what they brought", async () => {
    house.logged.length = 0;
    await house.app.inject({ url: "/api/v1/rooms" });
    await house.app.inject({ url: "/api/v1/rooms", headers: { cookie: "session=expired-and-secret" } });
    await house.app.inject({ url: "/api/v1/rooms?token=secret", headers: bearer("it-admin") });
    expect(house.logged.map((text) => JSON.parse(text)).map(({ time, pid, hostname, reqId, ...rest }) => rest)).toEqual(
      [
        { level: 40, msg: "refused", actor: null, method: "GET", route: "/api/v1/rooms", status: 401 },
        { level: 40, msg: "refused", actor: "it-admin", method: "GET", route: "/api/v1/rooms", status: 403 },
      ],
    );
  });
});

describe("a route that does not say who may", () => {
  it.each([
    ["says nothing", {}, /does not say which permission/],
    ["is public without a reason", { permission: "public" }, /does not say why/],
  ] as const)("%s: the gateway does not start", async (_, config, words) => {
    const { default: Fastify } = await import("fastify");
    const { installAccess } = await import("./access.ts");
    const app = Fastify();
    installAccess(app, { identify: () => undefined });
    expect(() => app.get("/open", { config }, () => "")).toThrow(words);
  });
});
