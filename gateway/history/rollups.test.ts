import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Clock, handClock } from "../clock.ts";
import { type History, HistoryError, type Point } from "./history.ts";
import { startRetention } from "./retention.ts";
import { rollUp } from "./rollup.ts";
import { startRollups } from "./rollups.ts";
import { openSqliteHistory } from "./sqlite.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T = 500_000 * HOUR;
const ever = { from: 0, to: T + 1000 * DAY };

const level = (t: number, device = "a", laeq = 50 + ((t / 10_000) % 40) / 2): Point => ({
  measurement: "level",
  tags: { site: "demo", room: "K1", device },
  t,
  fields: { laeq, lafmax: laeq + 5, l90: laeq - 5, speechRatio: 0.3, noiseLimited: false, clipped: false },
});
const run = (from: number, count: number, device = "a") =>
  Array.from({ length: count }, (_, i) => level(from + i * 10_000, device));

/** The journal's notes, at the port. */
function notebook() {
  const notes = new Map<string, string>();
  return {
    notes,
    note: async (name: string) => notes.get(name),
    setNote: async (name: string, value: string) => void notes.set(name, value),
    purgeQuarantine: async () => 0,
    purgePairMinutes: async () => 0,
    purgeBehaviour: async () => 0,
    oldestBehaviour: async () => ({ episode: null, alert: null, delivery: null }),
  };
}

async function withHistory(story: (history: History) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "fortrolig-rollups-"));
  try {
    await using history = openSqliteHistory(join(folder, "history.db"));
    await history.prepare();
    await story(history);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const on = (claim: string, story: (history: History) => Promise<void>) => it(claim, () => withHistory(story));

const stored = async (history: History) => ({
  minutes: await history.select({ measurement: "level_1m", ...ever }),
  hours: await history.select({ measurement: "level_1h", ...ever }),
});
const inOrder = (points: readonly Point[]) =>
  points.toSorted((a, b) => a.t - b.t || (a.tags.device! < b.tags.device! ? -1 : 1));
const expected = (readings: readonly Point[]) => ({
  minutes: inOrder(rollUp(readings, "level_1m")),
  hours: inOrder(rollUp(readings, "level_1h")),
});

describe("rollups", () => {
  on("a window is computed when it is over, and not before", async (history) => {
    const clock = handClock(T);
    await using rollups = await startRollups({ journal: notebook(), history, clock });
    const readings = [...run(T, 360), ...run(T + HOUR, 9)];
    await history.write(readings);
    rollups.written(readings);
    expect(rollups.status()).toMatchObject({ dirty: { minutes: 62, hours: 0 }, refused: 0, reason: null });
    clock.advanceTo(T + HOUR + 70_000);
    await rollups.settle();
    expect(rollups.status()).toMatchObject({ dirty: { minutes: 1, hours: 1 }, refused: 0, reason: null });
    const [minutes, hours] = [expected(readings.slice(0, 366)).minutes, expected(readings.slice(0, 360)).hours];
    expect(await stored(history)).toEqual({ minutes, hours });
    clock.advanceTo(T + 2 * HOUR + 10_000);
    await rollups.settle();
    expect(await stored(history)).toEqual(expected(readings));
  });

  on("windows wait while a backlog is moved, for ten minutes at most", async (history) => {
    const clock = handClock(T + 5 * HOUR);
    let rests = 0;
    const resting: Clock = {
      now: clock.now,
      wait(ms, signal) {
        rests++;
        return clock.wait(ms, signal);
      },
    };
    let isPressed = true;
    const options = { journal: notebook(), history, clock: resting, isPressed: () => isPressed };
    await using rollups = await startRollups(options);
    const minutesUntilComputed = async (readings: readonly Point[]) => {
      await history.write(readings);
      rollups.written(readings);
      const from = clock.now();
      while (rollups.status().dirty.minutes > 0) {
        const before = rests;
        clock.advanceTo(clock.now() + 30_000);
        while (rests === before) await turn();
      }
      return (clock.now() - from) / MINUTE;
    };
    while (rests === 0) await turn();
    expect(await minutesUntilComputed(run(T, 60))).toBe(10);
    isPressed = false;
    expect(await minutesUntilComputed(run(T + HOUR, 60))).toBe(0.5);
    expect((await stored(history)).minutes).toEqual(expected([...run(T, 60), ...run(T + HOUR, 60)]).minutes);
  });

  on("a late reading opens its minute and its hour again", async (history) => {
    const clock = handClock(T + 5 * HOUR);
    await using rollups = await startRollups({ journal: notebook(), history, clock });
    const readings = run(T, 720);
    const late = readings.splice(77, 1);
    for (const arrived of [readings, late]) {
      await history.write(arrived);
      rollups.written(arrived);
      await rollups.settle();
    }
    expect(await stored(history)).toEqual(expected([...readings, ...late]));
  });

  it("in whatever order and portions readings arrive, the rollups equal those of all readings together", () =>
    fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...run(T, 150, "a"), ...run(T + 50 * MINUTE, 120, "b")], { minLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 3, maxLength: 3 }),
        (readings, portions) =>
          withHistory(async (history) => {
            const clock = handClock(T + 5 * HOUR);
            await using rollups = await startRollups({ journal: notebook(), history, clock });
            let from = 0;
            for (const portion of [...portions, readings.length]) {
              const arrived = readings.slice(from, from + portion);
              from += portion;
              await history.write(arrived);
              rollups.written(arrived);
              await rollups.settle();
            }
            expect(await stored(history)).toEqual(expected(readings));
          }),
      ),
      { numRuns: 8 },
    ));

  on("which windows are dirty survives a crash, also in the middle of computing them", async (history) => {
    const clock = handClock(T + 5 * HOUR);
    const journal = notebook();
    const readings = run(T, 720);
    await history.write(readings);
    const away: Pick<History, "prepare" | "select" | "write"> = {
      prepare: () => history.prepare(),
      select: (selection) => history.select(selection),
      write: async () => {
        // The crash: what is noted at this moment is all that is left.
        await crashed.save();
        throw new HistoryError("away", "unavailable");
      },
    };
    const crashed = await startRollups({ journal, history: away, clock });
    crashed.written(readings);
    await expect(crashed.settle()).rejects.toThrow("away");
    expect(crashed.status().dirty.minutes).toBe(120);
    const left = { ...notebook(), note: async (name: string) => new Map(journal.notes).get(name) };
    await crashed[Symbol.asyncDispose]();
    await using second = await startRollups({ journal: left, history, clock });
    await second.settle();
    expect(await stored(history)).toEqual(expected(readings));
  });

  on("a first history is read in long spans, not minute by minute", async (history) => {
    const clock = handClock(T + 28 * DAY);
    let selects = 0;
    const counted: Pick<History, "prepare" | "select" | "write"> = {
      prepare: () => history.prepare(),
      select: (selection) => {
        selects++;
        return history.select(selection);
      },
      write: (points) => history.write(points),
    };
    await using rollups = await startRollups({ journal: notebook(), history: counted, clock });
    const days = Array.from({ length: 5 }, (_, day) => run(T + day * DAY, 3600));
    for (const readings of days) {
      await history.write(readings);
      rollups.written(readings);
    }
    await rollups.settle();
    expect(await stored(history)).toEqual(expected(days.flat()));
    // 3,000 minutes and 50 hours.
    expect(selects).toBeLessThan(40);
  });
});

