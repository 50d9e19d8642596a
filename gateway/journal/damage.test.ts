/** Damage that is found while the journal is in use, files of an earlier format, and a salvage that is interrupted. */
import { randomBytes } from "node:crypto";
import { copyFile, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FormerEntry } from "../audit/chain.ts";
import { deed, formerLog, logged } from "../audit/log.fixture.ts";
import type { Damage, Journal, Message } from "./journal.ts";
import { openJournal } from "./open-journal.ts";
import { rowSum } from "./row-sum.ts";
import { APPLICATION_ID, PAGE_BYTES } from "./schema.ts";

const T = 1_780_000_000_000;
const SECOND = 1000;

let folder: string;
let journal: Journal;
const file = () => join(folder, "journal.db");
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-damage-"));
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
const close = () => journal[Symbol.asyncDispose]();
const reopen = async () => {
  await close();
  journal = await openJournal(folder);
};

/** About a sheet each, and no two alike. */
const message = (seq: number, bytes = 3000): Message => ({
  device: "k1-1",
  channel: "level",
  boot: "0a1b2c3d",
  seq,
  t: T + seq * SECOND,
  receivedAt: T + seq * SECOND,
  payload: Buffer.from(`${seq}:${randomBytes(bytes / 2).toString("hex")}`),
});
const appendAll = (from: number, count: number, bytes?: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => journal.append(message(from + i, bytes))));
const seqs = async (after = 0) => (await journal.messagesAfter(after, 1_000_000)).map(({ seq }) => seq);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Changes one byte of the payload of that number, wherever it lies in the file. */
async function garble(seq: number): Promise<void> {
  const at = (await readFile(file())).indexOf(`${seq}:`) + 500;
  const handle = await open(file(), "r+");
  await handle.write(Buffer.from("?"), 0, 1, at);
  await handle.close();
}

describe("a reading that is damaged on the disk", () => {
  it("is left out, told with its number and kept raw; those around it are read, and nobody meets it again", async () => {
    await appendAll(0, 60);
    await reopen();
    await garble(37);
    const heard: Damage[] = [];
    journal.onDamage((damage) => heard.push(damage));
    const left = [...numbers(0, 37), ...numbers(38, 60)];
    expect(await seqs()).toEqual(left);
    await expect
      .poll(() => heard)
      .toEqual([
        {
          at: expect.any(Number),
          what: "segment 1–60: 1 of 60 messages cannot be read",
          messages: 1,
          records: 0,
          file: null,
        },
      ]);
    expect(journal.damage()).toEqual(heard);
    expect(journal.health()).toEqual({ kind: "ok" });
    expect(await seqs(30)).toEqual(left.filter((seq) => seq >= 30));
    expect(await journal.append(message(37))).toEqual({ kind: "duplicate" });
    expect(await journal.append(message(60))).toEqual({ kind: "stored", id: 61 });
    await reopen();
    expect(await seqs()).toEqual([...left, 60]);
    expect(journal.damage()).toEqual(heard);

    await close();
    using db = new DatabaseSync(file(), { readOnly: true });
    const [{ raw }] = db.prepare("SELECT raw FROM damage").all() as [{ raw: Uint8Array }];
    expect(Buffer.from(raw).includes("37:")).toBe(true);
  });

  it("counts when part of a segment is forgotten, and what is left of it goes with the quarantine", async () => {
    await appendAll(0, 20);
    await reopen();
    await garble(15);
    await journal.forget(10, T + 10 ** 9);
    expect(await seqs()).toEqual([...numbers(10, 15), ...numbers(16, 20)]);
    await expect.poll(() => journal.damage()).toMatchObject([{ messages: 1 }]);
    await journal.purgeQuarantine(Date.now() + SECOND);
    await expect.poll(() => journal.damage()).toEqual([]);
  });

  it("in a file whose pages are damaged too: the file is made anew while it is in use, and nobody waits for help", async () => {
    // More than SQLite keeps in memory, so that it has to look at the disk.
    for (let from = 0; from < 2000; from += 500) await appendAll(from, 500);
    await journal.setNote("kept", "a note");
    await reopen();
    // A page in the middle of a chain now points nowhere.
    const pages = Math.floor((await readFile(file())).length / PAGE_BYTES);
    const handle = await open(file(), "r+");
    await handle.write(Buffer.alloc(PAGE_BYTES, 0xff), 0, PAGE_BYTES, Math.floor(pages / 2) * PAGE_BYTES);
    await handle.close();

    const kept = await seqs();
    expect(kept.length).toBeGreaterThan(1500);
    expect(kept.length).toBeLessThan(2000);
    expect(kept.every((seq, i) => i === 0 || seq > kept[i - 1]!)).toBe(true);
    await expect.poll(() => journal.damage().length).toBeGreaterThan(0);
    expect(journal.damage().reduce((sum, { messages }) => sum + messages, 0)).toBe(2000 - kept.length);
    expect(await journal.note("kept")).toBe("a note");
    expect(await journal.append(message(1999))).toEqual({ kind: "duplicate" });
    expect(await journal.append(message(2000))).toMatchObject({ kind: "stored" });
    expect(journal.health()).toEqual({ kind: "ok" });
    await reopen();
    expect(await seqs()).toEqual([...kept, 2000]);
    const aside = (await readdir(folder)).filter((name) => /^journal\.damaged-.*\.db$/.test(name));
    expect(journal.damage().map(({ file }) => file)).toEqual(aside);

    await journal.purgeQuarantine(Date.now() + SECOND);
    expect((await readdir(folder)).filter((name) => name.startsWith("journal.damaged-"))).toEqual([]);
  });
});

