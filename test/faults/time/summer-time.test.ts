/**
 * The days of 23 and 25 hours, in Copenhagen: what a device says all through them, through the gateway's own pipeline, and
 * what reports and histories of local days and hours make of it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readConfig } from "#gateway/config.ts";
import { House, START, talkInK1 } from "#gateway/detect/leakage/house.fixture.ts";
import { partition } from "#gateway/detect/leakage/two-rooms.fixture.ts";
import { seesAll } from "#gateway/display/sight.ts";
import { gatherReport } from "#gateway/report/gather.ts";
import { parsePeriod } from "#gateway/report/period.ts";
import { roomHistory } from "#gateway/report/room-history.ts";
import { findRoom } from "#protocol/rooms.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { openRecordedTime } from "#test/journeys/recorded-time.ts";
import { quietLevel, roomState } from "#test/journeys/speaker.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DEMO_SITE = fileURLToPath(import.meta.resolve("#protocol/demo-site.yaml"));

/** The demo site, always measuring: the clocks are changed on Sundays. */
async function alwaysMeasuring(folder: string): Promise<string> {
  const demo = await readFile(DEMO_SITE, "utf8");
  const always = demo.replace("measuring: opening-hours", "measuring: always");
  expect(always).not.toBe(demo);
  const file = join(folder, "site.yaml");
  await writeFile(file, always);
  return file;
}

/** K1's device from `from` until `until`: a level each ten seconds, and in every hour ten minutes of talk from a quarter past. */
async function* spoken(from: number, until: number): AsyncIterable<string> {
  let seq = 0;
  const line = (channel: string, t: number, body: object) => {
    const payload = JSON.stringify({ boot: "0000000a", seq: seq++, t, ...body });
    return JSON.stringify({ at: t + 10 * SECOND, topic: `fortrolig/v1/jobcentre/k1/${channel}`, payload });
  };
  for (let t = from; t < until; t += 10 * SECOND) {
    yield line("level", t, quietLevel);
    const intoHour = t % HOUR;
    const talkFrom = t - intoHour + 15 * MINUTE;
    if (t % (30 * SECOND) !== 0) continue;
    if (intoHour >= 15 * MINUTE && intoHour < 25 * MINUTE) yield line("state", t, roomState("on", talkFrom));
    else if (intoHour === 25 * MINUTE) yield line("state", t, roomState("off", t));
  }
}

describe.each([
  { day: "2026-03-29", hours: 23, begins: "2026-03-28T23:00:00.000Z", twice: 0 },
  { day: "2026-10-25", hours: 25, begins: "2026-10-24T22:00:00.000Z", twice: 2 },
])("$day has $hours hours", ({ day, hours, begins, twice }) => {
  const from = Date.parse(begins);
  const until = from + hours * HOUR;

  it("and a report of it all of them, each by its local name; nothing of it is in the days beside it", async () => {
    await using folder = await temporaryFolder();
    const file = await alwaysMeasuring(folder.path);
    const { site } = readConfig({}, { site: file });
    await using past = await openRecordedTime({ data: join(folder.path, "data"), site: file }, from - MINUTE);
    await past.feed(spoken(from, until), until + 30 * HOUR);
    const now = until + 30 * HOUR;
    const reportOf = (first: string, last: string) =>
      gatherReport(
        { site, ...past.pipeline },
        parsePeriod({ from: first, to: last }, site.timeZone, now),
        null,
        seesAll,
      );

    const report = await reportOf(day, day);
    expect([report.from, report.to]).toEqual([begins, new Date(until).toISOString()]);
    expect(report.sharedOffices).toEqual({ conversations: hours, minutes: hours * 10, longestMinutes: 10 });
    expect(report.rooms.find(({ id }) => id === "K1")).toMatchObject({ conversations: hours, coverage: 1 });
    const byHour = report.byKindAndHour.map(({ hour, conversations, minutes }) => [hour, conversations, minutes]);
    const expected = Array.from({ length: 24 }, (_, hour) => [
      hour,
      hour === 2 ? twice : 1,
      hour === 2 ? 10 * twice : 10,
    ]);
    expect(byHour).toEqual(expected.filter(([, conversations]) => conversations! > 0));

    const dayBeside = (days: number) => new Date(Date.parse(day) + days * 24 * HOUR).toISOString().slice(0, 10);
    for (const beside of [dayBeside(-1), dayBeside(1)])
      expect((await reportOf(beside, beside)).sharedOffices.conversations).toBe(0);
    expect((await reportOf(dayBeside(-1), dayBeside(1))).sharedOffices).toEqual(report.sharedOffices);

    const room = findRoom(site, "K1")!;
    const levels = await roomHistory({ site, ...past.pipeline }, room, { from, until }, "1h", seesAll);
    expect(levels.coverage).toEqual(Array(hours).fill(1));
  });

  it("and what its conversations show of a boundary belongs to it, from its first minute to its last", () => {
    const house = new House();
    const wall = { G1: partition(25), S1: partition(52) };
    const daysTold = (at: number, seed: number) => {
      house.now = at;
      const before = house.facts.length;
      house.converse(talkInK1(300, seed, wall));
      house.live({}, 0, 60);
      const facts = house.facts.slice(before);
      return [...new Set(facts.flatMap((fact) => (fact.kind === "pair-day" ? [fact.day.day] : [])))];
    };
    expect(START).toBeLessThan(from);
    const nextDay = until;
    const dayBefore = from - 24 * HOUR;
    expect(daysTold(from - 20 * MINUTE, 1)).toEqual([dayBefore]);
    expect(daysTold(from + 10 * MINUTE, 2)).toEqual([from]);
    expect(daysTold(until - 20 * MINUTE, 3)).toEqual([from]);
    expect(daysTold(until + 10 * MINUTE, 4)).toEqual([nextDay]);
  });
});
