/**
 * The leakage report of a year of 50 rooms and 65 boundaries, by `npm run report` in a fresh process and by HTTP from a
 * gateway, on embedded SQLite and on InfluxDB. What the report reads is made and written through the history port.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FieldValue, Point } from "#gateway/history/history.ts";
import type { Measurement } from "#gateway/history/measurements.ts";
import { openHistory } from "#gateway/history/open.ts";
import { openJournal } from "#gateway/journal/open-journal.ts";
import { OCTAVES_HZ, THIRDS_HZ } from "#protocol/acoustics/bands.ts";
import { asking } from "#test/journeys/asking.ts";
import { type Folder, temporaryFolder } from "#test/journeys/folder.ts";
import { startProgram } from "#test/journeys/program.ts";
import { startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { startInfluxd } from "#test/services/influxd.ts";
import type { Beside, Measured, Row } from "../figure.ts";
import { told } from "../figure.ts";

const SITE = "year";
const ROOMS = 50;
const BOUNDARIES = 65;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 365;
const CONVERSATIONS_PER_DAY = 9;
const BATCH = 5000;

export const reportYear: Row = {
  name: "report-year",
  title: "A year × 50 rooms leakage report, embedded SQLite, by the command in a fresh process",
  unit: "s",
  goal: 1,
  reach: "at most",
  runs: 3,
  async measure() {
    await using year = await yearInSqlite();
    const value = await byCommand(year);
    const [first, second] = await byHttp(year);
    const details = { data: year.data, http: `${told(first)} s, again ${told(second)} s` };
    return { value, lost: 0, details } satisfies Measured;
  },
  async beside() {
    await using influxd = await startInfluxd();
    await using year = await makeYear(`influxdb://127.0.0.1:${influxd.port}/year`);
    const command = await byCommand(year);
    const [first, second] = await byHttp(year);
    return [
      { name: "the same from InfluxDB 1.6, by the command (goal at most 3)", value: command, unit: "s" },
      { name: "the same from InfluxDB 1.6, by HTTP, first", value: first, unit: "s" },
      { name: "the same from InfluxDB 1.6, by HTTP, again", value: second, unit: "s" },
    ] satisfies Beside[];
  },
};

interface Year extends AsyncDisposable {
  readonly settings: { readonly data: string; readonly site: string; readonly history: string };
  readonly from: string;
  readonly to: string;
  readonly data: string;
}

const yearInSqlite = () => makeYear(undefined);

async function makeYear(url: string | undefined): Promise<Year> {
  const folder: Folder = await temporaryFolder();
  const site = join(folder.path, "site.yaml");
  const data = join(folder.path, "data");
  const history = url ?? `sqlite:${join(data, "history.db")}`;
  await writeFile(site, JSON.stringify(yearSite()));
  const until = Math.floor(Date.now() / DAY) * DAY;
  const days = Array.from({ length: DAYS }, (_, i) => until - (DAYS - i) * DAY).filter(isWorkingDay);
  const points = await writePoints(history, days);
  const conversations = await writeConversations(data, days);
  const date = (t: number) => new Date(t).toISOString().slice(0, 10);
  return {
    settings: { data, site, history },
    from: date(until - DAYS * DAY),
    to: date(until - DAY),
    data: `${told(points)} points, ${told(conversations)} conversations`,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const isWorkingDay = (t: number): boolean => ![0, 6].includes(new Date(t).getUTCDay());
const roomId = (i: number): string => `R${i}`;
/** A row of rooms, each next to the one after it, and every third to the one behind it too. */
const boundaries = Array.from({ length: BOUNDARIES }, (_, i) =>
  i < ROOMS - 1 ? [i, i + 1] : [3 * (i - ROOMS + 1), 3 * (i - ROOMS + 1) + 2],
) as [number, number][];