describe("a conversation that is damaged on the disk", () => {
  it.each([
    ["a room's name", "room = 'K9'"],
    ["a time", `"end" = "end" + 1`],
    ["a time beyond what a number holds", `"end" = 9007199254740993`],
  ])("%s: is left out and told of, and the others are read", async (_, damage) => {
    const episodes = [1, 2, 3].map((n) => ({
      room: "K1",
      start: T + n * SECOND,
      end: T + (n + 1) * SECOND,
      hint: "dialogue" as const,
    }));
    await journal.record({ episodes });
    await close();
    new DatabaseSync(file()).exec(`UPDATE episode SET ${damage} WHERE start = ${T + 2 * SECOND}`);
    journal = await openJournal(folder);
    expect(await journal.episodes(T, T + 10 * SECOND)).toEqual([episodes[0], episodes[2]]);
    await expect.poll(() => journal.damage()).toMatchObject([{ messages: 0, records: 1 }]);
  });
});

describe("a snapshot in parts", () => {
  const part = (number: number) => [number, `{"part ${number}":"${"s".repeat(300)}"}`] as const;
  const whole = { name: "lane", json: "{}", throughId: 1, parts: numbers(1, 200).map(part) };
  const kept = async () => (await journal.snapshot("lane"))!.parts.map(([number]) => number).sort((a, b) => a - b);

  it("is read without one that is damaged, which is told; the next whole one has them all", async () => {
    await journal.record({ snapshot: whole });
    await close();
    const handle = await open(file(), "r+");
    await handle.write(Buffer.from("?"), 0, 1, (await readFile(file())).indexOf('{"part 37"') + 20);
    await handle.close();
    journal = await openJournal(folder);
    expect(await kept()).toEqual([...numbers(1, 37), ...numbers(38, 200)]);
    await expect
      .poll(() => journal.damage())
      .toMatchObject([{ what: "a record does not fit the sum: snapshot lane/37", records: 1, file: null }]);
    await journal.record({ snapshot: whole });
    expect(await kept()).toEqual(numbers(1, 200));
  });

  it("whose file is made anew in use takes no change before it is recorded whole", async () => {
    for (let from = 0; from < 2000; from += 500) await appendAll(from, 500);
    await reopen();
    await journal.record({ snapshot: whole });
    const pages = Math.floor((await readFile(file())).length / PAGE_BYTES);
    const handle = await open(file(), "r+");
    await handle.write(Buffer.alloc(PAGE_BYTES, 0xff), 0, PAGE_BYTES, Math.floor(pages / 2) * PAGE_BYTES);
    await handle.close();
    await seqs();
    await expect.poll(() => journal.damage()).toMatchObject([{ file: expect.any(String) }]);
    const change = { ...whole, parts: [part(200)], dropped: [1] };
    await expect(journal.record({ snapshot: change })).rejects.toThrow(/may not all be there/);
    await journal.record({ snapshot: whole });
    await journal.record({ snapshot: change });
    expect(await kept()).toEqual(numbers(2, 201));
  });
});

