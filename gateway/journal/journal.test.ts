import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Alert, Transition } from "../alerts/alert.ts";
import { START } from "../audit/chain.ts";
import { deed, logged, logOf, witnessed } from "../audit/log.fixture.ts";
import type { Episode } from "../detect/facts.ts";
import type { PairDay, PairMinute } from "../detect/leakage/facts.ts";
import type { Journal, Message } from "./journal.ts";
import { openJournal } from "./open-journal.ts";
import { rowSum } from "./row-sum.ts";
import { FORMAT, FORMAT_NOTE } from "./schema.ts";

const T = 1_780_000_000_000;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const message = (seq: number, over: Partial<Message> = {}): Message => ({
  device: "k1-1",
  channel: "level",
  boot: "0a1b2c3d",
  seq,
  t: T + seq * 10_000,
  receivedAt: T + seq * 10_000 + 50,
  payload: new TextEncoder().encode(`{"seq":${seq}}`),
  ...over,
});

let folder: string;
let journal: Journal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-journal-"));
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
const reopen = async () => {
  await journal[Symbol.asyncDispose]();
  journal = await openJournal(folder);
};
const appendAll = (messages: readonly Message[]) => Promise.all(messages.map((m) => journal.append(m)));

describe("messages", () => {
  it("come back as they went in, in order, after a restart too", async () => {
    const sent = [
      message(0, { channel: "state" }),
      message(1, { device: "k2-1", channel: "stats" }),
      message(2, { boot: "ffffffff", channel: "health", seq: 2 ** 48 }),
      message(3),
    ];
    expect(await appendAll(sent)).toEqual([1, 2, 3, 4].map((id) => ({ kind: "stored", id })));
    const expected = sent.map((m, i) => ({ ...m, id: i + 1 }));
    const bytes = (list: readonly Message[]) => list.map((m) => ({ ...m, payload: text(m.payload) }));
    expect(bytes(await journal.messagesAfter(0, 10))).toEqual(bytes(expected));
    await reopen();
    expect(bytes(await journal.messagesAfter(0, 10))).toEqual(bytes(expected));
    expect(journal.lastId()).toBe(4);
    expect(await journal.append(message(9))).toEqual({ kind: "stored", id: 5 });
  });

  it("are read from any place and in any portion", async () => {
    for (let i = 0; i < 10; i++) await appendAll(Array.from({ length: 7 }, (_, k) => message(7 * i + k)));
    const ids = async (after: number, limit: number) => (await journal.messagesAfter(after, limit)).map((m) => m.id);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 75 }), fc.integer({ min: 1, max: 30 }), async (after, limit) => {
        const expected = Array.from({ length: 70 }, (_, i) => i + 1).filter((id) => id > after);
        expect(await ids(after, limit)).toEqual(expected.slice(0, limit));
      }),
      { numRuns: 60 },
    );
  });

  it("larger than a segment, and empty ones beside them, are kept whole", async () => {
    const payload = new Uint8Array(randomBytes(600_000));
    await appendAll([message(0), message(1, { payload }), message(2)]);
    const [, large] = await journal.messagesAfter(0, 3);
    expect(Buffer.from(large!.payload).equals(payload)).toBe(true);
  });

  it("the payload is copied before append returns, so that the caller may use its buffer again", async () => {
    const payload = new TextEncoder().encode("first");
    const appended = journal.append(message(0, { payload }));
    payload.set(new TextEncoder().encode("other"));
    await appended;
    expect(text((await journal.messagesAfter(0, 1))[0]!.payload)).toBe("first");
  });

  it("of a silent room are known but not kept", async () => {
    const silent = { payload: new Uint8Array(0) };
    expect(await journal.append(message(0, silent))).toEqual({ kind: "stored", id: 0 });
    expect(await journal.append(message(1))).toEqual({ kind: "stored", id: 1 });
    expect(await journal.append(message(2, silent))).toEqual({ kind: "stored", id: 1 });
    await reopen();
    expect((await journal.messagesAfter(0, 10)).map((m) => m.seq)).toEqual([1]);
    expect(await journal.append(message(2, silent))).toEqual({ kind: "duplicate" });
    expect(journal.received("k1-1")).toEqual([{ device: "k1-1", boot: "0a1b2c3d", runs: [[0, 2]] }]);
  });
});

