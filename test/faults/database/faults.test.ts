/**
 * Whatever happens between the gateway and its database, in the end the database holds every reading that was
 * acknowledged, once; what the forwarder says meanwhile is the table of gateway/history/README.md.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HistoryTrouble } from "#protocol/api.ts";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import type { Fault } from "./proxy.ts";
import { openScene, type Scene } from "./scene.ts";

const admin = { username: "root", password: "root" };
let influxd: Influxd;
let guarded: Influxd;
beforeAll(async () => {
  [influxd, guarded] = await Promise.all([startInfluxd(), startInfluxd({ admin })]);
});
afterAll(() => Promise.all([influxd?.[Symbol.asyncDispose](), guarded?.[Symbol.asyncDispose]()]));

const HOUR_MS = 3_600_000;
const SOME = 40;
const HTML = "<html><h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port</html>";
const error = (text: string) => JSON.stringify({ error: text });
const answer = (status: number, body = "", retryAfter?: string): Fault =>
  retryAfter === undefined ? { kind: "answer", status, body } : { kind: "answer", status, body, retryAfter };

interface Meant {
  readonly state: "waiting" | "held";
  readonly trouble: HistoryTrouble;
  readonly reason: RegExp;
  /** Between two attempts, s of the forwarder's time: from, to. */
  readonly apart: readonly [number, number];
}
const meant = (
  state: Meant["state"],
  trouble: HistoryTrouble,
  reason: RegExp,
  apart: Meant["apart"] = [0, 32],
): Meant => ({ state, trouble, reason, apart });

/** A database that does nothing right for a while: everything is kept, tried again, and there in the end. */
const passing: readonly (readonly [string, Fault | "down", "all" | "writes", Meant])[] = [
  ["down", "down", "all", meant("waiting", "no-answer", /^no answer: ECONNREFUSED$/)],
  ["401", answer(401, error("authorization failed")), "all", meant("held", "sign-in", /^401 .*authorization failed/)],
  ["403", answer(403, error("not authorized")), "writes", meant("held", "sign-in", /^403 .*not authorized/)],
  ["404", answer(404, error('database not found: "x"')), "writes", meant("held", "missing", /^404 .*not found/)],
  ["408", answer(408), "writes", meant("waiting", "busy", /^408$/)],
  ["429, 90 s", answer(429, "", "90"), "writes", meant("waiting", "busy", /^429$/, [90, 92])],
  ["429, 90 s, of queries too", answer(429, "", "90"), "all", meant("waiting", "busy", /^429/, [90, 92])],
  ["429 that names no time", answer(429), "writes", meant("waiting", "busy", /^429$/)],
  [
    "500, unknown retention policy",
    answer(500, error("retention policy not found: raw")),
    "writes",
    meant("held", "missing", /^500 .*retention policy not found/),
  ],
  [
    "500, its cache is full",
    answer(500, error("engine: cache-max-memory-size exceeded")),
    "writes",
    meant("waiting", "busy", /^500/),
  ],
  ["503", answer(503, "Service Unavailable"), "all", meant("waiting", "busy", /Service Unavailable/)],
  ["503, 90 s", answer(503, "", "90"), "writes", meant("waiting", "busy", /^503/, [90, 92])],
  ["302 to a page for signing in", answer(302), "writes", meant("held", "other", /^302$/)],
  [
    "a cap on series",
    answer(400, error("partial write: max-series-per-database limit exceeded")),
    "writes",
    meant("held", "limit", /^400/),
  ],
  [
    "400 to everything, from something before it",
    answer(400, HTML),
    "all",
    meant("held", "other", /^400 .*HTTPS port/s),
  ],
  ["400 to every write", answer(400, HTML), "writes", meant("held", "other", /takes no point/)],
  ["413 to every write", answer(413), "writes", meant("held", "other", /takes no point/)],
  ["422 to every write", answer(422, error("unprocessable")), "writes", meant("held", "other", /takes no point/)],
  ["hangs", { kind: "hang", stored: false }, "writes", meant("waiting", "busy", /^no answer: TimeoutError$/)],
  ["hangs, all of it", { kind: "hang", stored: false }, "all", meant("waiting", "busy", /^no answer/)],
  ["stores and hangs", { kind: "hang", stored: true }, "writes", meant("waiting", "busy", /^no answer: TimeoutError$/)],
  [
    "its answer is cut short",
    { kind: "truncated", stored: true },
    "writes",
    meant("waiting", "no-answer", /^no answer/),
  ],
  [
    "answers to queries are cut short",
    { kind: "truncated", stored: false },
    "all",
    meant("waiting", "no-answer", /^no answer/),
  ],
  [
    "resets",
    { kind: "reset", stored: false },
    "all",
    meant("waiting", "no-answer", /^no answer: .*(ECONNRESET|SOCKET)/),
  ],
  ["stores and resets", { kind: "reset", stored: true }, "writes", meant("waiting", "no-answer", /^no answer/)],
  [
    "a byte at a time",
    { kind: "drip", stored: true, everyMs: 50 },
    "writes",
    meant("waiting", "busy", /^no answer: TimeoutError$/),
  ],
];

