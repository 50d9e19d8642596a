/**
 * Whatever the clocks of devices and the way through the network do, what history has rolled up equals, byte for byte, what
 * one computation from all raw points gives, and so do the reports made of it. Through the gateway's own pipeline, into the
 * embedded history and a real influxd.
 */
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "#gateway/config.ts";
import type { PairMinute } from "#gateway/detect/leakage/facts.ts";
import { seesAll } from "#gateway/display/sight.ts";
import type { Point } from "#gateway/history/history.ts";
import { pointOf, pointOfPairMinute, type ReadingMessage, whereaboutsIn } from "#gateway/history/points.ts";
import { reportCsv } from "#gateway/report/csv.ts";
import { gatherReport, type ReportSources } from "#gateway/report/gather.ts";
import { reportHtml } from "#gateway/report/html.ts";
import { Hearing } from "#protocol/api.ts";
import { type Interval, startOfDay } from "#protocol/calendar.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { openRecordedTime } from "#test/journeys/recorded-time.ts";
import { fiveMinutes, quietLevel } from "#test/journeys/speaker.ts";
import { startInfluxd } from "#test/services/influxd.ts";
import { batchOf, bytesOf, rollupMeasurements } from "./batch.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const { site } = readConfig({});
const whereIs = whereaboutsIn(site);

/** After each portion of arrivals everything is stored and rolled up; then the next comes. */
const PORTION_MS = 25 * MINUTE;
const LIMIT_MS = 120_000;
/** Between two stories on the same data: no message of one reaches back to the other. 210 days are seven times as long. */
const APART_MS = 30 * DAY;

/** Where the time of a message lies: a clock's error, or how long an outbox kept it. From its arrival, or from the story's start. */
const distances = {
  "in time": { from: "arrival", ms: -3 * MINUTE },
  "five minutes slow": { from: "arrival", ms: -8 * MINUTE },
  "a day late": { from: "start", ms: -DAY },
  "six days late": { from: "start", ms: -6 * DAY },
  "an hour ahead": { from: "arrival", ms: HOUR },
  "eight days behind": { from: "start", ms: -8 * DAY },
} as const;
type Distance = keyof typeof distances;
const refused: ReadonlySet<Distance> = new Set<Distance>(["an hour ahead", "eight days behind"]);

const said = fc.record({
  device: fc.constantFrom("k1", "g1"),
  boot: fc.constantFrom("a", "b"),
  distance: fc.constantFrom(...(Object.keys(distances) as Distance[])),
  /** Windows of ten seconds, so few that some are told twice, under another sequence number: a clock was set back. */
  slot: fc.nat(17),
  channel: fc.constantFrom("level", "level", "stats"),
  half: fc.integer({ min: 60, max: 160 }),
  tenths: fc.nat(10),
  quiet: fc.boolean(),
  /** Takes the identity of a message that came before. */
  again: fc.option(fc.nat(1000), { freq: 4 }),
});
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;

/** A minute of talk in K1, up to 50 minutes after its time; the same one may be corrected later. */
const heard = fc.record({
  to: fc.constantFrom("K2", "G1"),
  minutesAgo: fc.nat(50),
  hearing: fc.option(fc.constantFrom(...Hearing.options)),
});
type Heard = typeof heard extends fc.Arbitrary<infer T> ? T : never;

const portion = fc.record({
  said: fc.array(said, { minLength: 5, maxLength: 40 }),
  heard: fc.array(heard, { maxLength: 8 }),
  /** The gateway is stopped and started before it. */
  restarted: fc.nat(9).map((die) => die === 0),
});
type Portion = { readonly said: readonly Said[]; readonly heard: readonly Heard[]; readonly restarted: boolean };
const stories = fc.array(portion, { minLength: 3, maxLength: 4 });

interface Message {
  readonly line: string;
  /** What history will hold of it; undefined when it is refused. */
  readonly point: Point | undefined;
  readonly identity: { readonly device: string; readonly boot: string; readonly seq: number };
}

/** Turns what was drawn into messages; remembers identities, as the devices' counters and the gateway's memory do. */
function messenger(start: number) {
  const story = Math.floor(start / DAY)
    .toString(16)
    .padStart(7, "0");
  const taken: Message[] = [];
  const sequence = new Map<string, number>();
  const next = (device: string, boot: string) => {
    const seq = sequence.get(device + boot) ?? 0;
    sequence.set(device + boot, seq + 1);
    return { device, boot, seq };
  };
  return (one: Said, at: number): Message => {
    const repeated = one.again === null || taken.length === 0 ? undefined : taken[one.again % taken.length]!;
    const { device, boot, seq } = repeated?.identity ?? next(one.device, story + one.boot);
    const { from, ms } = distances[one.distance];
    const t = Math.floor(((from === "arrival" ? at : start) + ms) / MINUTE) * MINUTE + one.slot * 10 * SECOND;
    const laeq = one.half / 2;
    const level = { ...quietLevel, laeq, lafmax: laeq + 7.5, l90: laeq - 6, speechRatio: one.tenths / 10 };
    const thirds = fiveMinutes.background!.map((db) => db + one.tenths - 5);
    const stats = { ...fiveMinutes, laeq, background: one.quiet ? thirds : null };
    const reading = { boot, seq, t, ...(one.channel === "level" ? level : stats) };
    const point = pointOf({ channel: one.channel, reading } as ReadingMessage, whereIs(device)!.place);
    const topic = `fortrolig/v1/${site.site}/${device}/${one.channel}`;
    const isStored = repeated === undefined && !refused.has(one.distance);
    const message = {
      line: JSON.stringify({ at, topic, payload: JSON.stringify(reading) }),
      point: isStored ? point : undefined,
      identity: { device, boot, seq },
    };
    if (isStored) taken.push(message);
    return message;
  };
}