describe("duplicates", () => {
  it("are told apart from new ones at once, after a restart, and after the message was forgotten", async () => {
    expect(await appendAll([message(0), message(0), message(1)])).toEqual([
      { kind: "stored", id: 1 },
      { kind: "duplicate" },
      { kind: "stored", id: 2 },
    ]);
    await reopen();
    expect(await journal.append(message(1))).toEqual({ kind: "duplicate" });
    expect(await journal.forget(2, T + 10 ** 9)).toBe(2);
    expect(await journal.append(message(0))).toEqual({ kind: "duplicate" });
    await reopen();
    expect(await journal.append(message(0))).toEqual({ kind: "duplicate" });
    expect(await journal.messagesAfter(0, 10)).toEqual([]);
  });

  it("however readings are repeated, shuffled and cut by restarts, each is stored once and runs say which", async () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.record({ device: fc.constantFrom("a", "b"), seq: fc.integer({ min: 0, max: 20 }) }) },
      { weight: 1, arbitrary: fc.constant("restart" as const) },
    );
    let boot = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const of = { boot: (++boot).toString(16).padStart(8, "0") };
        const before = journal.lastId();
        const pending: Promise<unknown>[] = [];
        const expected = new Set<string>();
        for (const s of steps) {
          if (s === "restart") {
            await Promise.all(pending);
            await reopen();
          } else {
            pending.push(journal.append(message(s.seq, { ...of, device: s.device })));
            expected.add(`${s.device} ${s.seq}`);
          }
        }
        await Promise.all(pending);
        const stored = (await journal.messagesAfter(before, 1000)).map((m) => `${m.device} ${m.seq}`);
        expect(stored.sort()).toEqual([...expected].sort());
        const known = ["a", "b"].flatMap((device) =>
          journal
            .received(device)
            .filter((r) => r.boot === of.boot)
            .flatMap((r) => r.runs)
            .flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => `${device} ${from + i}`)),
        );
        expect(known.sort()).toEqual([...expected].sort());
      }),
      { numRuns: 15 },
    );
  });

  it("what is not synced yet is not told as received", async () => {
    const appended = journal.append(message(0));
    expect(journal.received("k1-1")).toEqual([]);
    expect(journal.lastId()).toBe(0);
    await appended;
    expect(journal.received("k1-1")).toEqual([{ device: "k1-1", boot: "0a1b2c3d", runs: [[0, 0]] }]);
  });
});

describe("forget", () => {
  it("removes exactly what is old enough and through, within segments as well", async () => {
    const arrivals = [5, 1, 9, 2, 8, 3];
    await appendAll(arrivals.map((at, seq) => message(seq, { receivedAt: T + at })));
    expect(await journal.forget(4, T + 5)).toBe(2);
    expect((await journal.messagesAfter(0, 10)).map((m) => [m.id, m.receivedAt - T])).toEqual([
      [1, 5],
      [3, 9],
      [5, 8],
      [6, 3],
    ]);
  });

  it("an id is never used again, even when everything was forgotten", async () => {
    await appendAll([message(0), message(1)]);
    await journal.forget(2, T + 10 ** 9);
    await reopen();
    expect(journal.lastId()).toBe(2);
    expect(await journal.append(message(2))).toEqual({ kind: "stored", id: 3 });
  });

  it("drops what it knew of a boot that nobody can hear from any more", async () => {
    const day = 24 * 3600_000;
    await journal.append(message(0));
    await journal.append(message(0, { boot: "bbbbbbbb", receivedAt: T + 9 * day }));
    await journal.forget(2, T + 9 * day);
    expect(journal.received("k1-1").map((r) => r.boot)).toEqual(["bbbbbbbb"]);
    await reopen();
    expect(journal.received("k1-1").map((r) => r.boot)).toEqual(["bbbbbbbb"]);
  });
});

describe("quarantine", () => {
  const refused = (n: number, payload = new Uint8Array([n, 0xff])) => ({
    topic: `any/topic/${n}`,
    payload,
    reason: "not-json" as const,
    detail: `is not JSON (${n})`,
    receivedAt: T + n,
  });

  it("keeps the bytes as they came, in order, until they are released or purged", async () => {
    await Promise.all([0, 1, 2, 3].map((n) => journal.quarantine(refused(n))));
    await reopen();
    const list = await journal.quarantined(3);
    expect(list.map(({ id: _, ...rest }) => rest)).toEqual([0, 1, 2].map((n) => refused(n)));
    await journal.release([list[1]!.id]);
    expect(await journal.purgeQuarantine(T + 1)).toBe(1);
    expect((await journal.quarantined(10)).map((q) => q.receivedAt - T)).toEqual([2, 3]);
    expect(await journal.quarantineSize()).toBe(2);
  });

  it("holds at most 64 MiB; the oldest go", async () => {
    const payload = new Uint8Array(4 * 1024 * 1024);
    for (let n = 0; n < 20; n++) await journal.quarantine(refused(n, payload));
    expect((await journal.quarantined(100)).map((q) => q.receivedAt - T)).toEqual(
      Array.from({ length: 15 }, (_, i) => i + 5),
    );
  });
});