/** An answer may take this long, in real time, where waiting for it is what the fault costs. */
const SILENT_MS = 1000;
const timeoutFor = (fault: Fault | "down") =>
  fault !== "down" && ["hang", "drip", "truncated"].includes(fault.kind) ? { timeoutMs: SILENT_MS } : {};

const apartS = (times: readonly number[]) => times.slice(1).map((at, i) => (at - times[i]!) / 1000);
const behind = ({ forwarder }: Scene) => forwarder.status().behind;

describe.concurrent("a database that does nothing right for a while", () => {
  it.each(passing)("%s", { timeout: 60_000 }, async (_, fault, to, { state, trouble, reason, apart }) => {
    await using scene = await openScene(influxd, timeoutFor(fault));
    const { proxy, tries, until } = scene;
    await scene.say(SOME);
    await until(() => behind(scene) === 0);
    if (fault === "down") await proxy.down();
    else proxy.fault(fault, to);
    const before = tries.length;
    const acknowledged = await scene.say(SOME);
    await until(() => scene.forwarder.status().state !== "flowing");
    const told = { state, trouble, reason: expect.stringMatching(reason), behind: SOME };
    expect(scene.forwarder.status()).toMatchObject(told);

    if (fault === "down") await until(() => scene.clock.now() > tries.at(-1)! + HOUR_MS);
    else await until(() => tries.length >= before + 4);
    expect(scene.forwarder.status()).toMatchObject({ state, behind: SOME, reason: expect.any(String) });
    for (const s of apartS(tries.slice(before))) {
      expect(s).toBeGreaterThanOrEqual(apart[0]);
      expect(s).toBeLessThan(apart[1]);
    }

    if (fault === "down") await proxy.up();
    else proxy.pass();
    await until(() => behind(scene) === 0 && scene.forwarder.status().state === "flowing");
    expect([await scene.stored(), await scene.journal.quarantined(10)]).toEqual([acknowledged, []]);
  });
});

describe("points that the database refuses", () => {
  const WHY = "field type conflict: input field";
  const bad = { laeq: 66 };
  const isBad = (line: string) => line.includes("laeq=66");

  it.each([400, 422] as const)(
    "%i: the bad ones go to quarantine, the others are stored, nobody waits",
    async (status) => {
      await using scene = await openScene(influxd);
      scene.proxy.fault({ kind: "partial", status, isBad, why: WHY }, "writes");
      await scene.say(300);
      await scene.say(1, bad);
      await scene.say(99);
      await scene.say(2, bad);
      await scene.until(() => behind(scene) === 0);
      expect(scene.forwarder.status()).toMatchObject({ state: "flowing", written: 399, refused: 3 });
      expect(await scene.stored()).toBe(399);
      const set = (await scene.journal.quarantined(10)).map(({ topic, payload, detail }) => [
        topic,
        JSON.parse(Buffer.from(payload).toString()).seq,
        detail.includes(WHY),
      ]);
      const topic = "fortrolig/v1/jobcentre/k1/level";
      expect(set).toEqual([300, 400, 401].map((seq) => [topic, seq, true]));
    },
  );

  it("413: a batch that is too large goes in parts, and no point is bad for it", async () => {
    await using scene = await openScene(influxd);
    scene.proxy.fault({ kind: "too-large", bytes: 5000 }, "writes");
    const acknowledged = await scene.say(1000);
    await scene.until(() => behind(scene) === 0);
    expect([await scene.stored(), await scene.journal.quarantined(1)]).toEqual([acknowledged, []]);
    expect(scene.proxy.seen.filter(({ status }) => status === 413).length).toBeGreaterThan(10);
  });

  it("a field that somebody else has written with another type holds everything until it is gone", async () => {
    await using scene = await openScene(influxd);
    await scene.say(SOME);
    await scene.until(() => behind(scene) === 0);
    // Of another day, whose shard has no type yet.
    const t = scene.clock.now() - 7 * 86_400_000;
    const foreign = `level,device=foreign,room=K1,site=x laeq="loud" ${t}`;
    const url = `${influxd.url}/write?${new URLSearchParams({ db: scene.database, rp: "raw", precision: "ms" })}`;
    expect((await fetch(url, { method: "POST", body: foreign })).status).toBe(204);
    const acknowledged = await scene.say(SOME, {}, t);
    await scene.until(() => scene.forwarder.status().state === "held");
    expect(scene.forwarder.status()).toMatchObject({ trouble: "types", reason: /./, behind: SOME, refused: 0 });
    for (const shard of await shardsBefore(scene, t + 1)) await influxd.query(`DROP SHARD ${shard}`);
    await scene.until(() => behind(scene) === 0 && scene.forwarder.status().state === "flowing");
    expect([await scene.stored(), await scene.journal.quarantined(1)]).toEqual([acknowledged, []]);
  });
});