describe("a device whose row is damaged", () => {
  const NAME = "k1-10a1b2c3d";
  const garbleName = async (content: Buffer, at: number) => {
    const handle = await open(file(), "r+");
    await handle.write(Buffer.from("?"), 0, 1, content.indexOf(NAME, at));
    await handle.close();
  };

  it("is named by the index, whichever of the two is damaged", async () => {
    await appendAll(0, 50, 200);
    await close();
    const content = await readFile(file());
    for (const at of [0, content.indexOf(NAME) + 1]) {
      await writeFile(file(), content);
      await garbleName(content, at);
      journal = await openJournal(folder);
      expect(await seqs()).toEqual(numbers(0, 50));
      expect(journal.received("k1-1")).toMatchObject([{ runs: [[0, 49]] }]);
      expect(journal.damage()).toMatchObject([{ messages: 0 }]);
      await close();
    }
  });

  it("and nowhere named any more, keeps what was received of it when the file is made anew in use", async () => {
    await appendAll(0, 300);
    await journal.append({ ...message(0), device: "k2-1" });
    await reopen();
    const content = await readFile(file());
    for (let at = content.indexOf(NAME); at >= 0; at = content.indexOf(NAME, at + 1)) await garbleName(content, at);
    const handle = await open(file(), "r+");
    const middle = Math.floor(content.length / PAGE_BYTES / 2);
    await handle.write(Buffer.alloc(PAGE_BYTES, 0xff), 0, PAGE_BYTES, PAGE_BYTES * middle);
    await handle.close();
    await seqs();
    await expect.poll(() => journal.damage()).toMatchObject([{ file: expect.any(String), messages: 300 }]);
    const runs = [[0, 299]];
    expect(journal.received("k1-1")).toMatchObject([{ runs }]);
    expect(await journal.append({ ...message(1), device: "k2-1" })).toMatchObject({ kind: "stored" });
    await reopen();
    expect(journal.received("k1-1")).toMatchObject([{ runs }]);
    expect(await journal.append(message(150))).toEqual({ kind: "duplicate" });
  });
});

describe("a journal of format 1", () => {
  it("becomes one of this format with everything that was in it; one who only looks on says what to do", async () => {
    await close();
    await copyFile(await writeFormat1(), file());
    await rm(`${file()}-wal`, { force: true });
    await expect(openJournal(folder, { readOnly: true })).rejects.toThrow(/is of an older format; start the gateway/);
    journal = await openJournal(folder);
    expect(
      (await journal.messagesAfter(0, 10)).map(({ id, device, seq, payload }) => [
        id,
        device,
        seq,
        Buffer.from(payload).toString(),
      ]),
    ).toEqual([
      [7, "k1-1", 3, '{"seq":3}'],
      [8, "k1-1", 4, '{"seq":4}'],
    ]);
    expect(journal.received("k1-1")).toEqual([{ device: "k1-1", boot: "0a1b2c3d", runs: [[0, 4]] }]);
    expect(await journal.note("forwarder")).toBe("position");
    expect(await journal.snapshot("lane")).toEqual({ json: "{}", throughId: 6, parts: [] });
    expect(await journal.episodes(0, T * 2)).toEqual([{ room: "K1", start: T, end: null, hint: "dialogue" }]);
    expect(await journal.auditAfter(0, 10)).toEqual(formerLog(1));
    expect(journal.damage()).toEqual([]);
    expect(await journal.append({ ...message(5), payload: Buffer.from("{}") })).toEqual({ kind: "stored", id: 9 });
    await reopen();
    expect(await seqs()).toEqual([3, 4, 5]);
    expect(await readdir(folder)).not.toContain("journal.db.salvaging");
  });

  /** As the version before the checksums wrote it: of its tables those that this journal holds something in. */
  async function writeFormat1(): Promise<string> {
    const path = join(folder, "format-1.db");
    using db = new DatabaseSync(path);
    db.exec(`PRAGMA page_size = 8192; PRAGMA application_id = ${0x46727467}; PRAGMA user_version = 1;
      CREATE TABLE source (id INTEGER PRIMARY KEY, device TEXT NOT NULL, boot TEXT NOT NULL, runs TEXT NOT NULL,
        seen INTEGER NOT NULL, UNIQUE (device, boot));
      CREATE TABLE segment (first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, count INTEGER NOT NULL,
        oldest INTEGER NOT NULL, newest INTEGER NOT NULL, data BLOB NOT NULL);
      CREATE TABLE episode (room TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER, hint TEXT NOT NULL,
        PRIMARY KEY (room, start)) WITHOUT ROWID;
      CREATE TABLE snapshot (name TEXT PRIMARY KEY, json TEXT NOT NULL, through_id INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE audit (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        object TEXT NOT NULL, scope TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);
      INSERT INTO source VALUES (1, 'k1-1', '0a1b2c3d', '[0,4]', ${T});
      INSERT INTO episode VALUES ('K1', ${T}, NULL, 'dialogue');
      INSERT INTO snapshot VALUES ('lane', '{}', 6);
      INSERT INTO note VALUES ('forwarder', 'position'), ('journal.last-id', '6');`);
    const data = Buffer.concat([record(7, 3), record(8, 4)]);
    db.prepare("INSERT INTO segment VALUES (7, 8, 2, ?, ?, ?)").run(T, T, data);
    const [{ seq, at, actor, action, object, scope, previous, hash }] = formerLog(1) as [FormerEntry];
    db.prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)").run(
      seq,
      at,
      actor,
      action,
      object,
      scope,
      previous,
      hash,
    );
    return path;
  }

  /** id, seq, t, receivedAt, source, length, channel (level), payload, padding to 8. */
  function record(id: number, seq: number): Buffer {
    const payload = Buffer.from(`{"seq":${seq}}`);
    const bytes = Buffer.alloc((44 + payload.length + 7) & ~7);
    for (const [i, value] of [id, seq, T, T].entries()) bytes.writeDoubleLE(value, 8 * i);
    for (const [i, value] of [1, payload.length, 1].entries()) bytes.writeUInt32LE(value, 32 + 4 * i);
    payload.copy(bytes, 44);
    return bytes;
  }
});

