/** Journal → forwarder → history → rollups → purge, with the real database, an hour of ten devices, and an outage in the middle. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startInflux2Translator } from "#test/services/influx2-translator.ts";
import { startInfluxd } from "#test/services/influxd.ts";
import { handClock } from "../clock.ts";
import type { Message } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { startForwarder } from "./forwarder.ts";
import type { History } from "./history.ts";
import { openHistory } from "./open.ts";
import { startRetention } from "./retention.ts";
import { rollUp } from "./rollup.ts";
import { startRollups } from "./rollups.ts";

const HOUR = 3_600_000;
const T = Math.floor(Date.now() / HOUR) * HOUR - 24 * HOUR;
const devices = Array.from({ length: 10 }, (_, i) => `d${i}`);
const range = { from: T, to: T + HOUR };

function hourOfLevels(): Message[] {
  return devices.flatMap((device, d) =>
    Array.from({ length: 360 }, (_, seq): Message => {
      const t = T + seq * 10_000;
      const laeq = 40 + ((seq * 7 + d) % 60) / 2;
      const reading = { laeq, lafmax: laeq + 8, l90: laeq - 6, speechRatio: (seq % 11) / 10 };
      const payload = { boot: "0a1b2c3d", seq, t, ...reading, noiseLimited: false, clipped: false };
      return {
        device,
        channel: "level",
        boot: "0a1b2c3d",
        seq,
        t,
        receivedAt: t,
        payload: Buffer.from(JSON.stringify(payload)),
      };
    }),
  );
}

interface Database extends AsyncDisposable {
  readonly history: History;
  outage(): Promise<void>;
  end(): Promise<void>;
}

async function sqlite(folder: string): Promise<Database> {
  const history = await openHistory(`sqlite:${join(folder, "history.db")}`);
  const nothing = async () => {};
  return { history, outage: nothing, end: nothing, [Symbol.asyncDispose]: () => history[Symbol.asyncDispose]() };
}

async function influxdb(): Promise<Database> {
  const influxd = await startInfluxd();
  return {
    history: await openHistory(`influxdb://127.0.0.1:${influxd.port}/pipeline`),
    outage: () => influxd.kill(),
    end: () => influxd.start(),
    [Symbol.asyncDispose]: () => influxd[Symbol.asyncDispose](),
  };
}

async function influxdb2(): Promise<Database> {
  const influxd = await startInfluxd();
  const translator = await startInflux2Translator(influxd, { org: "org", token: "token" });
  for (const bucket of ["pipeline", "pipeline_1m", "pipeline_1h"]) await translator.makeBucket(bucket);
  return {
    history: await openHistory(`${translator.url.replace("http", "influxdb2")}/org/pipeline`, { token: "token" }),
    outage: () => influxd.kill(),
    end: () => influxd.start(),
    async [Symbol.asyncDispose]() {
      await translator[Symbol.asyncDispose]();
      await influxd[Symbol.asyncDispose]();
    },
  };
}

describe.each([
  ["sqlite", sqlite],
  ["influxdb 1.x", influxdb],
  ["influxdb 2.x (translator in front of influxd 1.x)", influxdb2],
] as const)("an hour of readings into %s", (_, open) => {
  it("as many points as readings, once each; rollups equal to the last bit; purged with proof", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fortrolig-pipeline-"));
    try {
      await using database = await open(folder);
      const { history } = database;
      await using journal = await openJournal(folder);
      const clock = handClock(T + 2 * HOUR);
      // Time never stands still for the forwarder's back-off.
      const ticking = setInterval(() => clock.advanceTo(clock.now() + 500), 10);
      try {
        await using rollups = await startRollups({ journal, history, clock });
        const whereIs = (device: string) => ({ place: { site: "demo", room: "K1", device }, silent: false });
        await using forwarder = await startForwarder({
          journal,
          history,
          clock,
          site: "demo",
          whereIs,
          follower: rollups,
        });
        const messages = hourOfLevels();
        const halves = [messages.slice(0, 1800), messages.slice(1800)];
        await Promise.all(halves[0]!.map((message) => journal.append(message)));
        await forwarder.drain();
        await database.outage();
        const appended = await Promise.all(messages.map((message) => journal.append(message)));
        expect(appended.filter(({ kind }) => kind === "stored")).toHaveLength(1800);
        await database.end();
        await forwarder.drain();
        await rollups.settle();

        expect(await history.count({ measurement: "level", ...range })).toBe(3600);
        const readings = await history.select({ measurement: "level", ...range });
        expect(new Set(readings.map(({ t, tags }) => `${t} ${tags.device}`)).size).toBe(3600);
        expect(await history.select({ measurement: "level_1m", ...range })).toEqual(rollUp(readings, "level_1m"));
        expect(await history.select({ measurement: "level_1h", ...range })).toEqual(rollUp(readings, "level_1h"));
      } finally {
        clearInterval(ticking);
      }
      const later = handClock(T + 15 * 24 * HOUR);
      await using rollups = await startRollups({ journal, history, clock: later });
      await using retention = await startRetention({ journal, history, clock: later, rollups });
      const proof = await retention.purge();
      expect(proof.complete).toBe(true);
      expect(await history.count({ measurement: "level", ...range })).toBe(0);
      expect(await history.count({ measurement: "level_1m", ...range })).toBe(600);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
