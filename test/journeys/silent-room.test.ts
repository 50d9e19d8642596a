/**
 * A room of one person is silent (PRIVACY §1.3), and nothing anywhere could carry words. After a simulated day, and after
 * a device there that says what it must not, every table and every measurement is asked.
 */
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { groupedSight, seesAll } from "#gateway/display/sight.ts";
import { linesOf } from "#gateway/ingest/replay.ts";
import type { Pipeline } from "#gateway/pipeline.ts";
import { gatherReport } from "#gateway/report/gather.ts";
import { pairHistory } from "#gateway/report/pair-history.ts";
import { pairsOf } from "#gateway/report/pairs.ts";
import { roomHistory } from "#gateway/report/room-history.ts";
import { Hearing, type MinutesByHearing, Privacy, type SharesByHearing } from "#protocol/api.ts";
import { Hint, readingSchemas } from "#protocol/readings.ts";
import { site } from "#test/browser/recorded-site.ts";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { type Folder, temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";
import { lastWhole, openRecordedTime } from "./recorded-time.ts";
import { fiveMinutes, quietLevel, roomState } from "./speaker.ts";

const THURSDAY = 4;
const HOUR = 3_600_000;
const thursday = lastWhole(THURSDAY);
/** Ends while the house is open, so that the journal still holds what was said last. */
const day = { from: thursday.from - 10 * HOUR, until: thursday.from + 14 * HOUR };
const CANARY = "canary-that-nobody-may-keep";
/** Values that the simulated house never has. */
const TELLING = { laeq: 103.5, lafmax: 118.5 };

let folder: Folder;
let records: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  records = join(folder.path, "day.jsonl");
  const span = ["--from", new Date(day.from).toISOString(), "--until", new Date(day.until).toISOString()];
  await using house = startProgram("firmware-sim/main.ts", ["--world", ...span, "--publish-to", records]);
  expect(await house.ended, house.err).toEqual({ code: 0, signal: null });
});
afterAll(() => folder?.[Symbol.asyncDispose]());

/** Of nobody's talk there is no figure; its boundary has none either, since nothing was learned from it. */
const nothingOfK6 = (reach: string) => ({
  reach,
  others: true,
  room: {
    id: "K6",
    name: { da: "Kontor K6", en: "Office K6" },
    kind: "private-office",
    conversations: null,
    minutes: null,
    alerts: reach === "all" ? 0 : null,
    suppressed: "one-person",
    coverage: null,
  },
  groups: [],
  pairs: [{ minutes: 0, shares: null }],
  levels: [],
  conversations: [],
  daily: null,
  pairPasts: [{ t: [], minutes: 0, shares: null, days: [] }],
});

/** A device in the single room that has not understood what it may say. */
async function* indiscreet(): AsyncIterable<string> {
  const at = day.until;
  let seq = 0;
  const record = (channel: string, body: object) => {
    const payload = JSON.stringify({ boot: "0badf00d", seq: seq++, t: at - HOUR, ...body });
    return JSON.stringify({ at, topic: `fortrolig/v1/jobcentre/k6/${channel}`, payload });
  };
  yield record("state", roomState("on", at - 1.1 * HOUR));
  yield record("level", { ...quietLevel, ...TELLING });
  yield record("stats", fiveMinutes);
  yield record("level", { ...quietLevel, words: CANARY });
  yield record("state", { ...roomState("on", at - 1.1 * HOUR), hint: CANARY });
  yield record("bands", { note: CANARY });
}

/** The day, then the indiscretions; everything is settled and closed when it resolves. */
async function liveThroughTheDay(settings: { readonly data: string; readonly history?: string }) {
  const lines: string[] = [];
  await using past = await openRecordedTime(settings, day.from, undefined, (line) => void lines.push(line));
  expect(await past.feed(linesOf(createReadStream(records)), day.until)).toBeGreaterThan(50_000);
  expect(await past.feed(indiscreet(), day.until)).toBe(6);
  expect(past.pipeline.ingest.counts().refused).toMatchObject({ schema: 3, "not-json": 0 });
  const messages = await past.pipeline.journal.messagesAfter(0, 1_000_000);
  return { messages, lines, told: await toldOf(past.pipeline) };
}

