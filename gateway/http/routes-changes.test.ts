/** Asking for other settings over HTTP: who may, what they are told, and what everybody sees. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChangesView, SettingView } from "#protocol/changes.ts";
import { DAY, HOUR, REASON, START } from "../approval/story.fixture.ts";
import { type Changes, openChanges } from "../changes.ts";
import { handClock } from "../clock.ts";
import { readConfig } from "../config.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { guardRoutes, installAccess } from "./access.ts";
import { identifyByName } from "./people.fixture.ts";
import { installProblems } from "./problem.ts";
import { changeRoutes } from "./routes-changes.ts";

let folder: string;
let journal: Journal;
let changes: Changes;
let app: FastifyInstance;
const clock = handClock(START);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-changes-"));
  journal = await openJournal(folder);
  ({ changes } = await openChanges({ journal, clock, config: readConfig({ FORTROLIG_DATA: folder }) }));
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installProblems(app);
  installAccess(app, { identify: identifyByName });
  guardRoutes(app);
  await app.register(changeRoutes, { changes });
});
afterEach(async () => {
  await app.close();
  await changes[Symbol.asyncDispose]();
  await journal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** With a session, from a page of this gateway; `""`: nobody. */
const as = (name: string): Record<string, string> =>
  name === "" ? {} : { cookie: `session=${name}`, "sec-fetch-site": "same-origin" };

async function ask(name: string, method: "GET" | "POST" | "PUT", path = "", body?: object, headers = as(name)) {
  const url = `/api/v1/changes${path}`;
  const answer = await app.inject({ method, url, headers, ...(body && { payload: body }) });
  return { status: answer.statusCode, body: answer.json() as ChangesView & { detail?: string } };
}
/** What stands there now, approved as it is shown. */
async function approve(name: string, id = 1, headers = as(name)) {
  const { requestedAt, changes: asked } = (await ask("", "GET")).body.requests.find((one) => one.id === id) ?? {
    requestedAt: inDays(0),
    changes: [],
  };
  return ask(name, "POST", `/${id}/approve`, { requestedAt, changes: asked }, headers);
}
const inDays = (days: number) => new Date(clock.now() + days * DAY).toISOString();
const always = () => ({ wanted: { "policy.measuring": "always" }, reason: REASON, until: inDays(100) });

describe("settings over HTTP", () => {
  it("are told to everybody, with how another value is given; what comes by the file alone is not", async () => {
    const { body } = await app.inject({ method: "GET", url: "/api/v1/settings" });
    const settings = JSON.parse(body) as SettingView[];
    const first = (path: string) => settings.find((setting) => setting.path === path);
    expect([first("policy.measuring"), first("openingHours.monday.until"), first("devices.k1@K1.room")]).toEqual([
      {
        path: "policy.measuring",
        value: "opening-hours",
        entry: "choice",
        choices: ["always", "opening-hours"],
        canGo: false,
      },
      { path: "openingHours.monday.until", value: "16:00", entry: "time", choices: [], canGo: false },
      { path: "devices.k1@K1.room", value: "K1", entry: "none", choices: [], canGo: true },
    ]);
    expect(new Set(settings.map(({ path }) => path.split(".")[0]))).toEqual(
      new Set(["policy", "openingHours", "retention", "rooms", "boundaries", "devices"]),
    );
  });

  it("each can be asked for as it is offered, and to go where it may", async () => {
    const { body } = await app.inject({ method: "GET", url: "/api/v1/settings" });
    const others = { number: (value: unknown) => Number(value) + 30, time: () => "12:00" };
    for (const { path, value, entry, choices, canGo } of JSON.parse(body) as SettingView[]) {
      const values = [
        ...(entry === "choice" ? choices.filter((choice) => choice !== value) : []),
        ...(entry === "number" || entry === "time" ? [others[entry](value)] : []),
        ...(canGo ? [null] : []),
      ];
      expect(values.length, path).toBeGreaterThan(0);
      for (const wanted of values) {
        const { status } = await ask("team-lead", "POST", "/weigh", { wanted: { [path]: wanted } });
        expect({ path, wanted, status }).toEqual({ path, wanted, status: 200 });
      }
    }
  });

  it("are weighed before they are asked for, and nothing is asked for by that", async () => {
    const wanted = { "policy.measuring": "always", "retention.raw": 7 };
    const url = "/api/v1/changes/weigh";
    const weighed = await app.inject({ method: "POST", url, headers: as("dpo"), payload: { wanted } });
    expect(weighed.json()).toEqual({
      narrowing: [{ path: "retention.raw", before: 14, after: 7 }],
      widening: [{ path: "policy.measuring", before: "opening-hours", after: "always" }],
      noticeDays: 42,
    });
    const { body } = await ask("dpo", "POST", "/weigh", { wanted: { "retention.raw": 14 } });
    expect(body).toMatchObject({ type: "nothing-changes", detail: "nothing would change" });
    expect((await ask("dpo", "GET")).body.requests).toEqual([]);
  });
});