describe("decisions", () => {
  const episode: Episode = { room: "K1", start: T, end: null, hint: "dialogue" };
  const alert: Alert = {
    id: `conversation-in-shared-office:K1:${T}`,
    rule: "conversation-in-shared-office",
    room: "K1",
    pair: null,
    state: "pending",
    severity: "warning",
    startedAt: T,
    firedAt: null,
    acknowledgedAt: null,
    resolvedAt: null,
    reason: null,
  };
  const pending: Transition = { to: "pending", at: T, alert };
  const firing: Transition = {
    to: "firing",
    at: T + 60_000,
    alert: { ...alert, state: "firing", firedAt: T + 60_000 },
  };
  const resolved: Transition = {
    to: "resolved",
    at: T + 90_000,
    alert: { ...firing.alert, state: "resolved", resolvedAt: T + 90_000, reason: "conversation-ended" },
  };
  const one = (number: number) => [number, `{"part":${number}}`] as const;
  const order = (key: string, createdAt = T) => ({ key, channel: "webhook", body: `{"key":"${key}"}`, createdAt });

  it("recorded twice, in whatever order the second time, change nothing", async () => {
    const ended = { ...episode, end: T + 80_000 };
    const decisions = [
      { episodes: [episode], transitions: [pending] },
      { transitions: [firing], deliveries: [order("a")] },
      { episodes: [ended], transitions: [resolved], snapshot: { name: "lane", json: "{}", throughId: 7 } },
    ];
    const seen = async () => ({
      episodes: await journal.episodes(T - 1, T + 1),
      alerts: await journal.alerts({ from: T, to: T + 1 }),
      transitions: await journal.transitions(alert.id),
      due: await journal.dueDeliveries(T, 10),
    });
    for (const decision of decisions) await journal.record(decision);
    await journal.settleDelivery("a", "done");
    const once = await seen();
    expect(once).toEqual({
      episodes: [ended],
      alerts: [resolved.alert],
      transitions: [pending, firing, resolved],
      due: [],
    });
    for (const decision of [...decisions].reverse()) await journal.record(decision);
    await reopen();
    expect(await seen()).toEqual(once);
    expect(await journal.snapshot("lane")).toEqual({ json: "{}", throughId: 7, parts: [] });
    expect(await journal.snapshot("other")).toBeUndefined();
  });

  it("alerts without a range are those that are open", async () => {
    await journal.record({ transitions: [pending, firing] });
    const other = { ...alert, id: "other", room: "K2", startedAt: T - 5 };
    await journal.record({ transitions: [{ to: "pending", at: T - 5, alert: other }] });
    expect((await journal.alerts()).map((a) => [a.id, a.state])).toEqual([
      ["other", "pending"],
      [alert.id, "firing"],
    ]);
    await journal.record({ transitions: [resolved] });
    expect((await journal.alerts()).map((a) => a.id)).toEqual(["other"]);
  });

  it("episodes and alerts are found by overlap with a half-open range", async () => {
    await journal.record({
      episodes: [
        { ...episode, end: T + 100 },
        { ...episode, room: "K2", start: T + 50 },
      ],
    });
    const rooms = async (from: number, to: number) => (await journal.episodes(T + from, T + to)).map((e) => e.room);
    expect(await rooms(-10, 0)).toEqual([]);
    expect(await rooms(0, 1)).toEqual(["K1"]);
    expect(await rooms(99, 200)).toEqual(["K1", "K2"]);
    expect(await rooms(100, 200)).toEqual(["K2"]);
    expect(await rooms(10 ** 9, 2 * 10 ** 9)).toEqual(["K2"]);
    await journal.record({ transitions: [pending, firing, resolved] });
    const alerts = async (from: number, to: number) => (await journal.alerts({ from: T + from, to: T + to })).length;
    expect([
      await alerts(-5, 0),
      await alerts(0, 1),
      await alerts(89_999, 90_001),
      await alerts(90_000, 90_001),
    ]).toEqual([0, 1, 1, 0]);
  });

  it("a decision is all or nothing, and a bad one does not take its neighbours with it", async () => {
    const broken = { ...resolved, alert: { ...alert, id: null as unknown as string } };
    const results = await Promise.allSettled([
      journal.setNote("before", "1"),
      journal.record({ episodes: [episode], transitions: [broken] }),
      journal.setNote("after", "2"),
      journal.append(message(0)),
    ]);
    expect(results.map((r) => r.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(await journal.episodes(T - 1, T + 1)).toEqual([]);
    expect([await journal.note("before"), await journal.note("after")]).toEqual(["1", "2"]);
    expect((await journal.messagesAfter(0, 1)).length).toBe(1);
  });

  it("a snapshot's parts change with it and with the rest of the decision, and those of no use go", async () => {
    const whole = { name: "lane", json: "1,2,3", throughId: 1, parts: [one(1), one(2), one(3)] };
    await journal.record({ snapshot: whole });
    await journal.record({ snapshot: { name: "leakage", json: "{}", throughId: 1 } });
    await journal.record({ snapshot: { ...whole, json: "1,4,3", throughId: 2, parts: [one(4)], dropped: [2] } });
    const kept = { json: "1,4,3", throughId: 2, parts: [one(1), one(3), one(4)] };
    expect(await journal.snapshot("lane")).toEqual(kept);
    const broken = { ...resolved, alert: { ...alert, id: null as unknown as string } };
    const next = { ...whole, json: "1,4", throughId: 3, parts: [one(5)], dropped: [3] };
    await expect(journal.record({ transitions: [broken], snapshot: next })).rejects.toThrow();
    await reopen();
    expect(await journal.snapshot("lane")).toEqual(kept);
    await journal.record({ snapshot: { ...whole, json: "6", throughId: 4, parts: [one(6)] } });
    await journal.record({ snapshot: { ...whole, json: "6,17", throughId: 5, parts: [one(17)], dropped: [] } });
    expect(await journal.snapshot("lane")).toEqual({ json: "6,17", throughId: 5, parts: [one(17), one(6)] });
    await journal.record({ snapshot: { name: "lane", json: "{}", throughId: 6 } });
    expect(await journal.snapshot("lane")).toEqual({ json: "{}", throughId: 6, parts: [] });
    expect(await journal.snapshot("leakage")).toEqual({ json: "{}", throughId: 1, parts: [] });
  });

  it("what builds on a snapshot's parts is refused with its decision until it is known that they are all there", async () => {
    const whole = { name: "lane", json: "1", throughId: 1, parts: [one(1)] };
    const change = { ...whole, json: "2", throughId: 2, parts: [one(2)], dropped: [1] };
    const refused = () =>
      expect(journal.record({ episodes: [episode], snapshot: change })).rejects.toThrow(
        "snapshot lane: the parts that it builds on may not all be there",
      );
    await refused();
    await journal.record({ snapshot: whole });
    await reopen();
    await refused();
    expect(await journal.episodes(T - 1, T + 1)).toEqual([]);
    expect(journal.health()).toEqual({ kind: "ok" });
    expect(await journal.snapshot("lane")).toEqual({ json: "1", throughId: 1, parts: [one(1)] });
    await journal.record({ snapshot: whole });
    await journal.record({ snapshot: change });
    expect(await journal.snapshot("lane")).toEqual({ json: "2", throughId: 2, parts: [one(2)] });
  });

  it("deliveries come when due, oldest first, until they are settled; a key only once", async () => {
    await journal.record({ deliveries: [order("a"), order("b", T + 5), order("a")] });
    expect(await journal.dueDeliveries(T, 10)).toEqual([{ ...order("a"), attempts: 0, nextAttemptAt: T }]);
    await journal.settleDelivery("a", { nextAttemptAt: T + 60 });
    expect((await journal.dueDeliveries(T + 59, 10)).map((d) => d.key)).toEqual(["b"]);
    await reopen();
    expect(await journal.dueDeliveries(T + 60, 10)).toEqual([
      { ...order("b", T + 5), attempts: 0, nextAttemptAt: T + 5 },
      { ...order("a"), attempts: 1, nextAttemptAt: T + 60 },
    ]);
    await journal.settleDelivery("a", "done");
    await journal.settleDelivery("b", "given-up");
    await journal.record({ deliveries: [order("a")] });
    expect(await journal.dueDeliveries(T + 10 ** 9, 10)).toEqual([]);
  });
});

describe("pairs", () => {
  const minute = (from: string, to: string, n: number, sii5 = 0.42): PairMinute => ({
    from,
    to,
    t: T + n * 60_000,
    situation: {
      from,
      to,
      state: "overheard",
      reason: null,
      reasonRoom: null,
      link: true,
      audibility: { snr: 1.5, sigma: 2.5, sii5, probability: 0.99, hearing: "intelligible" },
    },
    z: 9.1,
    pi: 65,
    spc: 52,
    ld: [20, 25.5, 30, null, null],
  });
  const day = (from: string, to: string, n: number, episodes: number): PairDay => ({
    from,
    to,
    day: T + n * 86_400_000,
    episodes,
    ld: [20, 25.5, 30, null, null],
    sigma: [1, 0.5, 0.7, null, null],
    bound: [null, null, null, 38, 35],
  });
  const DAY = 86_400_000;

  it("minutes and days come back as they went in, in order of time, then of pair, from a half-open range", async () => {
    const minutes = [minute("K1", "K2", 0), minute("K2", "K1", 0), minute("K1", "G1", 1), minute("K1", "K2", 2)];
    const days = [day("K1", "K2", 0, 3), day("K2", "K1", 0, 1), day("K1", "K2", 1, 2)];
    await journal.record({ pairMinutes: [3, 1, 2, 0].map((i) => minutes[i]!), pairDays: days.toReversed() });
    await reopen();
    expect(await journal.pairMinutes(T, T + 120_000)).toEqual(minutes.slice(0, 3));
    expect(await journal.pairMinutes(T + 1, T + 120_001)).toEqual(minutes.slice(2));
    expect(await journal.pairDays(T, T + DAY)).toEqual(days.slice(0, 2));
    expect(await journal.pairDays(T, T + DAY + 1)).toEqual(days);
  });

  it("said again, the last word counts; said the same again, nothing changes", async () => {
    const last = { pairMinutes: [minute("K1", "K2", 0, 0.6)], pairDays: [day("K1", "K2", 0, 4)] };
    await journal.record({ pairMinutes: [minute("K1", "K2", 0)], pairDays: [day("K1", "K2", 0, 3)] });
    for (let i = 0; i < 2; i++) {
      await journal.record(last);
      expect(await journal.pairMinutes(T, T + 1)).toEqual(last.pairMinutes);
      expect(await journal.pairDays(T, T + 1)).toEqual(last.pairDays);
    }
  });

  it("minutes are purged, days are not", async () => {
    await journal.record({
      pairMinutes: [minute("K1", "K2", 0), minute("K1", "K2", 1)],
      pairDays: [day("K1", "K2", -9, 1)],
    });
    expect(await journal.purgePairMinutes(T + 60_000)).toBe(1);
    expect(await journal.pairMinutes(0, T + DAY)).toEqual([minute("K1", "K2", 1)]);
    expect(await journal.pairDays(0, T + DAY)).toEqual([day("K1", "K2", -9, 1)]);
  });

  it("of the talk in a silent room no minute is in the file, whoever records it; its boundary is", async () => {
    await journal[Symbol.asyncDispose]();
    journal = await openJournal(folder, { silentRooms: ["K6"] });
    await journal.record({
      pairMinutes: [minute("K6", "K5", 0), minute("K5", "K6", 0)],
      pairDays: [day("K6", "K5", 0, 2)],
    });
    await journal[Symbol.asyncDispose]();
    using db = new DatabaseSync(join(folder, "journal.db"), { readOnly: true });
    const rows = (sql: string) =>
      db
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }));
    expect(rows(`SELECT "from", "to" FROM pair_minute`)).toEqual([{ from: "K5", to: "K6" }]);
    expect(rows(`SELECT count(*) AS n FROM pair_minute WHERE "from" = 'K6'`)).toEqual([{ n: 0 }]);
    expect(rows(`SELECT "from", "to" FROM pair_day`)).toEqual([{ from: "K6", to: "K5" }]);
  });

  it("a folder from before there were pairs opens without fuss, also for one who only looks on", async () => {
    await journal.setNote("kept", "from before");
    await journal[Symbol.asyncDispose]();
    {
      using db = new DatabaseSync(join(folder, "journal.db"));
      db.exec("DROP TABLE pair_minute; DROP TABLE pair_day");
    }
    {
      await using reader = await openJournal(folder, { readOnly: true });
      expect(await reader.pairMinutes(0, T + DAY)).toEqual([]);
      expect(await reader.pairDays(0, T + DAY)).toEqual([]);
      expect(await reader.note("kept")).toBe("from before");
    }
    journal = await openJournal(folder);
    await journal.record({ pairMinutes: [minute("K1", "K2", 0)], pairDays: [day("K1", "K2", 0, 1)] });
    await using reader = await openJournal(folder, { readOnly: true });
    expect(await reader.pairMinutes(0, T + DAY)).toHaveLength(1);
    expect(await reader.pairDays(0, T + DAY)).toHaveLength(1);
  });
});

