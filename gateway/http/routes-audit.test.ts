/** Who is told what of the audit log, and that who asks is in it. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditPageView } from "#protocol/audit.ts";
import type { Person } from "../access/person.ts";
import { type Checkpoint, publicKeyOf } from "../audit/checkpoint.ts";
import { startCheckpoints } from "../audit/daily.ts";
import type { AuditEntry } from "../audit/entry.ts";
import { deed, key, linesOf, logged, MINUTE, person, T } from "../audit/log.fixture.ts";
import { roomsIn } from "../audit/rooms-in.ts";
import { verifier } from "../audit/verify.ts";
import { handClock } from "../clock.ts";
import { readConfig } from "../config.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { type House, openHouse } from "./house.fixture.ts";

const { site } = readConfig({});
const now = T + 60 * MINUTE;
const deeds = [
  deed(0, { actor: "lead", role: "team-lead", scope: "room=K1&from=2026-11-01" }),
  deed(1, { actor: "facilities", role: "facilities", object: "report", scope: "", count: 13 }),
  deed(2, { actor: "staff", role: "room-staff", object: "pair history", scope: "fromRoom=K2&toRoom=K1", count: 2 }),
  deed(3, { actor: "lead", role: "team-lead", object: "rooms", scope: "rooms=K2%2CK3", count: 2 }),
  deed(4, { actor: "admin", role: "it-admin", action: "sign-in", object: "session", scope: "", reason: "break-glass" }),
];
const people: Readonly<Record<string, Person>> = {
  dpo: person("dpo", ["dpo"]),
  staff: person("staff", ["room-staff"], ["K1"]),
  lead: person("lead", ["team-lead"], ["K1"]),
  admin: person("admin", ["it-admin"]),
  nothing: person("nothing", []),
};

let house: House;
let journal: Journal;
let isFull: boolean;
let latest: Checkpoint | null;

beforeEach(async () => {
  [isFull, latest] = [false, null];
  const folder = mkdtempSync(join(tmpdir(), "fortrolig-audit-"));
  journal = await openJournal(folder);
  for (const one of deeds) await journal.audit(one);
  const audit = (entry: AuditEntry) => (isFull ? Promise.reject(new Error("disk is full")) : journal.audit(entry));
  house = await openHouse({
    journal: { ...journal, audit },
    clock: handClock(now),
    audit: { publicKey: publicKeyOf(key), latest: () => latest },
    identify: ({ authorization }) => people[authorization ?? ""],
  });
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
  await journal[Symbol.asyncDispose]();
});

it("who opens the stream is entered with all that it tells: who is told past alerts has looked at the whole house", async () => {
  const origin = await house.app.listen({ port: 0, host: "127.0.0.1" });
  for (const authorization of ["dpo", "staff", "admin"]) {
    const stop = new AbortController();
    await fetch(`${origin}/api/v1/stream`, { headers: { authorization }, signal: stop.signal });
    stop.abort();
  }
  const looks = (await journal.auditAfter(deeds.length, 100)).filter(({ object }) => object === "stream");
  const signs = site.rooms.filter(({ kind }) => kind === "conversation-room").map(({ id }) => id);
  expect(looks.map(({ scope }) => [...(roomsIn(scope) ?? ["all"])])).toEqual([["all"], ["K1", ...signs], []]);
});

it("every room that somebody is told of is named, however many and long they are", async () => {
  const ids = Array.from({ length: 40 }, (_, n) => `building-a-office-on-the-left-${n}`);
  const room = site.rooms.find(({ kind }) => kind === "shared-office")!;
  const rooms = [...ids, "elsewhere"].map((id) => ({ ...room, id }));
  await using large = await openHouse({ journal, site: { ...site, rooms, devices: [], boundaries: [] } });
  await large.app.inject({ url: "/api/v1/rooms", headers: { authorization: `Bearer team-lead ${ids.join(",")}` } });
  const [look] = (await journal.auditAfter(deeds.length, 100)).filter(({ object }) => object === "rooms");
  expect([...roomsIn(look!.scope)!]).toEqual(ids);
  expect(look).toMatchObject({ count: ids.length });
});

const get = async (who: string, path: string) => {
  const { statusCode, body, headers } = await house.app.inject({
    url: `/api/v1/audit${path}`,
    headers: { authorization: who },
  });
  return { status: statusCode, body, headers };
};
const page = async (who: string, path = ""): Promise<AuditPageView> => JSON.parse((await get(who, path)).body);
/** As minutes after T, which are numbers less one. */
const seqs = ({ entries, next }: AuditPageView) => [
  entries.map(({ time }) => (Date.parse(time) - T) / MINUTE + 1),
  next && (Date.parse(next) - T) / MINUTE + 1,
];