describe("changes over HTTP", () => {
  it("are asked for, approved by two, and told to everybody without people and reasons", async () => {
    expect((await ask("team-lead", "POST", "", always())).status).toBe(200);
    expect((await approve("dpo")).status).toBe(200);
    const { body: half } = await ask("", "GET");
    expect(half.requests).toEqual([
      {
        id: 1,
        origin: "person",
        phase: "requested",
        requestedAt: inDays(0),
        changes: [{ path: "policy.measuring", before: "opening-hours", after: "always" }],
        reason: null,
        hasReason: true,
        until: inDays(100),
        noticeDays: 42,
        approvedBy: ["dpo"],
        needs: ["staff-rep"],
        daysLeft: 30,
        over: null,
        may: [],
      },
    ]);
    const { body: seen } = await ask("staff-rep", "GET");
    expect(seen.requests[0]).toMatchObject({ reason: REASON, may: ["approve", "refuse", "withdraw"] });
    const { body: toProgram } = await ask("staff-rep", "GET", "", undefined, { authorization: "Bearer staff-rep" });
    expect(toProgram.requests[0]).toMatchObject({ reason: REASON, may: ["refuse", "withdraw"] });
    const { body } = await approve("staff-rep");
    expect(body.requests[0]).toMatchObject({
      phase: "notice",
      daysLeft: 42,
      approvedBy: ["dpo", "staff-rep"],
      needs: [],
    });
    const entries = await journal.auditAfter(0, 10_000);
    expect(entries.map(({ actor, action, scope }) => [actor, action, new URLSearchParams(scope).get("event")])).toEqual(
      [
        ["gateway", "configuration-change", "baseline"],
        ["team-lead", "configuration-change", "requested"],
        ["dpo", "approval", "approved"],
        ["staff-rep", "approval", "approved"],
        ["gateway", "configuration-change", "notice"],
      ],
    );
  });

  it.each([
    ["nobody", "", "POST", "", 401],
    ["staff", "room-staff K1", "POST", "", 403],
    ["an approver who would widen", "dpo", "POST", "", 403],
  ] as const)("%s is refused", async (_who, name, method, path, status) => {
    await ask("facilities+dpo", "POST", "", always());
    expect((await ask(name, method, path, always())).status).toBe(status);
  });

  it.each([
    ["a team lead who would approve", "team-lead", 1, 403],
    ["who approves what is not there", "dpo", 9, 404],
    ["who asked, approving", "facilities+dpo", 1, 403],
  ] as const)("%s is refused", async (_who, name, id, status) => {
    await ask("facilities+dpo", "POST", "", always());
    expect((await approve(name, id)).status).toBe(status);
  });

  it("what has been changed since it was read is not approved", async () => {
    const short = { ...always(), wanted: { "openingHours.monday.until": "17:00" } };
    await ask("team-lead", "POST", "", short);
    const { requestedAt, changes: read } = (await ask("dpo", "GET")).body.requests[0]!;
    clock.advanceTo(clock.now() + HOUR);
    await ask("team-lead", "PUT", "/1", always());
    const { status, body } = await ask("dpo", "POST", "/1/approve", { requestedAt, changes: read });
    expect([status, body]).toMatchObject([409, { type: "revised-since" }]);
    expect((await ask("dpo", "POST", "/1/approve", {})).status).toBe(400);
    expect((await approve("dpo")).body.requests[0]).toMatchObject({ approvedBy: ["dpo"] });
  });

  it("a program approves nothing, and asks for nothing that its token was not made for", async () => {
    await ask("team-lead", "POST", "", always());
    const token = (name: string) => ({ authorization: `Bearer ${name}` });
    expect((await approve("", 1, token("dpo") as never)).body.detail).toBe(
      "a person approves, signed in; not a program",
    );
    const narrowOnly = token("team-lead  only:narrow-setting") as never;
    expect((await ask("", "POST", "", always(), narrowOnly)).status).toBe(403);
    const narrower = { wanted: { "retention.raw": 7 } };
    expect((await ask("", "POST", "", narrower, narrowOnly)).status).toBe(200);
    expect(changes.state().agreed["retention.raw"]).toBe(7);
  });

  it.each([
    [
      "a reason with a civil registration number",
      { reason: "Because of 010190-1234 in room 3" },
      /registration number/,
    ],
    ["no reason", { reason: "" }, /needs a reason/],
    ["an end before its notice is over", { until: new Date(START + 20 * DAY).toISOString() }, /notice/],
    ["a setting that there is not", { wanted: { "policy.listening": true } }, /no such setting/],
    ["a value that there is not", { wanted: { "policy.measuring": "at night" } }, /policy.measuring/],
    ["a thing that comes by the file", { wanted: { "devices.k1@K1.room": "K2" } }, /configuration file/],
    ["free text for a place", { wanted: { history: "ask somebody" } }, /like influxdb/],
    ["free text for a time", { wanted: { "openingHours.monday.from": "when somebody comes" } }, /HH:MM/],
    ["free text for a switch", { wanted: { mqttPlain: "because of somebody" } }, /configuration file/],
    ["a fraction of a day", { wanted: { "retention.raw": 14.5 } }, /number of days/],
    ["an end before history is known to have it", { wanted: { "retention.episodes": 14 } }, /days, 15 at least/],
    ["no value where a start needs one", { wanted: { timeZone: null } }, /timeZone cannot be without/],
    ["no value, so that the file's would count", { wanted: { "retention.raw": null } }, /raw cannot be without/],
  ])("%s is refused, and says why", async (_what, wrong, detail) => {
    const { status, body } = await ask("facilities", "POST", "", { ...always(), ...wrong });
    expect([status, body.detail]).toEqual([400, expect.stringMatching(detail)]);
    expect(changes.state().requests).toEqual([]);
  });

  it("nobody approves what a program of theirs has asked for", async () => {
    const program = { authorization: "Bearer facilities  of:facilities+dpo" };
    expect((await ask("", "POST", "", always(), program)).status).toBe(200);
    expect((await approve("facilities+dpo")).body.detail).toMatch(/nobody approves/);
    expect((await approve("dpo")).status).toBe(200);
  });

  it("a request that was changed begins again; one that is withdrawn is not open any more", async () => {
    await ask("it-admin", "POST", "", always());
    await approve("dpo");
    clock.advanceTo(clock.now() + HOUR);
    const revised = { reason: "The cleaning is to be left out.", until: inDays(60) };
    expect((await ask("facilities", "PUT", "/1", revised)).status).toBe(403);
    expect((await ask("it-admin", "PUT", "/1", revised)).body.requests[0]).toMatchObject({
      ...revised,
      approvedBy: [],
    });
    expect((await ask("staff-rep", "POST", "/1/withdraw")).body.requests[0]).toMatchObject({ phase: "withdrawn" });
    expect((await approve("dpo")).status).toBe(409);
  });
});
