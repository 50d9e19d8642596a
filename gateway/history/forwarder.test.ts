import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Hearing } from "#protocol/api.ts";
import type { SequencedChannel } from "#protocol/readings.ts";
import { Site } from "#protocol/site.ts";
import { startInfluxd } from "#test/services/influxd.ts";
import { type Clock, type HandClock, handClock } from "../clock.ts";
import type { PairDay, PairMinute } from "../detect/leakage/facts.ts";
import type { Journal, Message } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import type { Moment } from "./batch.ts";
import { type Follower, type Forwarder, type ForwarderStatus, REPLAY_MS, startForwarder } from "./forwarder.ts";
import { type Failure, type History, HistoryError, type Point } from "./history.ts";
import { openInflux1History } from "./influx1.ts";
import { LEAST_EPISODE_DAYS, retentionDays } from "./measurements.ts";
import { whereaboutsIn } from "./points.ts";
import { behaviourPurgedBefore, startRetention } from "./retention.ts";
import { openSqliteHistory } from "./sqlite.ts";

const site = Site.parse({
  site: "demo",
  name: "Demo",
  timeZone: "Europe/Copenhagen",
  rooms: [
    { id: "K1", name: "K1", kind: "shared-office", assigned: 3 },
    { id: "E1", name: "E1", kind: "private-office", assigned: 1 },
  ],
  devices: [
    { id: "k1-a", room: "K1" },
    { id: "k1-b", room: "K1" },
    { id: "e1-a", room: "E1" },
  ],
});
/** Near the present, because a database with retention of its own refuses the past. */
const T = Math.floor(Date.now() / 60_000) * 60_000 - 86_400_000;

const readingOf: Record<SequencedChannel, object> = {
  level: { laeq: 50, lafmax: 60, l90: 40, speechRatio: 0.5, noiseLimited: false, clipped: false },
  state: { occupied: true, confidence: 1, conversation: "on", hint: "dialogue", since: T },
  stats: { speechSeconds: 0, speech: null, background: null, laeq: 50, l10: 55, l50: 48, l90: 40 },
  health: {
    uptime: 1,
    outbox: 0,
    dropped: 0,
    micFloor: 20,
    micDc: 0,
    muted: false,
    asleep: false,
    tamper: false,
    rssi: -50,
    configVersion: 1,
  },
};

/** What was heard in the private office of a minute of talk in the shared one. */
const minute = (n: number, hearing: Hearing, sii5 = 0.2): PairMinute => ({
  from: "K1",
  to: "E1",
  t: T + n * 60_000,
  situation: {
    from: "K1",
    to: "E1",
    state: "overheard",
    reason: null,
    reasonRoom: null,
    link: true,
    audibility: { snr: -5, sigma: 2.5, sii5, probability: 0.95, hearing },
  },
  z: 7,
  pi: 85,
  spc: 57,
  ld: [20, 25, 30, null, null],
});
const day = (episodes: number): PairDay => ({
  from: "K1",
  to: "E1",
  day: T - 6 * 3_600_000,
  episodes,
  ld: [20, 25, 30, null, null],
  sigma: [0.5, 0.5, 0.5, null, null],
  bound: [null, null, null, 33, 35],
});

let boots = 0;
/** `count` messages of one boot, ten seconds apart. */
function messages(count: number, more: Partial<Message> & { reading?: object } = {}): Message[] {
  const { device = "k1-a", channel = "level", reading = readingOf[channel] } = more;
  const boot = (++boots).toString(16).padStart(8, "0");
  return Array.from({ length: count }, (_, seq): Message => {
    const t = T + seq * 10_000;
    const payload = Buffer.from(JSON.stringify({ boot, seq, t, ...reading }));
    return { device, channel, boot, seq, t, receivedAt: t + 100, payload, ...more };
  });
}
const appendAll = (journal: Journal, list: readonly Message[]) => Promise.all(list.map((m) => journal.append(m)));