describe("a journal of format 2", () => {
  const former = formerLog(4);
  const grown = (seq: number) => logged([deed(seq)], former);

  it("keeps its audit log as it was hashed, and goes on with it", async () => {
    await appendAll(0, 20);
    await toFormat2();
    await expect(openJournal(folder, { readOnly: true })).rejects.toThrow(/is of an older format; start the gateway/);
    journal = await openJournal(folder);
    expect(await journal.auditAfter(0, 10)).toEqual(former);
    await journal.audit(deed(4));
    await reopen();
    expect(await journal.auditAfter(0, 10)).toEqual(grown(4));
    expect(await seqs()).toEqual(numbers(0, 20));
    expect(journal.damage()).toEqual([]);
  });

  it("in which an entry is damaged is told of it, and does not take it for a true one", async () => {
    await toFormat2((db) => db.exec("UPDATE audit SET actor = 'facilities' WHERE seq = 2"));
    journal = await openJournal(folder);
    expect(await journal.auditAfter(0, 10)).toEqual(former.toSpliced(1, 1));
    await expect
      .poll(() => journal.damage())
      .toMatchObject([{ what: "a record does not fit the sum: audit 2", records: 1 }]);
  });

  it("that is damaged besides is made anew with the audit log that is found in it", async () => {
    await appendAll(0, 20);
    await toFormat2((db) => db.exec(`PRAGMA application_id = ${APPLICATION_ID ^ 1}`));
    journal = await openJournal(folder);
    expect(journal.damage()).toMatchObject([{ file: expect.any(String) }]);
    expect(await journal.auditAfter(0, 10)).toEqual(former);
    await journal.audit(deed(4));
    expect(await journal.auditAfter(0, 10)).toEqual(grown(4));
  });

  /** As the version before roles were known left it. */
  async function toFormat2(meddle: (db: DatabaseSync) => void = () => {}): Promise<void> {
    await close();
    using db = new DatabaseSync(file());
    db.exec(`DROP TABLE audit; DROP TABLE checkpoint;
      CREATE TABLE audit (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,
      scope TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL, sum INTEGER NOT NULL)`);
    for (const { seq, at, actor, action, object, scope, previous, hash } of former) {
      const row = [seq, at, actor, action, object, scope, previous, hash];
      db.prepare(`INSERT INTO audit VALUES (${row.map(() => "?")}, ?)`).run(...row, rowSum("audit", row));
    }
    const note = ["journal.format", "2"];
    db.prepare("UPDATE note SET value = ?2, sum = ?3 WHERE name = ?1").run(...note, rowSum("note", note));
    db.exec("PRAGMA user_version = 2");
    meddle(db);
  }
});

describe("making a damaged journal anew", () => {
  it("is finished when it was interrupted after the new file was complete, and begun anew before", async () => {
    await appendAll(0, 30, 200);
    await close();
    await copyFile(file(), join(folder, "sound.db"));
    // A crash in the midst: the old file and its log are there, and beside them a part of a new one.
    await writeFile(`${file()}.salvaging`, "a beginning");
    journal = await openJournal(folder);
    expect(await seqs()).toEqual(numbers(0, 30));
    await close();
    // A crash at the end: the complete new one has only to be put in place of a file that nobody can read, and of its log.
    await rename(join(folder, "sound.db"), `${file()}.salvaged`);
    await writeFile(file(), "nobody can read this");
    await writeFile(`${file()}-wal`, "nor this");
    journal = await openJournal(folder);
    expect(await seqs()).toEqual(numbers(0, 30));
    expect((await readdir(folder)).filter((name) => name.includes("salvag"))).toEqual([]);
  });
});