/** What is answered of the single room to somebody who sees every room as measured, and to somebody who sees groups. */
async function toldOf(pipeline: Pipeline) {
  const sources = { ...pipeline, site };
  const now = day.until;
  const sights = { all: seesAll, grouped: groupedSight(site, now + 24 * HOUR) };
  const room = site.rooms.find(({ id }) => id === "K6")!;
  const pairs = pairsOf(site).filter(({ from }) => from.id === "K6");
  const period = { from: day.from, until: day.until };
  const answers = Object.entries(sights).map(async ([reach, sight]) => {
    const report = await gatherReport(sources, period, null, sight);
    const past = await roomHistory(sources, room, period, "1h", sight);
    const ofPairs = await Promise.all(pairs.map((pair) => pairHistory(sources, pair, period, sight)));
    const others = report.rooms.filter(({ id, minutes }) => id !== "K6" && minutes !== null && minutes !== 0);
    return {
      reach,
      others: others.length > 0,
      room: report.rooms.find(({ id }) => id === "K6"),
      groups: report.groups.filter(({ rooms }) => rooms.includes("K6")),
      pairs: report.pairs.filter(({ from }) => from === "K6").map(heardOf),
      levels: past.laeqDba.filter((level) => level !== null),
      conversations: past.conversations,
      daily: past.daily,
      pairPasts: ofPairs.map(({ minutes, byHearing, shares, days }) => ({
        t: minutes.t,
        ...heardOf({ minutes: byHearing, shares }),
        days,
      })),
    };
  });
  return Promise.all(answers);
}

const heardOf = ({ minutes, shares }: { minutes: MinutesByHearing | null; shares: SharesByHearing | null }) => ({
  minutes: Object.values(minutes ?? {}).reduce((sum, count) => sum + count, 0),
  shares,
});

