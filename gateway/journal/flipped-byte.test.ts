/**
 * A byte of a journal that lies still is changed. Whatever byte it is: the journal opens by itself, tells nothing that
 * was not put in, says when something is missing, and takes new messages.
 */
import { cp, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Alert } from "../alerts/alert.ts";
import { deed, logOf, witnessed } from "../audit/log.fixture.ts";
import type { PairDay } from "../detect/leakage/facts.ts";
import type { Journal, Message } from "./journal.ts";
import { openJournal } from "./open-journal.ts";
import { PAGE_BYTES } from "./schema.ts";

const T = 1_780_000_000_000;
const SECOND = 1000;
const MESSAGES = 600;
/** Tried are places of the header, the beginning of every eighth page, and these anywhere. Longer: FLIPS=500 FLIP_SEED=7. */
const SEED = Number(process.env.FLIP_SEED ?? 1);
const ANYWHERE = Number(process.env.FLIPS ?? 12);

let folder: string;
let file: Buffer;
let whole: Contents;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-flipped-"));
  {
    await using journal = await openJournal(join(folder, "sound"));
    await fill(journal);
  }
  file = await readFile(join(folder, "sound", "journal.db"));
  await using journal = await openJournal(join(folder, "sound"));
  whole = await contentsOf(journal);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const message = (n: number): Message => ({
  device: `k${n % 3}-1`,
  boot: "0a1b2c3d",
  channel: "level",
  seq: Math.floor(n / 3),
  t: T + n * SECOND,
  receivedAt: T + n * SECOND + 50,
  payload: Buffer.from(JSON.stringify({ n, filler: "x".repeat((n * 37) % 300) })),
});
const alert = (n: number): Alert => ({
  id: `overheard:K1>K2:${n}`,
  rule: "overheard",
  room: "K1",
  pair: null,
  state: "firing",
  severity: "warning",
  startedAt: T + n,
  firedAt: T + n,
  acknowledgedAt: null,
  resolvedAt: null,
  reason: null,
});
const day = (n: number): PairDay => ({
  from: "K1",
  to: "K2",
  day: T + n * 86_400 * SECOND,
  episodes: n,
  ld: [20, 25.5, 30, null, null],
  sigma: [1, 0.5, 0.7, null, null],
  bound: [null, null, null, 38, 35],
});

const PARTS = 100;
const part = (number: number) => [number, `{"part":${number},"of":"${"p".repeat(300)}"}`] as const;

async function fill(journal: Journal): Promise<void> {
  for (let from = 0, size = 1; from < MESSAGES; from += size, size = (size * 2) % 500)
    await Promise.all(
      Array.from({ length: Math.min(size, MESSAGES - from) }, (_, i) => journal.append(message(from + i))),
    );
  for (let n = 0; n < 30; n++) {
    await journal.record({
      episodes: [{ room: "K1", start: T + n, end: T + n + 5, hint: "dialogue" }],
      transitions: [{ to: "firing", at: T + n, alert: alert(n) }],
      deliveries: [{ key: `order ${n}`, channel: "webhook", body: JSON.stringify(alert(n)), createdAt: T }],
      pairDays: [day(n)],
      snapshot: {
        name: "lane",
        json: JSON.stringify({ n, state: "s".repeat(2000) }),
        throughId: n,
        parts: n === 0 ? Array.from({ length: PARTS }, (_, i) => part(i)) : [part(PARTS + n)],
        ...(n > 0 && { dropped: [n] }),
      },
    });
    await journal.setNote(`note ${n}`, `value ${n}`);
    await journal.audit(deed(n));
    await journal.keepCheckpoint(witnessed(logOf(n + 1), n + 1));
    await journal.quarantine({
      topic: "t",
      payload: Buffer.from(`{"n":${n}}`),
      reason: "schema",
      detail: `no ${n}`,
      receivedAt: T + n,
    });
  }
}

/** Everything that a journal tells, as text by kind. */
type Contents = Readonly<Record<string, readonly string[]>>;