describe("the audit log", () => {
  it("is told newest first, to each what its role allows", async () => {
    expect((await page("dpo")).entries[0]).toEqual({
      seq: 5,
      time: "2026-11-02T08:04:00.000Z",
      actor: "admin",
      role: "it-admin",
      action: "sign-in",
      object: "session",
      scope: "",
      rooms: null,
      reason: "break-glass",
      count: 1,
      hash: logged(deeds)[4]!.hash,
    });
    expect((await page("lead")).entries[0]).toMatchObject({
      actor: "lead",
      scope: "rooms=K2%2CK3",
      rooms: ["K2", "K3"],
    });
    expect([(await page("dpo")).reach, (await page("staff")).reach]).toEqual([["all"], ["own-rooms"]]);
    expect(seqs(await page("dpo", "?to=2026-11-02T08:05:00Z"))).toEqual([[5, 4, 3, 2, 1], null]);
    expect(seqs(await page("staff"))).toEqual([[3, 2, 1], null]);
    expect(seqs(await page("lead"))).toEqual([[4, 1], null]);
    expect((await get("nothing", "")).status).toBe(403);
    expect((await get("nobody", "")).status).toBe(401);
  });

  it("can be asked for a period, a room, a person, a deed, and page by page", async () => {
    const times = "from=2026-11-02T08:01:00Z&to=2026-11-02T08:04:00Z";
    expect(seqs(await page("dpo", `?${times}`))).toEqual([[4, 3, 2], null]);
    expect(seqs(await page("dpo", `?${times}&room=K1`))).toEqual([[3, 2], null]);
    expect(seqs(await page("dpo", `?${times}&actor=lead`))).toEqual([[4], null]);
    expect(seqs(await page("dpo", "?action=sign-in"))).toEqual([[5], null]);
    expect(seqs(await page("dpo", "?object=report"))).toEqual([[2], null]);
    expect(seqs(await page("dpo", `?${times}&limit=2`))).toEqual([[4, 3], 3]);
    expect(seqs(await page("dpo", "?from=2026-11-02T08:01:00Z&to=2026-11-02T08:02:00Z&limit=2"))).toEqual([[2], null]);
    expect(seqs(await page("dpo", `?${times}&limit=3`))).toEqual([[4, 3, 2], null]);
    for (const query of ["action=dance", "limit=0", "limit=501", "name=x", "from=yesterday"])
      expect((await get("dpo", `?${query}`)).status, query).toBe(400);
  });

  it("is looked through in portions: a page may end before there is anything to show, and never within a moment", async () => {
    const later = (n: number) => deed(5 + Math.floor(n / 2) / 1000, { scope: `room=K${4 + (n % 2)}` });
    await Promise.all(Array.from({ length: 10_101 }, (_, n) => journal.audit(later(n))));
    const first = await page("staff");
    expect([first.entries, first.next]).toEqual([[], new Date(later(101).at).toISOString()]);
    expect(seqs(await page("staff", `?to=${first.next}`))).toEqual([[3, 2, 1], null]);
    const { entries, next } = await page("dpo", `?to=${first.next}&limit=3`);
    expect([entries.map(({ scope }) => scope), next]).toEqual([
      ["room=K4", "room=K5", "room=K4", "room=K5"].toReversed(),
      new Date(later(97).at).toISOString(),
    ]);
  });

  it("tells who is not told all of it nothing of how much others do", async () => {
    expect((await page("staff")).entries.map(({ seq, hash }) => [seq, hash])).toEqual(Array(3).fill([null, null]));
  });

  it("knows who has read it: each look is in it, with what was asked and how much was shown", async () => {
    await page("staff", "?room=K1");
    await get("dpo", "/export");
    expect((await journal.auditAfter(5, 10)).map((entry) => ({ ...entry, previous: "", hash: "" }))).toEqual([
      {
        seq: 6,
        time: new Date(now).toISOString(),
        actor: "staff",
        role: "room-staff",
        action: "read-log",
        object: "audit",
        scope: "room=K1",
        count: 3,
        previous: "",
        hash: "",
      },
      expect.objectContaining({ seq: 7, actor: "dpo", action: "export", object: "audit", count: 7 }),
    ]);
  });

  it("is not told when the look cannot be written down", async () => {
    isFull = true;
    for (const path of ["", "/export"]) {
      const { status, body } = await get("dpo", path);
      expect(status).toBe(503);
      expect(JSON.parse(body).detail).toBe("the read could not be entered in the audit log, so it is not answered");
    }
  });
});

