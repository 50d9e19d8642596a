import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openJournal } from "./open-journal.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-crash-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs until `count` messages are acknowledged, then is killed; answers every acknowledgement it gave. */
async function appendUntilKilled(count: number): Promise<string[]> {
  const script = fileURLToPath(new URL("./crash-child.fixture.ts", import.meta.url));
  const noted = join(folder, "acknowledged");
  const args = [script, join(folder, "data"), noted, String(count)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  expect(await exited).toEqual([null, "SIGKILL"]);
  return (await readFile(noted, "utf8")).split("\n").slice(0, -1);
}

async function storedIn(at: string) {
  await using journal = await openJournal(at);
  const messages = await journal.messagesAfter(0, 10_000_000);
  return { kept: messages.map((m) => `${m.id} ${m.device} ${m.seq}`), damage: journal.damage() };
}

async function contents(at: string): Promise<string[]> {
  await using journal = await openJournal(at);
  const messages = await journal.messagesAfter(0, 10_000_000);
  const stored = messages.map((m) => `${m.id} ${m.device} ${m.seq}`);
  for (const device of new Set(messages.map((m) => m.device))) {
    const seqs = messages.filter((m) => m.device === device).map((m) => m.seq);
    const runs = journal.received(device)[0]!.runs;
    const known = runs.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    expect(known, "what is known to be received is what is there").toBe(seqs.length);
  }
  return stored;
}

describe("after a crash", () => {
  it("every message that was acknowledged is there, once, and the next process goes on from it", async () => {
    const first = await appendUntilKilled(20_000);
    const kept = await contents(join(folder, "data"));
    expect(new Set(kept).size).toBe(kept.length);
    const there = new Set(kept);
    expect(first.filter((line) => !there.has(line))).toEqual([]);

    // The second process counts from 0 again: what it repeats is a duplicate and gets no acknowledgement as stored.
    const both = await appendUntilKilled(1000);
    expect(both.length).toBeGreaterThan(first.length);
    const all = await contents(join(folder, "data"));
    const identities = all.map((line) => line.slice(line.indexOf(" ")));
    expect(new Set(identities).size).toBe(identities.length);
    const allThere = new Set(all);
    expect(both.filter((line) => !allThere.has(line))).toEqual([]);
  });

  it("a log torn at any place opens, holds everything before the tear, and nobody speaks of damage", async () => {
    await appendUntilKilled(3000);
    const wal = await readFile(join(folder, "data", "journal.db-wal"));
    expect(wal.length).toBeGreaterThan(100_000);
    const whole = await contents(await copyWith(wal));
    let shortest = whole.length;
    // The last commit at every kind of place: within a frame's header, within its page, between two frames.
    const ends = [1, 4000, 8192, 8216].map((short) => wal.length - short);
    for (const at of [...[0.05, 0.6].map((share) => Math.floor(wal.length * share)), ...ends]) {
      const copy = await copyWith(wal.subarray(0, at));
      const { kept, damage } = await storedIn(copy);
      expect(kept).toEqual(whole.slice(0, kept.length));
      expect(damage).toEqual([]);
      shortest = Math.min(shortest, kept.length);
    }
    expect(shortest).toBeLessThan(whole.length);
  });

  it("a log garbled in what was synced loses what stood there and no more, and says so", async () => {
    await appendUntilKilled(3000);
    const wal = await readFile(join(folder, "data", "journal.db-wal"));
    const whole = await contents(await copyWith(wal));
    for (const share of [0, 0.31, 0.6]) {
      const at = Math.floor(wal.length * share);
      const garbled = Buffer.from(wal);
      garbled.fill(0xa5, at, at + 700);
      const copy = await copyWith(garbled);
      const { kept, damage } = await storedIn(copy);
      const keptOnes = new Set(kept);
      expect(kept).toEqual(whole.filter((line) => keptOnes.has(line)));
      expect(damage).toMatchObject([
        { what: expect.stringMatching(/^the write-ahead log is damaged; saved: \d+ messages/) },
      ]);
      // Frames hold parts of one batch of messages, or a list of what they hold.
      expect(whole.length - kept.length).toBeLessThan(1000);
      expect(
        whole.filter((line, i) => !keptOnes.has(line) && i < whole.indexOf(kept.at(-1)!)).length,
      ).toBeLessThanOrEqual(damage[0]!.messages);
    }
  });
});

async function copyWith(wal: Uint8Array): Promise<string> {
  const copy = await mkdtemp(join(folder, "copy-"));
  await copyFile(join(folder, "data", "journal.db"), join(copy, "journal.db"));
  await writeFile(join(copy, "journal.db-wal"), wal);
  return copy;
}