describe("retention", () => {
  on("readings go after their time, not before their rollup is there; the proof says what is left", async (history) => {
    const clock = handClock(T + 15 * DAY);
    const journal = notebook();
    await using rollups = await startRollups({ journal, history, clock });
    const readings = [...run(T, 360), ...run(T + 10 * DAY, 360)];
    await history.write(readings);
    rollups.written(readings);
    await using retention = await startRetention({ journal, history, clock, rollups });
    const proof = await retention.purge();
    expect(await history.select({ measurement: "level", ...ever })).toEqual(readings.slice(360));
    expect(await stored(history)).toEqual(expected(readings));
    expect(proof).toMatchObject({ at: T + 15 * DAY, complete: true });
    expect(proof.before.level).toBe(T + DAY);
    expect(proof.oldest.filter(({ oldest }) => oldest !== null)).toEqual([
      { measurement: "level", oldest: T + 10 * DAY },
      { measurement: "level_1m", oldest: T },
      { measurement: "level_1h", oldest: T },
    ]);
    await using afterRestart = await startRetention({ journal, history, clock, rollups });
    expect(afterRestart.proof()).toEqual(proof);
  });

  on("a reading that comes for a purged minute does not spoil the rollup", async (history) => {
    const clock = handClock(T + 15 * DAY);
    const journal = notebook();
    await using rollups = await startRollups({ journal, history, clock });
    const readings = run(T, 360);
    await history.write(readings);
    rollups.written(readings);
    await using retention = await startRetention({ journal, history, clock, rollups });
    await retention.purge();
    const late = level(T + 5000, "a", 90);
    await history.write([late]);
    rollups.written([late]);
    await rollups.settle();
    expect(await stored(history)).toEqual(expected(readings));
  });

  on("a backlog of more than the retention is rolled up before it is purged", async (history) => {
    const clock = handClock(T + 20 * DAY);
    const journal = notebook();
    const readings = run(T, 360);
    await using rollups = await startRollups({ journal, history, clock });
    const forwarder = {
      drain: async () => {
        await history.write(readings);
        rollups.written(readings);
        return true;
      },
    };
    await using retention = await startRetention({ journal, history, clock, rollups, forwarder });
    await retention.purge();
    expect(await history.count({ measurement: "level", ...ever })).toBe(0);
    expect((await stored(history)).minutes).toEqual(expected(readings).minutes);
  });

  on("a database that is away is purged later", async (history) => {
    const clock = handClock(T + 15 * DAY);
    const journal = notebook();
    await using rollups = await startRollups({ journal, history, clock });
    let away = true;
    const purge: History["purge"] = async (now) => {
      if (away) throw new HistoryError("away", "unavailable");
      return history.purge(now);
    };
    await using retention = await startRetention({ journal, history: { purge }, clock, rollups });
    await expect(retention.purge()).rejects.toThrow("away");
    expect([retention.proof(), retention.reason()]).toEqual([undefined, "away"]);
    away = false;
    expect(await retention.purge()).toMatchObject({ complete: true });
    expect(retention.reason()).toBeNull();
  });

  on("a rollup that the database refuses holds up neither the others nor the purge", async (history) => {
    const clock = handClock(T + 5 * HOUR);
    const journal = notebook();
    const readings = run(T, 30);
    await history.write(readings);
    const picky: Pick<History, "prepare" | "select" | "write"> = {
      prepare: () => history.prepare(),
      select: (selection) => history.select(selection),
      write: async (points) => {
        if (points.some(({ t }) => t === T + MINUTE)) throw new HistoryError("conflict", "refused");
        await history.write(points);
      },
    };
    await using rollups = await startRollups({ journal, history: picky, clock });
    rollups.written(readings);
    await rollups.settle();
    expect(rollups.status()).toMatchObject({ dirty: { minutes: 0, hours: 0 }, refused: 1, reason: null });
    expect((await stored(history)).minutes.map(({ t }) => (t - T) / MINUTE)).toEqual([0, 2, 3, 4]);
  });
});