describe("notes and audit", () => {
  it("a note holds its last value", async () => {
    expect(await journal.note("forwarder")).toBeUndefined();
    await journal.setNote("forwarder", "1");
    await journal.setNote("forwarder", "2");
    await reopen();
    expect(await journal.note("forwarder")).toBe("2");
  });

  it("every audit entry is chained to the one before it, also of those that are written at once", async () => {
    await Promise.all([0, 1].map((n) => journal.audit(deed(n))));
    await reopen();
    await journal.audit(deed(2, { reason: "holiday-cover", scope: "a\u0000b\ud800 \u2028" }));
    const log = logged([deed(0), deed(1), deed(2, { reason: "holiday-cover", scope: "a\u0000b\ud800 \u2028" })]);
    expect(await journal.auditAfter(0, 10)).toEqual(log);
    expect(await journal.auditHead()).toEqual({ count: 3, hash: log[2]!.hash });
    expect(await journal.auditBefore({ from: deed(1).at, until: deed(2).at }, null, 10)).toEqual([log[1]]);
  });

  it("the audit log is read onwards by number, and backwards by time, page by page", async () => {
    const times = [5, 5, 7, 6, 9];
    const log = logged(times.map((n) => deed(n)));
    for (const n of times) await journal.audit(deed(n));
    const seqs = async (read: ReturnType<Journal["auditAfter"]>) => (await read).map(({ seq }) => seq);
    expect(await seqs(journal.auditAfter(0, 2))).toEqual([1, 2]);
    expect(await seqs(journal.auditAfter(2, 9))).toEqual([3, 4, 5]);
    const period = { from: deed(5).at, until: deed(9).at };
    expect(await seqs(journal.auditBefore(period, null, 2))).toEqual([3, 4]);
    expect(await seqs(journal.auditBefore(period, 4, 2))).toEqual([2, 1]);
    expect(await journal.auditBefore(period, 2, 2)).toEqual([log[0]]);
    expect(await journal.auditBefore(period, 1, 2)).toEqual([]);
  });

  it("an alert that is raised is entered once, however often it is recorded, and never of recorded time", async () => {
    const alert: Alert = {
      id: "overheard:K1>G1:1",
      rule: "overheard",
      room: "G1",
      pair: ["K1", "G1"],
      state: "firing",
      severity: "warning",
      startedAt: T,
      firedAt: T,
      acknowledgedAt: null,
      resolvedAt: null,
      reason: null,
    };
    const raised: Transition = { to: "firing", at: T, alert };
    await journal.record({ transitions: [raised], enteredAt: T + 5 });
    await journal.record({ transitions: [raised], enteredAt: T + 9 });
    await journal.record({ transitions: [{ ...raised, alert: { ...alert, id: "overheard:K1>G1:2" } }] });
    const entry = {
      at: T + 5,
      actor: "gateway",
      role: "gateway",
      action: "alert-opened",
      object: "overheard",
      scope: `rooms=K1%2CG1&since=${encodeURIComponent(new Date(T).toISOString())}`,
      count: 2,
    } as const;
    expect(await journal.auditAfter(0, 10)).toEqual(logged([entry]));
  });

  it("checkpoints are kept as they were signed", async () => {
    expect([await journal.auditHead(), await journal.checkpoints()]).toEqual([{ count: 0, hash: START }, []]);
    const [first, second] = [witnessed(logOf(5), 2), witnessed(logOf(5), 5)];
    await journal.keepCheckpoint(second);
    await journal.keepCheckpoint(first);
    await journal.keepCheckpoint(second);
    await reopen();
    expect(await journal.checkpoints()).toEqual([first, second]);
  });
});