async function contentsOf(journal: Journal): Promise<Contents> {
  const END = T + 10 ** 10;
  const texts = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one));
  const notes = await Promise.all(Array.from({ length: 30 }, (_, n) => journal.note(`note ${n}`)));
  const transitions = await Promise.all(Array.from({ length: 30 }, (_, n) => journal.transitions(alert(n).id)));
  const snapshot = await journal.snapshot("lane");
  return {
    messages: texts(
      (await journal.messagesAfter(0, 10 * MESSAGES)).map((m) => ({
        ...m,
        payload: Buffer.from(m.payload).toString(),
      })),
    ),
    received: [0, 1, 2].flatMap((n) => texts(journal.received(`k${n}-1`).flatMap(({ runs }) => runs))),
    episodes: texts(await journal.episodes(T, END)),
    alerts: texts(await journal.alerts()),
    transitions: texts(transitions.flat()),
    deliveries: texts(await journal.dueDeliveries(END, 100)),
    pairDays: texts(await journal.pairDays(T, END)),
    snapshot: snapshot ? texts([{ ...snapshot, parts: [] }]) : [],
    parts: snapshot ? texts(snapshot.parts) : [],
    notes: notes.filter((note) => note !== undefined),
    audit: texts(await journal.auditAfter(0, 100)),
    checkpoints: texts(await journal.checkpoints()),
    quarantine: texts(
      (await journal.quarantined(100)).map((q) => ({ ...q, payload: Buffer.from(q.payload).toString() })),
    ),
  };
}

/** Every `seed` gives other places. mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function flippedAt(at: number, change: number): Promise<string> {
  const copy = await mkdtemp(join(folder, "copy-"));
  await cp(join(folder, "sound"), copy, { recursive: true });
  const handle = await open(join(copy, "journal.db"), "r+");
  await handle.write(Uint8Array.of(file[at]! ^ change), 0, 1, at);
  await handle.close();
  return copy;
}

async function lookAt(copy: string, where: string): Promise<void> {
  await using journal = await openJournal(copy);
  const read = await contentsOf(journal);
  let missing = 0;
  for (const [kind, all] of Object.entries(whole)) {
    const known = new Set(all);
    // What was received of a boot may be known of in part, as a shorter run.
    if (kind !== "received")
      expect(
        read[kind]!.filter((one) => !known.has(one)),
        `${where}: ${kind}`,
      ).toEqual([]);
    missing += known.size - new Set(read[kind]).size;
  }
  const held = read.messages!.map((one) => JSON.parse(one) as { device: string; seq: number; id: number });
  for (const { device, seq } of held)
    expect(
      journal.received(device).some(({ runs }) => runs.some(([a, b]) => a <= seq && seq <= b)),
      where,
    ).toBe(true);
  for (const { runs } of [0, 1, 2].flatMap((n) => journal.received(`k${n}-1`)))
    expect(
      runs.every(([from, to]) => from >= 0 && to < MESSAGES / 3),
      where,
    ).toBe(true);
  if (missing > 0) await expect.poll(() => journal.damage().length, { message: where }).toBeGreaterThan(0);
  const appended = await journal.append({ ...message(0), boot: "ffffffff" });
  expect(appended, where).toMatchObject({ kind: "stored" });
  expect(appended.kind === "stored" && held.every(({ id }) => id < appended.id), where).toBe(true);
  expect(journal.health(), where).toEqual({ kind: "ok" });
}

describe("a flipped byte", () => {
  it("of any kind is survived, told where it cost something, and never believed", async () => {
    const random = seeded(SEED);
    const places = [
      ...[16, 32, 60, 68, 105],
      ...Array.from({ length: Math.floor(file.length / PAGE_BYTES) }, (_, page) => page * PAGE_BYTES).filter(
        (_, page) => page % 8 === SEED % 8,
      ),
      ...Array.from({ length: ANYWHERE }, () => Math.floor(random() * file.length)),
    ];
    for (const at of places) {
      const change = 1 << Math.floor(random() * 8);
      const copy = await flippedAt(at, change);
      await lookAt(copy, `byte ${at} (page ${1 + Math.floor(at / PAGE_BYTES)} + ${at % PAGE_BYTES}) ^ ${change}`);
      await rm(copy, { recursive: true });
    }
  });
});
