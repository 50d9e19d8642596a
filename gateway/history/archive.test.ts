/** The archive on the asker's thread and on its own: the same, from the journal to the rollups. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { samples, site } from "../ingest/sample.fixture.ts";
import type { Journal, Message } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { type Archive, openArchive } from "./archive.ts";
import { startArchive } from "./archive-thread.ts";
import { retentionDays } from "./measurements.ts";
import { openHistory } from "./open.ts";
import { whereaboutsIn } from "./points.ts";

const START = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 24 * 3_600_000;
const ALL = { from: 0, to: Date.now() };

const levels = (from: number, count: number): Message[] =>
  Array.from({ length: count }, (_, i): Message => {
    const seq = from + i;
    const t = START + seq * 10_000;
    const payload = Buffer.from(JSON.stringify({ ...samples.level, seq, t, laeq: 40 + (seq % 20) / 2 }));
    return { device: "k1-1", channel: "level", boot: "0a1b2c3d", seq, t, receivedAt: t, payload };
  });

let folder: string;
let url: string;
let journal: Journal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-archive-"));
  url = `sqlite:${join(folder, "history.db")}`;
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function onThisThread(): Promise<Archive> {
  const history = await openHistory(url);
  const whereIs = whereaboutsIn(site);
  const archive = await openArchive({ journal, history, clock: systemClock, site: site.site, whereIs });
  return {
    ...archive,
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await history[Symbol.asyncDispose]();
    },
  };
}
const onItsOwn = () => startArchive({ journal, site, url, retention: retentionDays });

describe.each([
  ["the asker's thread", onThisThread],
  ["a thread of its own", onItsOwn],
])("the archive on %s", (_, open) => {
  it("moves what the journal holds, also from sources that speak later, rolls it up, and says how far it is", async () => {
    await journal.appendAll(levels(0, 6000));
    {
      await using archive = await open();
      await archive.settle();
      const later: Message[] = levels(6000, 500).map((message) => ({ ...message, boot: "0000beef" }));
      await journal.appendAll(later);
      await archive.settle();
      expect(archive.forwarder.status()).toMatchObject({ state: "flowing", behind: 0, written: 6500, refused: 0 });
      expect(archive.rollups.status()).toMatchObject({ dirty: { minutes: 0, hours: 0 }, reason: null });
    }
    await using history = await openHistory(url);
    expect(await history.count({ measurement: "level", ...ALL })).toBe(6500);
    expect(await history.count({ measurement: "level_1m", ...ALL })).toBe(Math.ceil(6500 / 6));
  });

  it("sets aside what becomes no point, and goes on", async () => {
    const [odd, ...rest] = levels(0, 10);
    await journal.appendAll([{ ...odd!, payload: Buffer.from("not json") }, ...rest]);
    await using archive = await open();
    await archive.settle();
    expect(archive.forwarder.status()).toMatchObject({ written: 9, refused: 1 });
    const [{ topic, reason, payload } = {}] = await journal.quarantined(10);
    expect({ topic, reason, payload: String(Buffer.from(payload!)) }).toEqual({
      topic: "fortrolig/v1/demo/k1-1/level",
      reason: "not-json",
      payload: "not json",
    });
  });

  it("takes out of the journal what is over for longer than it is kept, and says so in its proof", async () => {
    const ended = (days: number) => Date.now() - days * 86_400_000;
    const episode = (end: number) => ({ room: "K1", start: end - 60_000, end, hint: "dialogue" }) as const;
    const [old, young] = [episode(ended(401)), episode(ended(399))];
    await journal.record({ episodes: [old, young] });
    await using _ = await open();
    const purged = async () => JSON.parse((await journal.note("retention")) ?? "{}");
    await expect.poll(purged).toMatchObject({
      behaviour: { oldest: { episode: young.end, alert: null, delivery: null } },
      complete: true,
    });
    expect(await journal.episodes(0, Date.now())).toEqual([young]);
  });

  it("is not opened on a database of other types", async () => {
    const db = new DatabaseSync(join(folder, "history.db"));
    db.exec("CREATE TABLE level (series INTEGER, t INTEGER, laeq TEXT)");
    db.close();
    await expect(open()).rejects.toThrow(/^field types: level/);
  });
});