describe("the file", () => {
  it("is one gateway's at a time; another may look on", async () => {
    await journal.record({ episodes: [{ room: "K1", start: T, end: null, hint: "unknown" }] });
    await expect(openJournal(folder)).rejects.toThrow(/journal\.db: is in use by another gateway/);
    await using reader = await openJournal(folder, { readOnly: true });
    expect(await reader.episodes(T, T + 1)).toHaveLength(1);
    await expect(reader.setNote("a", "b")).rejects.toThrow(/readonly/);
  });

  it("of a newer version, of another program, or in a folder that cannot be made is refused with what to do", async () => {
    await journal[Symbol.asyncDispose]();
    const path = join(folder, "journal.db");
    const set = (pragma: string) => {
      const db = new DatabaseSync(path);
      db.exec(`PRAGMA ${pragma}`);
      db.close();
    };
    set(`user_version = ${FORMAT + 1}`);
    const noteFormat = (format: number) => {
      using db = new DatabaseSync(path);
      const sum = rowSum("note", [FORMAT_NOTE, String(format)]);
      db.prepare("UPDATE note SET value = ?, sum = ? WHERE name = ?").run(String(format), sum, FORMAT_NOTE);
    };
    noteFormat(FORMAT + 1);
    await expect(openJournal(folder)).rejects.toThrow(
      `was written by a newer Fortrolig (format ${FORMAT + 1}; this one knows ${FORMAT}); start that version, or give another data folder`,
    );
    set(`user_version = ${FORMAT}`);
    noteFormat(FORMAT);
    set("application_id = 7");
    await expect(openJournal(folder)).rejects.toThrow(/is no journal of Fortrolig/);
    await writeFile(path, "this is a text file, and long enough for a header".repeat(100));
    await expect(openJournal(folder)).rejects.toThrow(/is no journal of Fortrolig: file is not a database/);
    await writeFile(join(folder, "file"), "");
    await expect(openJournal(join(folder, "file", "data"))).rejects.toThrow(/the data folder cannot be made/);
    await mkdir(join(folder, "other"));
    journal = await openJournal(join(folder, "other"));
  });

  it("when full rejects what comes, says so, keeps what was acknowledged, and goes on when there is room", async () => {
    await journal[Symbol.asyncDispose]();
    journal = await openJournal(folder, { maxBytes: 2_000_000 });
    const payload = new Uint8Array(2000);
    const stored: number[] = [];
    let seq = 0;
    let failure: unknown;
    while (failure === undefined)
      await journal.append(message(seq, { payload })).then(
        () => stored.push(seq++),
        (error: unknown) => {
          failure = error;
        },
      );
    expect(failure).toMatchObject({ name: "JournalError", message: "database or disk is full" });
    expect(journal.health()).toEqual({ kind: "failing", reason: "database or disk is full" });
    expect(journal.received("k1-1")[0]!.runs).toEqual([[0, seq - 1]]);
    const rejected = await Promise.allSettled([0, 0, 1].map((n) => journal.append(message(seq + n, { payload }))));
    expect(rejected.map((r) => r.status)).toEqual(["rejected", "rejected", "rejected"]);
    expect((await journal.messagesAfter(0, 10_000)).map((m) => m.seq)).toEqual(stored);

    const syncs: unknown[] = [];
    journal.onSync((sync) => syncs.push(sync));
    expect(await journal.purgeQuarantine(T)).toBe(0);
    expect([journal.health().kind, syncs], "what has nothing to write proves nothing").toEqual(["failing", []]);
    await journal.forget(Math.floor(stored.length / 2), T + 10 ** 12);
    expect(journal.health()).toEqual({ kind: "ok" });
    expect((await journal.append(message(seq, { payload }))).kind).toBe("stored");
    expect(await journal.append(message(seq, { payload }))).toEqual({ kind: "duplicate" });
  });

  it("closing syncs what is under way and refuses what comes after", async () => {
    const appended = appendAll(Array.from({ length: 500 }, (_, seq) => message(seq)));
    await journal[Symbol.asyncDispose]();
    expect((await appended).every((a) => a.kind === "stored")).toBe(true);
    await expect(journal.append(message(501))).rejects.toThrow("the journal is closed");
    await expect(journal.note("a")).rejects.toThrow("the journal is closed");
    journal = await openJournal(folder);
    expect(journal.lastId()).toBe(500);
  });
});