const minuteOf = ({ to, minutesAgo, hearing }: Heard, at: number): PairMinute => ({
  from: "K1",
  to,
  t: Math.floor(at / MINUTE) * MINUTE - (minutesAgo + 1) * MINUTE,
  situation: {
    from: "K1",
    to,
    state: hearing === null ? "unknown" : "private",
    reason: null,
    reasonRoom: null,
    link: false,
    audibility: hearing === null ? null : { hearing, snr: -13.5, sigma: 2.5, sii5: 0.08, probability: 0.02 },
  },
  z: null,
  pi: null,
  spc: null,
  ld: [null, null, null, null, null],
});

/** A gateway in recorded time that can be stopped and started on the same data. */
async function openGateway(data: string, start: number, history?: string) {
  const open = (at: number) => openRecordedTime({ data, ...(history && { history }) }, at);
  let running = await open(start);
  return {
    now: () => running,
    async restart(at: number) {
      await running[Symbol.asyncDispose]();
      running = await open(at);
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
type Gateway = Awaited<ReturnType<typeof openGateway>>;

/** Lives through a story that begins at `start`, and compares what history then holds of its time. */
async function live(gateway: Gateway, story: readonly Portion[], start: number): Promise<void> {
  const write = messenger(start);
  const stored: Point[] = [];
  for (const [index, { said, heard, restarted }] of story.entries()) {
    const at = start + index * PORTION_MS;
    if (restarted) await gateway.restart(at);
    const messages = said.map((one) => write(one, at));
    const minutes = heard.map((one) => minuteOf(one, at));
    for (const minute of minutes) await gateway.now().pipeline.journal.record({ pairMinutes: [minute] });
    await gateway.now().feed(linesOf(messages), at + MINUTE);
    stored.push(...messages.flatMap(({ point }) => point ?? []));
    stored.push(...minutes.map((minute) => pointOfPairMinute(site.site, minute)));
  }
  await gateway.now().feed(linesOf([]), start + 2 * DAY);
  await compare(gateway.now().pipeline, stored, { from: start - 9 * DAY, until: start + 2 * DAY });
}

async function* linesOf(messages: readonly Message[]): AsyncIterable<string> {
  for (const { line } of messages) yield line;
}

async function compare({ history, journal }: Omit<ReportSources, "site">, stored: readonly Point[], ever: Interval) {
  const batch = batchOf(stored);
  for (const measurement of ["level", "spectrum", ...rollupMeasurements] as const)
    expect(await bytesOf(history, measurement, ever.from, ever.until), measurement).toBe(
      await bytesOf(batch, measurement, ever.from, ever.until),
    );
  const from = startOfDay(ever.from, site.timeZone);
  const period = { from, until: startOfDay(ever.until, site.timeZone) };
  const report = await gatherReport({ site, journal, history }, period, null, seesAll);
  const expected = await gatherReport({ site, journal, history: batch }, period, null, seesAll);
  expect(JSON.stringify(report)).toBe(JSON.stringify(expected));
  expect(reportCsv(report)).toBe(reportCsv(expected));
  expect(reportHtml(report, "da")).toBe(reportHtml(expected, "da"));
}

// A story that fails is told as it was: making it smaller would take minutes.
describe("what is rolled up equals one computation from all raw points, byte for byte", () => {
  it("in the embedded history, story after story, from one switch of the local time to the other", {
    timeout: LIMIT_MS,
  }, async () => {
    await using folder = await temporaryFolder();
    const [spring, autumn] = ["2026-03-29T00:30:00Z", "2026-10-25T00:30:00Z"].map((text) => Date.parse(text)) as [
      number,
      number,
    ];
    await using gateway = await openGateway(join(folder.path, "data"), spring - MINUTE);
    let lived = 0;
    await fc.assert(
      fc.asyncProperty(stories, (story) => live(gateway, story, spring + lived++ * APART_MS)),
      { numRuns: 1 + (autumn - spring) / APART_MS, endOnFailure: true },
    );
  });

  it("in InfluxDB", { timeout: LIMIT_MS }, async () => {
    await using influxd = await startInfluxd();
    await using folder = await temporaryFolder();
    // A database that knows the real time lets raw readings go after 14 days.
    const start = Math.floor(Date.now() / DAY) * DAY - 3 * DAY;
    let lived = 0;
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const name = `story_${++lived}`;
        const history = `influxdb://127.0.0.1:${influxd.port}/${name}`;
        await using gateway = await openGateway(join(folder.path, name), start - MINUTE, history);
        await live(gateway, story, start);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});