/** History at the port: keeps points by identity and fails as told. */
function memoryHistory() {
  const points = new Map<string, Point>();
  const batches: number[] = [];
  let fail: (points: readonly Point[]) => HistoryError | undefined | Promise<undefined> = () => undefined;
  const history: History = {
    kind: "memory",
    async prepare() {},
    async write(written) {
      const error = await fail(written);
      if (error) throw error;
      batches.push(written.length);
      for (const point of written) points.set(JSON.stringify([point.measurement, point.tags, point.t]), point);
    },
    pack(given) {
      const all = [...given];
      return { store: () => history.write(all) };
    },
    select: async ({ measurement }) => [...points.values()].filter((point) => point.measurement === measurement),
    count: async ({ measurement }) => [...points.values()].filter((point) => point.measurement === measurement).length,
    sums: async () => [],
    purge: async () => [],
    async [Symbol.asyncDispose]() {},
  };
  return {
    history,
    points,
    batches,
    failWith(next: typeof fail) {
      fail = next;
    },
    fail(failure: Failure, options = {}) {
      fail = () => new HistoryError(`told to be ${failure}`, failure, options);
    },
    recover() {
      fail = () => undefined;
    },
  };
}

interface Scene {
  readonly journal: Journal;
  readonly clock: HandClock;
  readonly folder: string;
  forwarderTo(history: History, follower?: Follower): Promise<Forwarder>;
  /** Lets time pass until something holds: a second whenever the forwarder rests, none while it works. */
  until(holds: () => boolean): Promise<void>;
}