/** Ids of the shards that begin before a time. */
async function shardsBefore({ database }: Scene, t: number): Promise<unknown[]> {
  const { results } = (await influxd.query("SHOW SHARDS")) as {
    results: { series: { name: string; columns: string[]; values: unknown[][] }[] }[];
  };
  const { columns, values } = results[0]!.series.find(({ name }) => name === database)!;
  const start = columns.indexOf("start_time");
  return values.filter((row) => Date.parse(String(row[start])) <= t).map((row) => row[columns.indexOf("id")]);
}

describe("a database that dies, or changes hands", () => {
  it("SIGKILL in the middle of a write, twice: all is there, once", async () => {
    await using influxd = await startInfluxd();
    await using scene = await openScene(influxd);
    const { proxy, until } = scene;
    for (const round of [1, 2]) {
      await until(() => behind(scene) === 0);
      proxy.fault({ kind: "half-way", happens: () => influxd.kill() }, "writes");
      const acknowledged = await scene.say(12_000);
      await until(() => scene.forwarder.status().state === "waiting");
      expect(scene.forwarder.status()).toMatchObject({ trouble: "no-answer", behind: 12_000 });
      // Its connection ends before its end is told.
      await until(() => influxd.pid === undefined);
      proxy.pass();
      await influxd.start();
      await until(() => behind(scene) === 0 && scene.forwarder.status().state === "flowing");
      expect([round, await scene.stored(), await scene.journal.quarantined(1)]).toEqual([round, acknowledged, []]);
    }
  });

  it("its password is changed: everything is held until the gateway is started with the new one", async () => {
    const user = { username: "changing", password: "old secret" };
    await guarded.query(`CREATE USER changing WITH PASSWORD 'old secret' WITH ALL PRIVILEGES`);
    await using scene = await openScene(guarded, user);
    await scene.say(SOME);
    await scene.until(() => behind(scene) === 0);
    await guarded.query(`SET PASSWORD FOR changing = 'new secret'`);
    await scene.say(SOME);
    await scene.until(() => scene.forwarder.status().state === "held");
    expect(scene.forwarder.status()).toMatchObject({
      trouble: "sign-in",
      reason: expect.stringMatching(/^401 .*authorization failed/),
      behind: SOME,
    });
    expect(scene.forwarder.status().reason).not.toMatch(/secret/);
    await scene.startAgain({ ...user, password: "new secret" });
    const acknowledged = await scene.say(SOME);
    await scene.until(() => behind(scene) === 0);
    expect([await scene.stored(), await scene.journal.quarantined(1)]).toEqual([acknowledged, []]);
  });

  it("its rights are taken away and given back: everything is held, and goes on by itself", async () => {
    const writer = { username: "writer", password: "writer" };
    await guarded.query(`CREATE USER writer WITH PASSWORD 'writer' WITH ALL PRIVILEGES`);
    await using scene = await openScene(guarded, writer);
    await scene.say(SOME);
    await scene.until(() => behind(scene) === 0);
    await guarded.query("REVOKE ALL PRIVILEGES FROM writer");
    const acknowledged = await scene.say(SOME);
    await scene.until(() => scene.forwarder.status().state === "held");
    expect(scene.forwarder.status()).toMatchObject({ trouble: "sign-in", reason: expect.stringMatching(/^403 /) });
    await guarded.query("GRANT ALL PRIVILEGES TO writer");
    await scene.until(() => behind(scene) === 0 && scene.forwarder.status().state === "flowing");
    expect([await scene.stored(), await scene.journal.quarantined(1)]).toEqual([acknowledged, []]);
  });
});
