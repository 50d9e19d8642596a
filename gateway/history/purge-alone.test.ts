import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { type History, HistoryError, type Point } from "./history.ts";
import { openHistory } from "./open.ts";
import { purgingAlone } from "./purge-alone.ts";

const DAY = 86_400_000;
let influxd: Influxd;
beforeAll(async () => {
  influxd = await startInfluxd();
});
afterAll(() => influxd[Symbol.asyncDispose]());

const levels = (t: number): Point[] =>
  Array.from({ length: 50 }, (_, i) => ({
    measurement: "level",
    tags: { site: "demo", room: "K1", device: `d${i}` },
    t,
    fields: { laeq: 45, lafmax: 50, l90: 40, speechRatio: 0, noiseLimited: false, clipped: false },
  }));

it("the first points of a day are there, whenever a purge comes", async () => {
  await using history = await openHistory(`influxdb://127.0.0.1:${influxd.port}/purged`);
  await history.prepare();
  const today = Math.floor(Date.now() / DAY) * DAY;
  const days = Array.from({ length: 12 }, (_, i) => today - (12 - i) * DAY);
  for (const [i, day] of days.entries()) {
    const written = history.write(levels(day));
    await sleep(i % 4);
    await Promise.all([written, history.purge(today)]);
  }
  expect(await history.count({ measurement: "level", from: 0, to: today })).toBe(days.length * 50);
});

/** A history whose writes and purges last until they are told to end. */
function slowHistory() {
  const log: string[] = [];
  const ends: ((failure?: Error) => void)[] = [];
  const work = (what: string) =>
    new Promise<never[]>((resolve, reject) => {
      log.push(`${what} begins`);
      ends.push((failure) => {
        log.push(`${what} ends`);
        if (failure) reject(failure);
        else resolve([]);
      });
    });
  const write = () => work("write").then(() => {});
  const history = { kind: "slow", write, pack: () => ({ store: write }), purge: () => work("purge") };
  const end = async (failure?: Error) => {
    ends.shift()!(failure);
    await sleep(1);
  };
  return { history: purgingAlone(history as unknown as History), log, end };
}

it("a purge waits for the writes under way and holds up later ones, also when one of them fails", async () => {
  const { history, log, end } = slowHistory();
  const away = new HistoryError("away", "unavailable");
  const outcomes = Promise.allSettled([
    history.write([]),
    history.pack([]).store(),
    history.purge(0),
    history.pack([]).store(),
    history.purge(0),
    history.write([]),
  ]);
  await sleep(1);
  for (const failure of [away, undefined, away, undefined, undefined, undefined]) await end(failure);
  expect(log).toEqual([
    ...["write begins", "write begins", "write ends", "write ends"],
    ...["purge begins", "purge ends", "purge begins", "purge ends"],
    ...["write begins", "write begins", "write ends", "write ends"],
  ]);
  expect((await outcomes).map(({ status }) => status)).toEqual([
    ...["rejected", "fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"],
  ]);
});