const scene = (claim: string, story: (scene: Scene) => Promise<void>) =>
  it(claim, async () => {
    const folder = await mkdtemp(join(tmpdir(), "fortrolig-forwarder-"));
    try {
      await using journal = await openJournal(folder);
      const clock = handClock(T);
      let resting = 0;
      const watched: Clock = {
        now: clock.now,
        wait: (ms, signal) => {
          resting++;
          return clock.wait(ms, signal).finally(() => resting--);
        },
      };
      await story({
        journal,
        clock,
        folder,
        forwarderTo: (history, follower) =>
          startForwarder({
            journal,
            history,
            clock: watched,
            site: site.site,
            whereIs: whereaboutsIn(site),
            ...(follower && { follower }),
            random: () => 0.5,
          }),
        async until(holds) {
          while (!holds()) {
            if (resting > 0) clock.advanceTo(clock.now() + 1000);
            await turn();
          }
        },
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

const flowing = { state: "flowing", reason: null, trouble: null, behind: 0, oldest: null } as const;
const levels = { measurement: "level", from: 0, to: Number.MAX_SAFE_INTEGER } as const;

describe("forwarder", () => {
  scene("every reading becomes a point, of whatever channel", async ({ journal, forwarderTo }) => {
    const memory = memoryHistory();
    const channels = ["level", "state", "stats", "health"] as const;
    for (const channel of channels) await appendAll(journal, messages(3, { channel }));
    await using forwarder = await forwarderTo(memory.history);
    expect(await forwarder.drain()).toBe(true);
    expect(forwarder.status()).toEqual({ ...flowing, written: 12, refused: 0 });
    expect(
      Map.groupBy(memory.points.values(), (p) => p.measurement)
        .keys()
        .toArray()
        .sort(),
    ).toEqual(["health", "level", "presence", "spectrum"]);
  });

  scene("of a silent room only health is kept, and an empty payload is nothing", async ({ journal, forwarderTo }) => {
    const memory = memoryHistory();
    await appendAll(journal, messages(2, { device: "e1-a" }));
    await appendAll(journal, messages(2, { device: "e1-a", channel: "health" }));
    await appendAll(journal, messages(2, { payload: new Uint8Array() }));
    await using forwarder = await forwarderTo(memory.history);
    await forwarder.drain();
    expect([...memory.points.values()].map((p) => [p.measurement, p.tags.room])).toEqual([
      ["health", "E1"],
      ["health", "E1"],
    ]);
    expect(forwarder.status()).toEqual({ ...flowing, written: 2, refused: 0 });
  });

  scene("fewer than a batch are collected for a second", async ({ journal, clock, forwarderTo, until }) => {
    const memory = memoryHistory();
    await using forwarder = await forwarderTo(memory.history);
    await until(() => clock.now() >= T + 5000);
    await appendAll(journal, messages(3));
    await until(() => memory.points.size === 3);
    await appendAll(journal, messages(4, { device: "k1-b" }));
    for (let i = 0; i < 20; i++) await turn();
    expect(memory.points.size).toBe(3);
    await until(() => memory.points.size === 7);
    expect([memory.batches, forwarder.status().behind]).toEqual([[3, 4], 0]);
  });

  scene("a database that is away is tried again, later and later; nothing is lost", async (scene) => {
    const { journal, clock, forwarderTo, until } = scene;
    const memory = memoryHistory();
    const tries: number[] = [];
    memory.failWith(() => {
      tries.push(clock.now());
      return new HistoryError("away", "unavailable");
    });
    await appendAll(journal, messages(10));
    await using forwarder = await forwarderTo(memory.history);
    const changes: ForwarderStatus[] = [];
    forwarder.onChange((status) => changes.push(status));
    await until(() => tries.length === 10);
    const pauses = tries.slice(1).map((at, i) => (at - tries[i]!) / 1000);
    expect(pauses[0]).toBeLessThan(3);
    expect(Math.max(...pauses)).toBeLessThan(40);
    expect(pauses.slice(-2).every((pause) => pause >= 22)).toBe(true);
    expect(forwarder.status()).toEqual({
      state: "waiting",
      reason: "away",
      trouble: "busy",
      behind: 10,
      oldest: T + 100,
      written: 0,
      refused: 0,
    });
    memory.recover();
    await until(() => forwarder.status().behind === 0);
    expect(changes.map(({ state, reason }) => [state, reason])).toEqual([
      ["waiting", "away"],
      ["flowing", null],
    ]);
    expect(memory.points.size).toBe(10);
  });

  scene("a server that asks for a minute is given a minute", async ({ journal, clock, forwarderTo, until }) => {
    const memory = memoryHistory();
    const tries: number[] = [];
    memory.failWith(() => {
      tries.push(clock.now());
      return new HistoryError("busy", "unavailable", { retryAfterMs: 60_000 });
    });
    await appendAll(journal, messages(1));
    await using _ = await forwarderTo(memory.history);
    await until(() => tries.length === 2);
    expect(tries[1]! - tries[0]!).toBeGreaterThanOrEqual(60_000);
  });

  scene("what a person must set right holds everything, and says why", async ({ journal, forwarderTo, until }) => {
    const memory = memoryHistory();
    memory.fail("held");
    await appendAll(journal, messages(7));
    await using forwarder = await forwarderTo(memory.history);
    await until(() => forwarder.status().state === "held");
    expect(forwarder.status()).toMatchObject({ reason: "told to be held", behind: 7, written: 0 });
    memory.recover();
    await until(() => forwarder.status().behind === 0);
    expect(forwarder.status()).toEqual({ ...flowing, written: 7, refused: 0 });
  });

  scene("bad points go to quarantine with their bytes, and hold nobody up", async ({ journal, forwarderTo }) => {
    const memory = memoryHistory();
    memory.failWith((points) =>
      points.some((p) => p.fields.laeq === 66) ? new HistoryError("conflict", "refused") : undefined,
    );
    const bad = messages(2, { device: "k1-b", reading: { ...readingOf.level, laeq: 66 } });
    await appendAll(journal, [...messages(500), bad[0]!, ...messages(300, { channel: "state" }), bad[1]!]);
    await appendAll(journal, messages(1, { device: "gone" }));
    await appendAll(journal, messages(1, { payload: Buffer.from("{") }));
    await using forwarder = await forwarderTo(memory.history);
    await forwarder.drain();
    expect(forwarder.status()).toEqual({ ...flowing, written: 800, refused: 4 });
    const kept = (await journal.quarantined(10)).map(({ topic, reason, detail, payload }) => ({
      topic,
      reason,
      detail,
      payload: Buffer.from(payload).toString(),
    }));
    const refused = { topic: "fortrolig/v1/demo/k1-b/level", reason: "schema", detail: "history: conflict" };
    expect(kept.toSorted((a, b) => a.topic.localeCompare(b.topic) || a.payload.localeCompare(b.payload))).toEqual([
      {
        topic: "fortrolig/v1/demo/gone/level",
        reason: "unknown-device",
        detail: expect.any(String),
        payload: expect.any(String),
      },
      { topic: "fortrolig/v1/demo/k1-a/level", reason: "not-json", detail: expect.any(String), payload: "{" },
      { ...refused, payload: Buffer.from(bad[0]!.payload).toString() },
      { ...refused, payload: Buffer.from(bad[1]!.payload).toString() },
    ]);
  });

  scene("after an outage the oldest drains first, and live readings do not wait for it", async (scene) => {
    const { journal, clock, forwarderTo, until } = scene;
    const memory = memoryHistory();
    memory.fail("unavailable");
    await appendAll(journal, messages(32_000));
    await using forwarder = await forwarderTo(memory.history);
    await until(() => forwarder.status().state === "waiting");
    const order: string[] = [];
    memory.failWith(async (points) => {
      order.push(`${points[0]!.tags.device} ${(points[0]!.t - T) / 10_000}`);
      // Live readings go on arriving while the backlog drains.
      if (order.length >= 2 && order.length < 6) await appendAll(journal, messages(10, { device: "k1-b" }));
      return undefined;
    });
    await until(() => order.length > 0);
    const began = clock.now();
    await until(() => memory.points.size === 32_010);
    // The batch after the second was read before the live ones came; later live ones collect for a second.
    const backlog = [0, 5000, 10_000, 15_000, 20_000, 25_000, 30_000].map((n) => `k1-a ${n}`);
    expect(order.slice(0, 8)).toEqual(backlog.toSpliced(3, 0, "k1-b 0"));
    expect(clock.now()).toBe(began);
  });

  scene("the age of what is kept is that of the oldest, also of a database that was never there", async (scene) => {
    const { journal, clock, forwarderTo, until } = scene;
    const memory = memoryHistory();
    const history = { ...memory.history, prepare: () => memory.history.write([]) };
    memory.fail("unavailable");
    await appendAll(journal, messages(21_000, { receivedAt: T - 7000 }));
    await using forwarder = await forwarderTo(history);
    await until(() => forwarder.status().state === "waiting");
    expect(forwarder.status()).toMatchObject({ behind: 21_000, oldest: T - 7000 });
    const ages: unknown[] = [];
    memory.failWith(async ([first]) => {
      if (first === undefined) return undefined;
      if (forwarder.status().behind > 15_000) await appendAll(journal, messages(1, { receivedAt: clock.now() }));
      ages.push(forwarder.status().oldest);
      return undefined;
    });
    await until(() => forwarder.status().behind === 0);
    expect(new Set(ages.slice(0, 5))).toEqual(new Set([T - 7000]));
    expect(forwarder.status().oldest).toBeNull();
  });

  scene("after a restart it goes on where it was", async ({ journal, forwarderTo }) => {
    const memory = memoryHistory();
    await appendAll(journal, messages(100));
    const first = await forwarderTo(memory.history);
    await first.drain();
    await first[Symbol.asyncDispose]();
    expect(await first.drain()).toBe(false);
    await appendAll(journal, messages(5, { device: "k1-b" }));
    await using second = await forwarderTo(memory.history);
    await second.drain();
    expect([second.status().written, memory.points.size]).toEqual([5, 105]);
  });

  scene("after a crash of its own it writes again what the journal still has, which changes nothing", async (scene) => {
    const { journal, forwarderTo } = scene;
    const memory = memoryHistory();
    await appendAll(journal, messages(100));
    const crashed = await forwarderTo(memory.history);
    await crashed.drain();
    await using second = await forwarderTo(memory.history);
    await second.drain();
    expect([second.status().written, memory.points.size]).toEqual([100, 100]);
    await crashed[Symbol.asyncDispose]();
  });

  scene("a database that came back without its last minutes gets them again", async (scene) => {
    const { journal, forwarderTo, until } = scene;
    const memory = memoryHistory();
    await appendAll(journal, messages(100));
    await using forwarder = await forwarderTo(memory.history);
    await forwarder.drain();
    await journal.record({ episodes: [{ room: "K1", start: T, end: T + 30_000, hint: "dialogue" }] });
    await forwarder.drain();
    expect(memory.points.size).toBe(101);
    memory.points.clear();
    memory.fail("unavailable", { unreachable: true });
    await appendAll(journal, messages(1, { device: "k1-b" }));
    await until(() => forwarder.status().state === "waiting");
    memory.recover();
    await until(() => forwarder.status().behind === 0 && memory.points.size >= 102);
    expect(memory.points.size).toBe(102);
  });

  scene("the journal forgets only what history holds, a while after it came", async (scene) => {
    const { journal, clock, forwarderTo, until } = scene;
    const memory = memoryHistory();
    await appendAll(journal, messages(10));
    await using forwarder = await forwarderTo(memory.history);
    await forwarder.drain();
    await until(() => clock.now() > T + REPLAY_MS - 60_000);
    expect(await journal.messagesAfter(0, 100)).toHaveLength(10);
    memory.fail("held");
    await appendAll(journal, messages(3, { device: "k1-b", receivedAt: T }));
    await until(() => clock.now() > T + 2 * REPLAY_MS);
    expect((await journal.messagesAfter(0, 100)).map(({ device }) => device)).toEqual(
      expect.arrayContaining(["k1-b", "k1-b", "k1-b"]),
    );
    memory.recover();
    await until(() => forwarder.status().behind === 0);
    await until(() => clock.now() > T + 3 * REPLAY_MS);
    for (let i = 0; i < 100; i++) await turn();
    expect(await journal.messagesAfter(0, 100)).toEqual([]);
  });

  scene("finished conversations become points, once, also when they are recorded late", async (scene) => {
    const { journal, clock, forwarderTo, until } = scene;
    const memory = memoryHistory();
    const episode = (start: number, end: number | null) => ({ room: "K1", start, end, hint: "dialogue" }) as const;
    await journal.record({ episodes: [episode(T, T + 90_000), episode(T + 200_000, null)] });
    await using forwarder = await forwarderTo(memory.history);
    await forwarder.drain();
    const found = () => [...memory.points.values()].map(({ t, fields }) => [t - T, fields.seconds]);
    expect(found()).toEqual([[0, 90]]);
    await journal.record({
      episodes: [episode(T + 200_000, T + 260_000), episode(T - 3 * 86_400_000, T - 3 * 86_400_000 + 30_000)],
    });
    await until(() => memory.points.size === 3);
    expect(found().toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
      [-3 * 86_400_000, 30],
      [0, 90],
      [200_000, 60],
    ]);
    // Once more when what was heard of them elsewhere has come, and then no more.
    const settled = clock.now() + 15 * 60_000;
    await until(() => clock.now() >= settled);
    const writes = memory.batches.length;
    await until(() => clock.now() >= settled + 3_600_000);
    expect(memory.batches).toHaveLength(writes);
  });

  scene("minutes and days of pairs become points; the last word on each counts", async (scene) => {
    const { journal, clock, forwarderTo, until } = scene;
    const memory = memoryHistory();
    const found = (measurement: string) =>
      [...memory.points.values()].filter((point) => point.measurement === measurement);
    const written: Moment[] = [];
    const follower: Follower = { written: (points) => written.push(...points), save: async () => {} };
    await journal.record({ pairMinutes: [minute(0, "partly")], pairDays: [day(3)] });
    await using forwarder = await forwarderTo(memory.history, follower);
    await forwarder.drain();
    expect(found("leak").map(({ t, fields }) => [t - T, fields.hearing])).toEqual([[0, "partly"]]);
    expect(found("boundary").map(({ fields }) => fields.episodes)).toEqual([3]);
    expect(written).toEqual([...found("leak"), ...found("boundary")]);

    await journal.record({ pairMinutes: [minute(0, "clearly"), minute(1, "words")], pairDays: [day(4)] });
    await until(() => found("leak").length === 2);
    expect(found("leak").map(({ fields }) => fields.hearing)).toEqual(["clearly", "words"]);
    await until(() => found("boundary")[0]?.fields.episodes === 4);
    const writes = memory.batches.length;
    const later = clock.now() + 3_600_000;
    await until(() => clock.now() >= later);
    expect(memory.batches).toHaveLength(writes);
  });

  scene("a conversation's point says where it was overheard, once its last minutes have come", async (scene) => {
    const { journal, forwarderTo, until } = scene;
    const memory = memoryHistory();
    const fields = () => [...memory.points.values()].find((point) => point.measurement === "conversation")?.fields;
    await journal.record({
      episodes: [{ room: "K1", start: T, end: T + 90_000, hint: "dialogue" }],
      pairMinutes: [minute(0, "partly")],
    });
    await using forwarder = await forwarderTo(memory.history);
    await forwarder.drain();
    const plain = { seconds: 90, hint: "dialogue" };
    expect(fields()).toEqual({ ...plain, secondsOverheard: 60, worstSii5: 0.2, where: "E1" });
    await journal.record({ pairMinutes: [minute(1, "clearly", 0.6)] });
    await until(() => fields()?.worstSii5 === 0.6);
    expect(fields()).toEqual({ ...plain, secondsOverheard: 90, worstSii5: 0.6, where: "E1" });
  });

  scene("days without a database: every minute of a pair is there in the end", async (scene) => {
    const { journal, clock, forwarderTo, until } = scene;
    const memory = memoryHistory();
    memory.fail("unavailable");
    await appendAll(journal, messages(1));
    await using forwarder = await forwarderTo(memory.history);
    await until(() => forwarder.status().state === "waiting");
    const minutes = Array.from({ length: 3 * 24 }, (_, hour) => minute(60 * hour, "words"));
    await journal.record({ pairMinutes: minutes });
    clock.advanceTo(T + 3 * 86_400_000);
    memory.recover();
    await until(() => memory.points.size === minutes.length + 1);
  });

  scene("minutes of pairs leave the journal after fourteen days, and not before history holds them", async (scene) => {
    const { journal, clock, folder, forwarderTo } = scene;
    await using history = openSqliteHistory(join(folder, "history.db"));
    await using forwarder = await forwarderTo(history);
    await journal.record({ pairMinutes: [minute(0, "words"), minute(1440, "words")], pairDays: [day(1)] });
    clock.advanceTo(T + 14 * 86_400_000 + 60_000);
    const rollups = { settle: async () => {} };
    await using retention = await startRetention({ journal, history, clock, rollups, forwarder });
    await retention.purge();
    expect(await journal.pairMinutes(0, clock.now())).toEqual([minute(1440, "words")]);
    expect(await journal.pairDays(0, clock.now())).toEqual([day(1)]);
    const range = { from: T - 86_400_000, to: clock.now() };
    expect(await history.count({ measurement: "leak", ...range })).toBe(2);
    expect(await history.count({ measurement: "boundary", ...range })).toBe(1);
  });

  scene("conversations leave the journal when their time is over, and not before history holds them", async (scene) => {
    const { journal, clock, folder, forwarderTo } = scene;
    await using history = openSqliteHistory(join(folder, "history.db"));
    const retention = { ...retentionDays, episodes: LEAST_EPISODE_DAYS };
    const rollups = { settle: async () => {} };
    const cutoff = T + 86_400_000;
    const old = { room: "K1", start: T, end: T + 90_000, hint: "dialogue" } as const;
    const young = { ...old, start: cutoff - 30_000, end: cutoff };
    const inJournal = () => journal.episodes(0, clock.now());
    const inHistory = () => history.count({ measurement: "conversation", from: 0, to: clock.now() });
    await journal.record({ episodes: [old, young] });
    clock.advanceTo(cutoff + retention.episodes * 86_400_000);
    {
      const memory = memoryHistory();
      memory.fail("unavailable");
      const forwarder = await forwarderTo(memory.history);
      await using keeper = await startRetention({ journal, history, clock, retention, rollups, forwarder });
      const purged = expect(keeper.purge()).rejects.toThrow("stopped before the purge");
      await forwarder[Symbol.asyncDispose]();
      await purged;
      expect([await inJournal(), keeper.proof()]).toEqual([[old, young], undefined]);
    }
    await using forwarder = await forwarderTo(history);
    await using keeper = await startRetention({ journal, history, clock, retention, rollups, forwarder });
    const proof = await keeper.purge();
    expect([await inJournal(), await inHistory()]).toEqual([[young], 2]);
    expect(proof).toMatchObject({
      behaviour: { before: cutoff, oldest: { episode: cutoff, alert: null, delivery: null } },
      complete: true,
    });
    await using afterRestart = await startRetention({ journal, history, clock, retention, rollups, forwarder });
    expect([afterRestart.proof(), await behaviourPurgedBefore(journal)]).toEqual([proof, cutoff]);
  });

  scene("a conversation that the database refuses holds nobody up", async ({ journal, forwarderTo }) => {
    const memory = memoryHistory();
    memory.failWith((points) =>
      points.some((p) => p.measurement === "conversation") ? new HistoryError("conflict", "refused") : undefined,
    );
    await journal.record({ episodes: [{ room: "K1", start: T, end: T + 30_000, hint: "dialogue" }] });
    await appendAll(journal, messages(3));
    await using forwarder = await forwarderTo(memory.history);
    expect(await forwarder.drain()).toBe(true);
    expect(forwarder.status()).toEqual({ ...flowing, written: 3, refused: 1 });
  });

  scene(
    "who follows hears in which minutes points were stored, before the position is saved",
    async ({ journal, forwarderTo }) => {
      const memory = memoryHistory();
      const heard: (readonly Moment[] | string)[] = [];
      const follower: Follower = {
        written: (moments) => heard.push(moments),
        save: async () => {
          heard.push((await journal.note("forwarder")) ? "saved again" : "saved first");
        },
      };
      await appendAll(journal, messages(13));
      await using forwarder = await forwarderTo(memory.history, follower);
      await forwarder.drain();
      const minutes = [0, 1, 2].map((n): Moment => ({ measurement: "level", t: T + n * 60_000 }));
      expect(heard.slice(0, 3)).toEqual(["saved first", minutes, "saved again"]);
    },
  );

  scene("into SQLite: as many points as readings", async ({ journal, folder, forwarderTo }) => {
    await using history = openSqliteHistory(join(folder, "history.db"));
    await appendAll(journal, messages(12_000));
    await using forwarder = await forwarderTo(history);
    await forwarder.drain();
    expect(await history.count(levels)).toBe(12_000);
  });

  scene(
    "into a real influxd that is stopped, killed and started meanwhile: as many points as readings",
    async (scene) => {
      const { journal, forwarderTo, until } = scene;
      await using influxd = await startInfluxd();
      const address = { protocol: "http", host: "127.0.0.1", port: influxd.port, database: "forwarded" } as const;
      await using history = openInflux1History(address);
      await appendAll(journal, messages(6000));
      await using forwarder = await forwarderTo(history);
      await until(() => forwarder.status().behind === 0);
      await influxd.stop();
      await appendAll(journal, messages(6000, { device: "k1-b" }));
      await until(() => forwarder.status().state === "waiting");
      await influxd.start();
      await until(() => forwarder.status().behind === 0);
      await influxd.kill();
      await appendAll(journal, messages(100, { channel: "health" }));
      await until(() => forwarder.status().state === "waiting");
      await influxd.query("DROP DATABASE forwarded").catch(() => {});
      await influxd.start();
      await until(() => forwarder.status().behind === 0);
      expect(await history.count(levels)).toBe(12_000);
      expect(await history.count({ ...levels, measurement: "health" })).toBe(100);
    },
  );

  scene("it stops while the database is away", async ({ journal, forwarderTo, until }) => {
    const memory = memoryHistory();
    memory.fail("unavailable");
    await appendAll(journal, messages(3));
    const forwarder = await forwarderTo(memory.history);
    await until(() => forwarder.status().state === "waiting");
    const drained = forwarder.drain();
    await forwarder[Symbol.asyncDispose]();
    expect(await drained).toBe(false);
    expect(await journal.messagesAfter(0, 10)).toHaveLength(3);
  });
});