describe("the export", () => {
  it("is the whole log with this export as its end, sound by itself, and for those who see everything", async () => {
    await Promise.all(Array.from({ length: 1200 }, (_, n) => journal.audit(deed(5 + n))));
    const { status, body, headers } = await get("dpo", "/export");
    expect([status, headers["content-type"], headers["content-disposition"]]).toEqual([
      200,
      "application/jsonl; charset=utf-8",
      'attachment; filename="fortrolig-jobcentre-audit-2026-11-02.jsonl"',
    ]);
    const lines = body.trimEnd().split("\n");
    expect(lines).toEqual(linesOf(await journal.auditAfter(0, 10_000)));
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ seq: 1206, actor: "dpo", action: "export" });
    const verifying = verifier([]);
    for (const line of lines) verifying.line(line);
    expect(verifying.finish()).toMatchObject({ sound: true, entries: 1206 });
    for (const who of ["lead", "staff", "nothing"]) expect((await get(who, "/export")).status, who).toBe(403);
  });
});

describe("what everybody may know", () => {
  it("is how the log stood at the last checkpoint, the key, and every checkpoint", async () => {
    await using checkpoints = await startCheckpoints({ site, journal, clock: handClock(now), key });
    latest = checkpoints.latest();
    await journal.audit(deed(6));
    const before = await journal.auditHead();
    const told = { publicKey: publicKeyOf(key), checkpoint: { ...latest, count: 5 } };
    const witnessed = { count: 5, head: logged(deeds)[4]!.hash, ...told };
    for (const who of ["nobody", "lead"]) expect(JSON.parse((await get(who, "/head")).body), who).toEqual(witnessed);
    expect(JSON.parse((await get("dpo", "/head")).body)).toEqual({ count: 6, head: before.hash, ...told });
    const { body, headers } = await get("nobody", "/checkpoints");
    expect(headers["content-type"]).toBe("application/jsonl; charset=utf-8");
    expect(
      body
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(await journal.checkpoints());
    expect(await journal.auditHead(), "and nobody is written down for it").toEqual(before);
  });
});

describe("a look at rooms", () => {
  it("is entered with those it was at, whatever else its address says", async () => {
    for (const path of ["rooms", "rooms?rooms=S1", "rooms?room=S1", "pairs?fromRoom=S1"])
      expect((await house.app.inject({ url: `/api/v1/${path}`, headers: { authorization: "lead" } })).statusCode).toBe(
        200,
      );
    const entered = await journal.auditAfter(deeds.length, 10);
    expect(entered.map(({ scope }) => scope)).toEqual(Array(4).fill("rooms=K1"));
  });

  it("is entered without a word of whoever asks, also where it is refused", async () => {
    const words = "Jens%20Hansen%20er%20syg";
    const looks: [string, string, number, string][] = [
      ["dpo", `history/K1?from=${words}`, 400, "room=K1&from=%3F"],
      ["dpo", `history/Jens-Hansen-er-syg`, 404, "room=%3F"],
      ["dpo", `history/k1?to=2026-11-02T08:30:00Z`, 200, "room=K1&to=2026-11-02T08%3A30%3A00Z"],
      ["dpo", `pairs/K1/Jens-Hansen?to=${words}`, 404, "fromRoom=K1&toRoom=%3F&to=%3F"],
      ["dpo", `alerts?from=${words}`, 400, "from=%3F"],
      [
        "dpo",
        `report?compareFrom=${words}&compareTo=2026-10-01&format=csv`,
        400,
        "compareFrom=%3F&compareTo=2026-10-01&format=csv&language=da",
      ],
      [
        "dpo",
        `audit?object=${words}&actor=${words}&room=Jens&action=read`,
        200,
        "action=read&actor=%3F&object=%3F&room=%3F",
      ],
    ];
    for (const [who, path, status] of looks)
      expect(
        (await house.app.inject({ url: `/api/v1/${path}`, headers: { authorization: who } })).statusCode,
        path,
      ).toBe(status);
    const entered = await journal.auditAfter(deeds.length, 100);
    expect(entered.map(({ scope }) => scope)).toEqual(looks.map(([, , , scope]) => scope));
    expect(JSON.stringify(entered)).not.toMatch(/jens|hansen|syg/i);
  });

  it("is found by its room, in whatever case that was written", async () => {
    await journal.audit(deed(5, { scope: "room=k1" }));
    expect(seqs(await page("dpo", "?room=K1"))[0]).toContain(6);
  });
});
