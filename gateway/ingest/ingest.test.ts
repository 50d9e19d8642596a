import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Receipt } from "#protocol/commands.ts";
import { type HandClock, handClock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { createIngest, type Ingest } from "./ingest.ts";
import { createReceipts, receiptOf } from "./receipts.ts";
import { linesOf, replay, replayQuarantine } from "./replay.ts";
import { BOOT, bytes, packet, reading, samples, site, T, topic } from "./sample.fixture.ts";
import { type StoredReading, storedReading } from "./stored-reading.ts";
import { until } from "./until.fixture.ts";

let folder: string;
let journal: Journal;
let ingest: Ingest;
let clock: HandClock;
let stored: StoredReading[];
let batches: number;
let said: { topic: string; body: unknown }[];
let notices: string[];
let bands: number;

/** Readings from then on are of no agreed time. */
let closes: number;

async function open(options: { maxBytes?: number } = {}) {
  journal = await openJournal(folder, options);
  clock = handClock(T);
  ingest = createIngest({
    site,
    journal,
    clock,
    publish: (at, payload) => said.push({ topic: at, body: JSON.parse(payload) }),
    onStored: (messages) => {
      batches++;
      stored.push(...messages);
    },
    onDevice: ({ kind, device, reading: { boot } }) => notices.push(`${kind} ${device} ${boot}`),
    onBands: () => bands++,
    leaseUntil: (device) => (device === "k1-1" ? T + 10 ** 6 : undefined),
    measures: (t) => t < closes,
  });
}
async function close() {
  await ingest[Symbol.asyncDispose]();
  await journal[Symbol.asyncDispose]();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-ingest-"));
  stored = [];
  batches = 0;
  said = [];
  notices = [];
  bands = 0;
  closes = Number.POSITIVE_INFINITY;
  await open();
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

const receiptsTo = (device: string) =>
  said.filter((s) => s.topic === `fortrolig/v1/demo/${device}/receipt`).map((s) => Receipt.parse(s.body));

describe("a good reading", () => {
  it("is stored, handed on once with its room, and a repetition only counted", async () => {
    await ingest.receive(packet("state"));
    await ingest.receive(packet("state"));
    await ingest.receive(packet("level", { seq: 1 }));
    expect(stored).toEqual([
      {
        id: 1,
        device: "k1-1",
        room: site.rooms[0],
        channel: "state",
        boot: BOOT,
        seq: 0,
        t: T,
        receivedAt: T,
        reading: samples.state,
      },
      expect.objectContaining({ id: 2, channel: "level", reading: reading("level", { seq: 1 }) }),
    ]);
    expect(ingest.counts()).toMatchObject({
      accepted: { state: 1, level: 1 },
      duplicates: { state: 1 },
      failed: 0,
      pending: 0,
    });
    expect(ingest.fleet.view("k1-1", T)).toMatchObject({ received: 2, duplicates: 1 });
  });

  it("comes on in order of id, together with what the same commit has made safe", async () => {
    await Promise.all(Array.from({ length: 500 }, (_, seq) => ingest.receive(packet("level", { seq, t: T + seq }))));
    expect(stored.map((m) => m.id)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    expect(batches).toBeLessThanOrEqual(2);
  });

  it("under way when ingest closes is still made safe and handed on", async () => {
    for (const seq of [0, 1, 2]) void ingest.receive(packet("level", { seq }));
    await ingest[Symbol.asyncDispose]();
    expect(stored.map((m) => m.seq)).toEqual([0, 1, 2]);
  });

  it("read back from the journal is what was handed on", async () => {
    await ingest.receive(packet("state"));
    await ingest.receive(packet("health", { seq: 1 }));
    const again = (await journal.messagesAfter(0, 10)).map((m) => storedReading(m, ingest.registry));
    expect(again).toEqual(stored);
  });
});

describe("a silent room", () => {
  it("leaves nothing but its device's health, and is answered like any other", async () => {
    await ingest.receive(packet("state", {}, "p1-1"));
    await ingest.receive(packet("level", { seq: 1 }, "p1-1"));
    await ingest.receive(packet("stats", { seq: 2 }, "p1-1"));
    await ingest.receive(packet("health", { seq: 3 }, "p1-1"));
    expect(stored.map((m) => m.channel)).toEqual(["health"]);
    expect((await journal.messagesAfter(0, 10)).map((m) => m.channel)).toEqual(["health"]);
    clock.advanceTo(T + 100);
    await until(() => receiptsTo("p1-1").length === 1);
    expect(receiptsTo("p1-1")).toEqual([{ boot: BOOT, through: 3, beyond: [] }]);
  });

  it("leaves nothing of a reading that is refused either; nor do bands, of any room", async () => {
    await ingest.receive({ topic: topic("state", "p1-1"), payload: bytes('{"occupied":true}'), at: T });
    await ingest.receive(packet("bands", { seq: 1 }, "p1-1"));
    await ingest.receive({ topic: topic("bands"), payload: bytes({ ...samples.bands, levels: [] }), at: T });
    await ingest.receive({ topic: topic("state"), payload: bytes("{}"), at: T });
    expect((await journal.quarantined(10)).map((q) => [q.topic, q.reason, q.payload.length])).toEqual([
      [topic("state", "p1-1"), "schema", 0],
      [topic("bands", "p1-1"), "no-lease", 0],
      [topic("bands"), "schema", 0],
      [topic("state"), "schema", 2],
    ]);
  });
});

describe("a reading of a time at which nobody measures", () => {
  it("leaves nothing but its count, and is answered like any other; health is kept", async () => {
    closes = T;
    for (const [seq, channel] of (["state", "level", "stats"] as const).entries()) {
      await ingest.receive(packet(channel, { seq }));
    }
    await ingest.receive(packet("health", { seq: 3 }));
    await ingest.receive(packet("bands", { seq: 4 }));
    await ingest.receive(packet("status"));
    await ingest.receive({ topic: topic("state"), payload: bytes('{"occupied":true}'), at: T });
    await ingest.receive(packet("level", { seq: 5, t: T - 1 }));
    expect(stored.map(({ channel, seq }) => [channel, seq])).toEqual([
      ["health", 3],
      ["level", 5],
    ]);
    expect((await journal.messagesAfter(0, 10)).map(({ seq }) => seq)).toEqual([3, 5]);
    expect((await journal.quarantined(10)).map((q) => [q.reason, q.payload.length])).toEqual([["schema", 0]]);
    expect([bands, notices]).toEqual([0, [`status k1-1 ${BOOT}`]]);
    expect(ingest.counts()).toMatchObject({
      accepted: { state: 0, level: 1, stats: 0, bands: 0, health: 1, status: 1 },
      refused: { "outside-hours": 4, schema: 1 },
    });
    expect(ingest.fleet.view("k1-1", T)).toMatchObject({ received: 2, refused: 5 });
    // A reading that is passed over is no fault of its device's; the one that makes no sense is.
    expect(said.map(({ body }) => body)).toEqual([{ reason: "schema", channel: "state" }]);
    clock.advanceTo(T + 100);
    await until(() => receiptsTo("k1-1").length === 1);
    expect(receiptsTo("k1-1")).toEqual([{ boot: BOOT, through: 3, beyond: [[5, 5]] }]);
  });

  it("said again is a repetition, counted as one", async () => {
    closes = T;
    await ingest.receive(packet("state"));
    await ingest.receive(packet("state"));
    expect(ingest.counts()).toMatchObject({ duplicates: { state: 1 }, refused: { "outside-hours": 1 } });
  });
});

describe("what a device says of itself", () => {
  it("is handed on and never journalled; the will of an earlier boot is not handed on", async () => {
    await ingest.receive(packet("status", { boot: "ffffffff" }));
    await ingest.receive(packet("status"));
    await ingest.receive(packet("birth"));
    await ingest.receive(packet("status", { status: "offline", boot: "ffffffff" }));
    await ingest.receive(packet("bands"));
    expect(notices).toEqual([`status k1-1 ffffffff`, `status k1-1 ${BOOT}`, `birth k1-1 ${BOOT}`]);
    expect(ingest.fleet.view("k1-1", T)).toMatchObject({ connection: "online", firmware: "1.0.0" });
    expect(bands).toBe(1);
    expect(journal.lastId()).toBe(0);
  });

  it("is handed on after the readings that came before it", async () => {
    const reading = ingest.receive(packet("state"));
    const will = ingest.receive(packet("status", { status: "offline" }));
    await will;
    expect(notices).toEqual([]);
    await reading;
    expect([stored.length, notices]).toEqual([1, [`status k1-1 ${BOOT}`]]);
  });
});

describe("receipts", () => {
  it("say what is stored, at most once a second to a device", async () => {
    for (const seq of [0, 1, 2, 5, 6, 9]) await ingest.receive(packet("level", { seq }));
    expect(receiptsTo("k1-1")).toEqual([]);
    clock.advanceTo(T + 100);
    await until(() => receiptsTo("k1-1").length === 1);
    const first = {
      boot: BOOT,
      through: 2,
      beyond: [
        [5, 6],
        [9, 9],
      ],
    };
    await ingest.receive(packet("level", { seq: 3 }));
    for (let ms = 200; ms <= 1000; ms += 100) {
      clock.advanceTo(T + ms);
      await new Promise(setImmediate);
    }
    expect(receiptsTo("k1-1")).toEqual([first]);
    clock.advanceTo(T + 1100);
    await until(() => receiptsTo("k1-1").length === 2);
    expect(receiptsTo("k1-1")[1]).toEqual({ ...first, through: 3 });
  });

  it("come again for a repetition, since the first may have been lost", async () => {
    await ingest.receive(packet("level"));
    clock.advanceTo(T + 100);
    await until(() => receiptsTo("k1-1").length === 1);
    await ingest.receive(packet("level"));
    clock.advanceTo(T + 5000);
    await until(() => receiptsTo("k1-1").length === 2);
  });

  it("go to an eighth of the site in a turn, whoever has waited longest first", async () => {
    const told: string[] = [];
    const received = (device: string) => [{ device, boot: BOOT, runs: [[0, 3]] as const }];
    const stop = new AbortController();
    const receipts = createReceipts(16, clock, received, (device) => told.push(device), stop.signal);
    const devices = Array.from({ length: 16 }, (_, i) => `d${i}`);
    for (const device of devices) receipts.owe(device, BOOT);
    for (let turn = 1; turn <= 8; turn++) {
      clock.advanceTo(T + 100 * turn);
      await until(() => told.length > 0);
      expect(told.splice(0)).toEqual(devices.slice(2 * turn - 2, 2 * turn));
      receipts.owe(devices[0]!, BOOT);
    }
    stop.abort();
  });

  it("hold at most 16 runs beyond the gap, and fit their schema", () => {
    const runs = Array.from({ length: 40 }, (_, i) => [10 * i + 5, 10 * i + 7] as const);
    const receipt = receiptOf({ device: "k1-1", boot: BOOT, runs });
    expect(Receipt.parse(receipt)).toEqual({ boot: BOOT, through: -1, beyond: runs.slice(0, 16) });
  });
});

describe("bad messages", () => {
  const level = (over: object) => JSON.stringify({ ...samples.level, ...over });
  /** How each kind is made, and as what it is counted. */
  const kinds: [string, (n: number) => { topic: string; payload: Uint8Array }][] = [
    ["not-json", (n) => ({ topic: topic("level"), payload: bytes(level({}).slice(0, (n % 100) + 1)) })],
    ["not-json", (n) => ({ topic: topic("state"), payload: new Uint8Array([0xff, 0xfe, n & 0xff]) })],
    ["not-json", () => ({ topic: topic("level"), payload: bytes(level({}).replace("45.5", "NaN")) })],
    ["not-json", () => ({ topic: topic("level"), payload: new Uint8Array(0) })],
    ["schema", (n) => ({ topic: topic("level"), payload: bytes(level({ laeq: 200 + n })) })],
    ["schema", () => ({ topic: topic("level"), payload: bytes(level({ laeq: null })) })],
    ["schema", (n) => ({ topic: topic("level"), payload: bytes(level({ [`field${n}`]: n })) })],
    ["schema", () => ({ topic: topic("state"), payload: bytes('{"__proto__":{"occupied":true}}') })],
    ["schema", () => ({ topic: topic("level"), payload: bytes("[".repeat(1000) + "]".repeat(1000)) })],
    ["oversize", () => ({ topic: topic("level"), payload: new Uint8Array(5000).fill(0x20) })],
    ["bad-topic", (n) => ({ topic: `some/where/${n}`, payload: bytes("{}") })],
    ["bad-topic", () => ({ topic: "fortrolig/v1/demo/k1-1/receipt", payload: bytes("{}") })],
    ["bad-topic", () => ({ topic: "fortrolig/v1/other/k1-1/level", payload: bytes(level({})) })],
    ["unknown-device", (n) => ({ topic: topic("level", `x-${n}`), payload: bytes(level({})) })],
    ["clock-ahead", (n) => ({ topic: topic("level"), payload: bytes(level({ t: T + 40_000 + n })) })],
    ["clock-behind", (n) => ({ topic: topic("level"), payload: bytes(level({ t: T - 8 * 24 * 3600_000 - n })) })],
    ["no-lease", () => ({ ...packet("bands"), topic: topic("bands", "p1-1") })],
  ];

  it("ten thousand of many kinds: none stored, all counted, all kept, and the next good one is stored", async () => {
    const expected: Record<string, number> = { "outside-hours": 0 };
    const sent = Array.from({ length: 10_000 }, (_, n) => {
      const [reason, make] = kinds[n % kinds.length]!;
      expected[reason] = (expected[reason] ?? 0) + 1;
      return ingest.receive({ ...make(n), at: T });
    });
    await Promise.all(sent);
    expect(ingest.counts().refused).toEqual(expected);
    expect(stored).toEqual([]);
    expect(journal.lastId()).toBe(0);
    expect((await journal.quarantined(20_000)).length).toBe(10_000);
    await ingest.receive(packet("level"));
    expect(stored.map((m) => m.id)).toEqual([1]);
    expect(ingest.counts()).toMatchObject({ pending: 0, failed: 0 });
  });

  it("are told to their device, with the sequence number where there is one, and not without end", async () => {
    await ingest.receive({ topic: topic("level"), payload: bytes(level({ seq: 7, laeq: 500 })), at: T });
    expect(said).toEqual([
      { topic: "fortrolig/v1/demo/k1-1/error", body: { reason: "schema", channel: "level", seq: 7 } },
    ]);
    for (let n = 0; n < 100; n++) await ingest.receive({ topic: topic("level"), payload: bytes("x"), at: T });
    expect(said.length).toBe(10);
    await ingest.receive({ topic: topic("level"), payload: bytes("x"), at: T + 1000 });
    expect(said.length).toBe(11);
  });

  it("leave quarantine when they are acceptable after all, and only then", async () => {
    const early = { ...packet("level", { seq: 4, t: T + 60_000 }), at: T };
    await ingest.receive(early);
    await ingest.receive({ topic: "no/topic", payload: bytes("x"), at: T });
    expect(await replayQuarantine(journal, ingest, 100)).toBe(0);
    expect((await journal.quarantined(10)).length).toBe(2);

    await journal.release((await journal.quarantined(10)).map((q) => q.id));
    const accepted = packet("level", { seq: 5 });
    await journal.quarantine({ ...accepted, reason: "schema", detail: "by an older version", receivedAt: T });
    await journal.quarantine({
      topic: "no/topic",
      payload: bytes("x"),
      reason: "bad-topic",
      detail: "",
      receivedAt: T,
    });
    expect(await replayQuarantine(journal, ingest, 100)).toBe(1);
    expect(stored.map((m) => m.seq)).toEqual([5]);
    expect((await journal.quarantined(10)).map((q) => q.topic)).toEqual(["no/topic"]);
  });
});

describe("a full disk", () => {
  it("leaves messages unacknowledged and uncounted as stored, until there is room", async () => {
    await close();
    await open({ maxBytes: 400_000 });
    let seq = 0;
    for (;;) {
      try {
        await ingest.receive(packet("stats", { seq }));
      } catch (error) {
        expect(String(error)).toContain("full");
        break;
      }
      seq++;
    }
    expect(stored.length).toBe(seq);
    expect(ingest.counts()).toMatchObject({ accepted: { stats: seq }, failed: 1, pending: 0 });
    await journal.forget(seq, T + 1);
    await ingest.receive(packet("stats", { seq }));
    expect(stored.at(-1)?.seq).toBe(seq);
  });
});

describe("replay", () => {
  const line = (seq: number, at: number) =>
    JSON.stringify({ at, topic: topic("level"), payload: JSON.stringify(reading("level", { seq, t: at - 10_000 })) });

  it("takes recorded lines through the same way, in recorded time, with progress", async () => {
    const lines = Array.from({ length: 25 }, (_, seq) => `${line(seq, T + seq * 1000)}\n`);
    const progress: [number, number][] = [];
    const records = await replay(linesOf(Readable.from([lines.join("")])), ingest, {
      clock,
      portion: 10,
      onProgress: (n, at) => {
        expect(stored.length, "none is said to be through before it is stored").toBeGreaterThanOrEqual(n);
        progress.push([n, at - T]);
      },
    });
    expect(records).toBe(25);
    expect(progress).toEqual([
      [10, 9000],
      [20, 19_000],
      [25, 24_000],
    ]);
    expect(clock.now()).toBe(T + 24_000);
    expect(stored.map((m) => [m.seq, m.receivedAt - T])).toEqual(lines.map((_, seq) => [seq, seq * 1000]));
    await replay(linesOf(Readable.from(lines)), ingest, { clock });
    expect(stored.length).toBe(25);
  });

  it("stops at a line that is no record, and says which", async () => {
    const lines = [line(0, T), "", '{"at":1}'];
    await expect(replay(linesOf(Readable.from(lines.map((l) => `${l}\n`))), ingest, { clock })).rejects.toThrow(
      'line 3: is no record {"at", "topic", "payload"}',
    );
  });
});