interface Row {
  readonly table: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Every row of every table of every database in the folder, whatever they are called. */
async function everyRow(data: string): Promise<Row[]> {
  const files = (await readdir(data)).filter((name) => name.endsWith(".db"));
  return files.flatMap((file) => {
    using db = new DatabaseSync(join(data, file), { readOnly: true });
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    return tables.flatMap(({ name }) =>
      db
        .prepare(`SELECT * FROM "${name}"`)
        .all()
        .map((values) => ({ table: `${file}/${name}`, values: { ...values } })),
    );
  });
}

/** Rows that name the single room or its device, alone or inside a longer text. */
const namesK6 = ({ values }: Row) =>
  Object.values(values).some((value) => typeof value === "string" && /(^|[^a-z0-9])k6($|[^a-z0-9])/i.test(value));

/** Strings in a value, also those inside JSON. */
function texts(value: unknown): string[] {
  if (typeof value === "string") {
    if (!/^[[{]/.test(value)) return [value];
    return texts(JSON.parse(value));
  }
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...texts(inner)]);
}

/** The thirds of `stats`; samples of a sound would be many more. */
const MOST_NUMBERS = 16;
interface KeptRoom {
  readonly devices: readonly { readonly said: unknown }[];
  readonly situation: { readonly room: string; readonly conversation: string; readonly occupied: boolean | null };
  readonly talk: unknown;
  readonly finished: readonly unknown[];
}

interface KeptWatch {
  readonly room: string;
  readonly talk: unknown;
  readonly past: readonly unknown[];
}

/** What the kept state of the decisions says of the single room: a row of what is detected, one of its watch. */
function stateOfK6(json: string) {
  const part = JSON.parse(json) as KeptRoom | KeptWatch;
  if (!("situation" in part)) return { talk: part.talk, past: part.past };
  const { devices, situation, talk, finished } = part;
  const { conversation, occupied } = situation;
  return { said: devices.map(({ said }) => said), conversation, occupied, talk, finished };
}

const HISTOGRAM = /^[\d.:, -]*$/;
/** Where a conversation was overheard. */
const ROOMS = /^[KSVG]\d(,[KSVG]\d)*$/;
const mostNumbers = (value: unknown): number => {
  if (typeof value === "string" && /^[[{]/.test(value)) return mostNumbers(JSON.parse(value));
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return 0;
  const numbers = Array.isArray(value) ? value.filter((item) => typeof item === "number").length : 0;
  return Math.max(numbers, ...Object.values(value).map(mostNumbers));
};

it("keeps nothing but the health of a single room's device, in no table; and no table could keep words", async () => {
  const data = join(folder.path, "embedded");
  const { messages, lines, told } = await liveThroughTheDay({ data });
  // No line of the log is about the room, and every answer says why it has nothing.
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.filter((line) => /k6/i.test(line))).toEqual([]);
  expect(told).toEqual(["all", "grouped"].map(nothingOfK6));

  expect(new Set(messages.filter(({ device }) => device === "k6").map(({ channel }) => channel))).toEqual(
    new Set(["health"]),
  );
  expect(messages.filter(({ channel }) => channel === "state").length).toBeGreaterThan(100);

  const rows = await everyRow(data);
  const tables = Map.groupBy(rows, ({ table }) => table);
  const count = (table: string) => tables.get(table)?.length ?? 0;
  for (const table of ["level", "presence", "spectrum", "health", "level_1m", "level_1h", "conversation"])
    expect([table, count(`history.db/${table}`) > 0]).toEqual([table, true]);
  expect(count("journal.db/episode")).toBeGreaterThan(20);
  expect(count("journal.db/alert")).toBeGreaterThan(5);
  // `source` says which sequence numbers were received, `quarantine` that something was refused, `snapshot` that it is unknown.
  const naming = new Set(rows.filter(namesK6).map(({ table }) => table));
  expect(naming).toEqual(
    new Set(["history.db/health_series", "journal.db/source", "journal.db/quarantine", "journal.db/snapshot"]),
  );
  const kept = tables.get("journal.db/snapshot")!.filter(namesK6);
  expect(new Set(kept.map(({ values }) => stateOfK6(values.json as string)))).toEqual(
    new Set([
      { said: [null], conversation: "unknown", occupied: null, talk: { phase: "none" }, finished: [] },
      { talk: null, past: [] },
    ]),
  );
  for (const { values } of tables.get("journal.db/quarantine")!) expect(values.payload).toHaveLength(0);
  for (const file of await readdir(data)) {
    const bytes = await readFile(join(data, file));
    expect([file, bytes.includes(CANARY), bytes.includes('"laeq":103.5')]).toEqual([file, false, false]);
  }

  for (const { channel, payload } of messages)
    readingSchemas[channel].parse(JSON.parse(Buffer.from(payload).toString()));
  const blobs = rows.filter(({ values }) => Object.values(values).some((value) => value instanceof Uint8Array));
  expect(new Set(blobs.map(({ table }) => table))).toEqual(new Set(["journal.db/segment", "journal.db/quarantine"]));
  const said = rows.flatMap(({ table, values }) =>
    table === "journal.db/quarantine" ? [] : Object.values(values).flatMap(texts),
  );
  expect(said.filter((text) => /\s/.test(text) && !HISTOGRAM.test(text))).toEqual([]);
  const lists = rows.map(({ table, values }) => [table, mostNumbers(values)] as const);
  expect(lists.filter(([, numbers]) => numbers > MOST_NUMBERS)).toEqual([]);
}, 180_000);

interface Series {
  readonly name: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

async function ask(influxd: Influxd, statement: string): Promise<readonly Series[]> {
  const { results } = (await influxd.query(statement, "fortrolig")) as {
    results: { series?: Series[]; error?: string }[];
  };
  expect(results[0]?.error).toBeUndefined();
  return results[0]?.series ?? [];
}

it("the same in InfluxDB, in no measurement", async () => {
  await using influxd = await startInfluxd();
  const data = join(folder.path, "beside-influxdb");
  await liveThroughTheDay({ data, history: `influxdb://127.0.0.1:${influxd.port}/fortrolig` });

  const measured = (await ask(influxd, "SHOW MEASUREMENTS"))[0]!.values.flat();
  expect(measured.length).toBeGreaterThanOrEqual(7);
  const policies = (await ask(influxd, "SHOW RETENTION POLICIES"))[0]!.values.map(([name]) => name);
  const holding = async (where: string) => {
    const found: unknown[] = [];
    for (const policy of policies)
      for (const measurement of measured) {
        const series = await ask(influxd, `SELECT * FROM "${policy}"."${measurement}" WHERE ${where} LIMIT 1`);
        if (series.length > 0) found.push(measurement);
      }
    return found.sort();
  };
  expect(await holding("room = 'K6'")).toEqual(["health"]);
  expect(await holding("device = 'k6'")).toEqual(["health"]);
  const ofPairs = measured.filter((name) => /^(leak|boundary)/.test(name as string));
  expect(ofPairs.length).toBeGreaterThan(0);
  expect(await holding("room = 'K1'")).toEqual(measured.filter((name) => !ofPairs.includes(name)).sort());
  // When somebody talks there is in no minute of a pair.
  expect(await holding(`"from" = 'K6'`)).toEqual([]);
  expect((await holding(`"from" = 'K1'`)).length).toBeGreaterThan(0);

  const tags = await ask(influxd, "SHOW TAG KEYS");
  expect(new Set(tags.flatMap(({ values }) => values.flat()))).toEqual(
    new Set(["site", "room", "device", "from", "to"]),
  );
  const fields = (await ask(influxd, "SHOW FIELD KEYS")).flatMap(({ name, values }) =>
    values.flatMap(([field, type]) => (type === "string" ? [`${name}.${field}`] : [])),
  );
  const policyOf = async (measurement: string) => {
    for (const policy of policies)
      if ((await ask(influxd, `SELECT * FROM "${policy}"."${measurement}" LIMIT 1`)).length > 0) return policy;
    throw new Error(`${measurement} is empty`);
  };
  for (const key of fields) {
    const [measurement, field] = key.split(".") as [string, string];
    const [series] = await ask(influxd, `SELECT "${field}" FROM "${await policyOf(measurement)}"."${measurement}"`);
    const values = series!.values.map(([, value]) => value as string);
    const fits = (value: string) =>
      [Hint, Hearing, Privacy].some((words) => words.safeParse(value).success) ||
      HISTOGRAM.test(value) ||
      ROOMS.test(value);
    expect([key, values.filter((value) => !fits(value))]).toEqual([key, []]);
  }
}, 180_000);
