import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handClock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { type Checkpoint, isSigned, publicKeyOf } from "./checkpoint.ts";
import { KEY_FILE, openCheckpointKey } from "./checkpoint-key.ts";
import { startCheckpoints } from "./daily.ts";
import { deed, key } from "./log.fixture.ts";

/** 23:30 in Copenhagen. */
const EVENING = Date.parse("2026-11-22T22:30:00Z");
const HOUR = 3_600_000;
const site = { site: "jobcentre", timeZone: "Europe/Copenhagen" };

let folder: string;
let journal: Journal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-audit-"));
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("checkpoints", () => {
  it("are made on the first look of each day of the site, and at a start of what is new, kept and told", async () => {
    const clock = handClock(EVENING);
    const told: Checkpoint[] = [];
    const options = { site, journal, clock, key, onCheckpoint: (checkpoint: Checkpoint) => told.push(checkpoint) };
    await journal.audit(deed(0));
    {
      await using checkpoints = await startCheckpoints(options);
      expect(checkpoints.latest()).toMatchObject({ count: 1, site: "jobcentre", time: "2026-11-22T22:30:00.000Z" });
      await journal.audit(deed(1));
      clock.advanceTo(EVENING + HOUR);
      await expect.poll(() => told.length).toBe(2);
      clock.advanceTo(EVENING + 2 * HOUR);
    }
    {
      await using again = await startCheckpoints(options);
      expect(again.latest()).toEqual(told[1]);
    }
    await journal.audit(deed(2));
    await using again = await startCheckpoints(options);
    expect(told.map(({ count, time }) => [count, time])).toEqual([
      [1, "2026-11-22T22:30:00.000Z"],
      [2, "2026-11-22T23:30:00.000Z"],
      [3, "2026-11-23T00:30:00.000Z"],
    ]);
    expect(await journal.checkpoints()).toEqual(told);
    expect(again.latest()).toEqual(told[2]);
    expect(told[2]!.head).toBe((await journal.auditHead()).hash);
    expect(told.every(isSigned)).toBe(true);
  });

  it("are made each day also after the clock was ahead for a while", async () => {
    let now = EVENING;
    const looks: (() => void)[] = [];
    const clock = { now: () => now, wait: () => new Promise<void>((resolve) => looks.push(resolve)) };
    const told: string[] = [];
    const onCheckpoint = ({ time }: Checkpoint) => told.push(time.slice(0, 10));
    await journal.audit(deed(0));
    const checkpoints = await startCheckpoints({ site, journal, clock, key, onCheckpoint });
    for (const days of [4 * 365, 1, 2]) {
      now = EVENING + days * 24 * HOUR;
      const before = looks.length;
      looks.at(-1)!();
      await expect.poll(() => looks.length).toBe(before + 1);
    }
    const ended = checkpoints[Symbol.asyncDispose]();
    looks.at(-1)!();
    await ended;
    expect(told).toEqual(["2026-11-22", "2030-11-21", "2026-11-23", "2026-11-24"]);
  });

  it("witness nothing of a log that has not begun, and are made later when the journal takes none", async () => {
    const clock = handClock(EVENING);
    await using empty = await startCheckpoints({ site, journal, clock, key });
    expect(empty.latest()).toBeNull();
    await journal.audit(deed(0));
    let full = true;
    const troubles: unknown[] = [];
    const keepCheckpoint = (checkpoint: Checkpoint) =>
      full ? Promise.reject(new Error("disk is full")) : journal.keepCheckpoint(checkpoint);
    await using checkpoints = await startCheckpoints({
      site,
      journal: { ...journal, keepCheckpoint },
      clock,
      key,
      onTrouble: (error) => troubles.push(error),
    });
    expect([checkpoints.latest(), troubles.length]).toEqual([null, 1]);
    full = false;
    clock.advanceTo(EVENING + 60_000);
    await expect.poll(() => checkpoints.latest()).toMatchObject({ count: 1 });
  });
});

describe("the key of checkpoints", () => {
  it("is made once, and nobody else may read it", async () => {
    const made = publicKeyOf(openCheckpointKey(folder));
    expect(publicKeyOf(openCheckpointKey(folder))).toBe(made);
    expect((await stat(join(folder, KEY_FILE))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, KEY_FILE), "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it("that is none is refused with what to do", async () => {
    await writeFile(join(folder, KEY_FILE), "not a key");
    expect(() => openCheckpointKey(folder)).toThrow(/audit-key\.pem: is no Ed25519 key; put the file back/);
  });
});