const yearSite = () => ({
  site: SITE,
  name: "A year",
  timeZone: "Europe/Copenhagen",
  openingHours: Object.fromEntries(
    ["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => [day, { from: "08:00", until: "16:00" }]),
  ),
  rooms: Array.from({ length: ROOMS }, (_, i) => ({
    id: roomId(i),
    name: roomId(i),
    kind: i % 3 === 0 ? "shared-office" : "conversation-room",
    assigned: i % 3 === 0 ? 3 : 0,
  })),
  boundaries: boundaries.map(([a, b]) => ({ between: [roomId(a), roomId(b)], kind: "wall", rw: 40 })),
  devices: Array.from({ length: ROOMS }, (_, i) => ({ id: `d${i}`, room: roomId(i) })),
});

/** Answers how many. */
async function writePoints(url: string, days: readonly number[]): Promise<number> {
  await using history = await openHistory(url);
  await history.prepare();
  let count = 0;
  let batch: Point[] = [];
  for (const point of pointsOf(days)) {
    count++;
    if (batch.push(point) < BATCH) continue;
    await history.write(batch);
    batch = [];
  }
  if (batch.length > 0) await history.write(batch);
  return count;
}

/** Per working day and room eight hours of levels and backgrounds; per day and pair a boundary and the day's minutes. */
function* pointsOf(days: readonly number[]): Iterable<Point> {
  const pairs = boundaries.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]);
  for (const [n, day] of days.entries()) {
    for (let room = 0; room < ROOMS; room++) {
      const tags = { site: SITE, room: roomId(room), device: `d${room}` };
      for (let hour = 7; hour < 15; hour++) {
        yield point("level_1h", tags, level(room, hour), day + hour * HOUR);
        yield point("background_1h", tags, background(room, hour), day + hour * HOUR);
      }
    }
    for (const [a, b] of pairs) {
      const tags = { site: SITE, from: roomId(a), to: roomId(b) };
      yield point("boundary", tags, boundary(a, n), day);
      yield point("leak_1d", tags, minutes(a, n), day);
    }
  }
}

type Fields = Record<string, FieldValue>;
const point = (measurement: Measurement, tags: Record<string, string>, fields: Fields, t: number): Point => ({
  measurement,
  tags,
  fields,
  t,
});

const level = (room: number, hour: number): Fields => ({
  laeq: 45 + (room % 10),
  lafmax: 62,
  l90: 35,
  speechRatio: 0.4,
  n: 360,
  laeqHistogram: JSON.stringify({ [90 + hour]: 360 }),
  l90Histogram: JSON.stringify({ 70: 360 }),
});
const perBand = (prefix: string, bands: readonly number[], value: (i: number) => number): Fields =>
  Object.fromEntries(bands.map((hz, i) => [`${prefix}${hz}`, value(i)]));
const background = (room: number, hour: number): Fields => ({
  mean: 28 + (room % 5),
  n: 12,
  ...perBand("background", THIRDS_HZ, (i) => 32 + ((room + hour) % 7) - i / 2),
});
const boundary = (room: number, day: number): Fields => ({
  episodes: 4,
  ...perBand("ld", OCTAVES_HZ, (i) => 30 + (room % 12) + 2 * i + ((day * 7 + i) % 5) / 4),
  ...perBand("sigma", OCTAVES_HZ, () => 0.8),
});
const minutes = (room: number, day: number): Fields => ({
  minutes: 180,
  inaudible: 100,
  audible: 30,
  words: 20,
  partly: 10,
  intelligible: 10 + ((room + day) % 5),
  clearly: 0,
  unknown: 10 - ((room + day) % 5),
});

/** Nine a day and room, of 25 minutes. Answers how many. */
async function writeConversations(folder: string, days: readonly number[]): Promise<number> {
  await using journal = await openJournal(folder);
  let count = 0;
  for (const day of days) {
    const episodes = Array.from({ length: ROOMS * CONVERSATIONS_PER_DAY }, (_, i) => {
      const start = day + 7 * HOUR + (i % CONVERSATIONS_PER_DAY) * 50 * 60_000;
      return {
        room: roomId(Math.floor(i / CONVERSATIONS_PER_DAY)),
        start,
        end: start + 25 * 60_000,
        hint: "dialogue" as const,
      };
    });
    await journal.record({ episodes });
    count += episodes.length;
  }
  return count;
}

/** Seconds from the start of the process to its end. */
async function byCommand({ settings, from, to }: Year): Promise<number> {
  const flags = Object.entries({ ...settings, from, to, format: "html" }).map(([name, value]) => `--${name}=${value}`);
  const start = performance.now();
  await using report = startProgram("gateway/report/main.ts", flags);
  const { code } = await report.ended;
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0 || !report.out.includes("</html>")) throw new Error(`the report failed: ${report.err}`);
  return seconds;
}

/** Seconds of the first answer of a gateway, and of the next. */
async function byHttp({ settings, from, to }: Year): Promise<[number, number]> {
  await using gateway = await startGatewayProcess(settings);
  const once = async () => {
    const start = performance.now();
    const path = `/api/v1/report?from=${from}&to=${to}&format=html`;
    const response = await fetch(gateway.url + path, { headers: asking(gateway.url, path) });
    const text = await response.text();
    if (!response.ok) throw new Error(`the report failed: ${response.status} ${text}`);
    return (performance.now() - start) / 1000;
  };
  return [await once(), await once()];
}
