/** What talk leaves in the journal goes when its time is over, and nothing else does. */
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Alert, Transition } from "../alerts/alert.ts";
import type { Episode } from "../detect/facts.ts";
import type { DeliveryOrder, Journal } from "./journal.ts";
import { openJournal } from "./open-journal.ts";

const T = 1_780_000_000_000;
const EVER = { from: 0, to: 2 * T };
const ALL = 1000;

let folder: string;
let journal: Journal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-purge-"));
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
const reopen = async () => {
  await journal[Symbol.asyncDispose]();
  journal = await openJournal(folder);
};

const episode = (start: number, end: number | null, room = "K1"): Episode => ({
  room,
  start: T + start,
  end: end === null ? null : T + end,
  hint: "dialogue",
});
const alert = (id: string, start: number, end: number | null): Alert => ({
  id,
  rule: "conversation-in-shared-office",
  room: "K1",
  pair: null,
  state: end === null ? "firing" : "resolved",
  severity: "warning",
  startedAt: T + start,
  firedAt: T + start,
  acknowledgedAt: null,
  resolvedAt: end === null ? null : T + end,
  reason: end === null ? null : "conversation-ended",
});
/** As they are recorded: a firing, and the end where there is one. */
const transitionsOf = (last: Alert): Transition[] => [
  { to: "firing", at: last.startedAt, alert: { ...last, state: "firing", resolvedAt: null, reason: null } },
  ...(last.resolvedAt === null ? [] : [{ to: "resolved" as const, at: last.resolvedAt, alert: last }]),
];
const order = (key: string, at: number): DeliveryOrder => ({
  key,
  channel: "duty",
  body: `{"room":"K1","key":"${key}"}`,
  createdAt: T + at,
});

const kept = async () => {
  const alerts = await journal.alerts(EVER);
  return {
    episodes: (await journal.episodes(EVER.from, EVER.to)).map(({ start, end }) => [start - T, end && end - T]),
    alerts: alerts.map(({ id }) => id),
    transitions: (await Promise.all(alerts.map(({ id }) => journal.transitions(id)))).map((all) => all.length),
    due: (await journal.dueDeliveries(EVER.to, ALL)).map(({ key }) => key),
  };
};
/** Of a table, as it is in the file. */
const rows = (table: string): number => {
  using db = new DatabaseSync(join(folder, "journal.db"), { readOnly: true });
  return Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n);
};

describe("a purge", () => {
  it("takes what was over before, not what goes on or is still to be delivered, and says what is oldest now", async () => {
    await journal.record({
      episodes: [episode(-90, -50), episode(-80, null, "K2"), episode(-70, -10), episode(-60, -49, "K2")],
      transitions: [alert("over", -90, -50), alert("open", -80, null), alert("late", -70, -10)].flatMap(transitionsOf),
      deliveries: [order("told", -90), order("waiting", -80), order("told later", -40), order("given up", -90)],
      pairDays: [{ from: "K1", to: "K2", day: T - 999, episodes: 1, ...nothingHeard }],
    });
    for (const key of ["told", "told later"]) await journal.settleDelivery(key, "done");
    await journal.settleDelivery("given up", "given-up");
    expect(await journal.oldestBehaviour()).toEqual({ episode: T - 50, alert: T - 50, delivery: T - 90 });

    expect(await journal.purgeBehaviour(T - 49, ALL)).toBe(6);
    const left = {
      episodes: [
        [-80, null],
        [-70, -10],
        [-60, -49],
      ],
      alerts: ["open", "late"],
      transitions: [1, 2],
      due: ["waiting"],
    };
    expect(await kept()).toEqual(left);
    await reopen();
    expect(await kept()).toEqual(left);
    expect(["transition", "delivery", "pair_day"].map(rows)).toEqual([3, 2, 1]);
    expect(await journal.oldestBehaviour()).toEqual({ episode: T - 49, alert: T - 10, delivery: T - 40 });
    expect(await journal.purgeBehaviour(T - 49, ALL), "there is nothing more to take").toBe(0);
  });

  it("takes so many at a time, and in the end all; what is younger is as it was", async () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: -1000, max: 0 }), fc.option(fc.nat(300))), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(
        spans,
        fc.integer({ min: -1000, max: 300 }),
        fc.integer({ min: 1, max: 9 }),
        async (list, cutoff, limit) => {
          const spells = list.map(([start, length]) => [start, length === null ? null : start + length] as const);
          await journal[Symbol.asyncDispose]();
          await rm(join(folder, "journal.db"));
          journal = await openJournal(folder);
          const episodes = spells.map(([start, end], i) => episode(start, end, `R${i}`));
          const alerts = spells.map(([start, end], i) => alert(`a${i}`, start, end));
          await journal.record({ episodes, transitions: alerts.flatMap(transitionsOf) });
          while ((await journal.purgeBehaviour(T + cutoff, limit)) > 0);
          const isLeft = (end: number | null) => end === null || end >= T + cutoff;
          const byStart =
            <S>(key: (one: S) => [number, string]) =>
            (a: S, b: S) =>
              key(a)[0] - key(b)[0] || (key(a)[1] < key(b)[1] ? -1 : 1);
          const alertsLeft = alerts.filter(({ resolvedAt }) => isLeft(resolvedAt));
          expect(await journal.episodes(EVER.from, EVER.to)).toEqual(
            episodes.filter(({ end }) => isLeft(end)).sort(byStart(({ start, room }) => [start, room])),
          );
          expect(await journal.alerts(EVER)).toEqual(
            alertsLeft.toSorted(byStart(({ startedAt, id }) => [startedAt, id])),
          );
          for (const one of alertsLeft) expect(await journal.transitions(one.id)).toEqual(transitionsOf(one));
          expect(rows("transition")).toBe(alertsLeft.flatMap(transitionsOf).length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("takes transitions also when their alert was lost with a damaged page", async () => {
    await journal.record({ transitions: transitionsOf(alert("lost", -90, -50)) });
    await journal[Symbol.asyncDispose]();
    {
      using db = new DatabaseSync(join(folder, "journal.db"));
      db.exec("DELETE FROM alert");
    }
    journal = await openJournal(folder);
    expect(await journal.purgeBehaviour(T - 60, ALL)).toBe(1);
    expect(await journal.purgeBehaviour(T, ALL)).toBe(1);
    expect(rows("transition")).toBe(0);
  });

  it("leaves nothing of it to be found in the file, whose room is used again", async () => {
    const lots = (from: number) => ({
      episodes: Array.from({ length: 3000 }, (_, i) => episode(from + i, from + i + 1)),
      deliveries: [order(`to be found ${from}`, from)],
    });
    const sizes: number[] = [];
    for (const from of [0, 10_000, 20_000]) {
      await journal.record(lots(from));
      await journal.settleDelivery(`to be found ${from}`, "done");
      await reopen();
      sizes.push((await stat(join(folder, "journal.db"))).size);
      expect((await readFile(join(folder, "journal.db"))).includes("to be found")).toBe(true);
      expect(await journal.purgeBehaviour(T + from + 9000, ALL * 10)).toBe(3001);
    }
    await reopen();
    expect((await readFile(join(folder, "journal.db"))).includes("to be found")).toBe(false);
    expect(sizes[2]).toBe(sizes[1]);
    expect(sizes[1]! - sizes[0]!, "a page or two for its margins").toBeLessThan(5 * 8192);
  });
});

const none = [null, null, null, null, null] as const;
const nothingHeard = { ld: none, sigma: none, bound: none };
