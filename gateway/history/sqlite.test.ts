import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { type Arrangement, historyContract } from "./contract.ts";
import type { Point } from "./history.ts";
import { openSqliteHistory } from "./sqlite.ts";

interface FileArrangement extends Arrangement {
  moveAway(): Promise<void>;
}

async function arrange(): Promise<FileArrangement> {
  const folder = await mkdtemp(join(tmpdir(), "fortrolig-history-"));
  let path = join(folder, "history.db");
  const notADatabase = join(folder, "text.db");
  await writeFile(notADatabase, "this is no database, but it is long enough to be taken for one ".repeat(20));
  const taken = join(folder, "folder.db");
  await mkdir(taken);
  let other: DatabaseSync | undefined;
  return {
    open: () => openSqliteHistory(path, { busyMs: 50 }),
    readsWhileAway: true,
    // Another process holds the file locked.
    async away() {
      other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
    },
    async back() {
      other?.exec("ROLLBACK");
      other?.close();
    },
    // What a dead process leaves: the files as they are at this moment, never closed.
    async crash() {
      const left = join(folder, "left");
      await mkdir(left);
      for (const suffix of ["", "-wal"]) await copyFile(path + suffix, join(left, `history.db${suffix}`));
      path = join(left, "history.db");
    },
    wrong: {
      "no database": () => openSqliteHistory(notADatabase),
      "a folder": () => openSqliteHistory(taken),
      "no such folder": () => openSqliteHistory(join(folder, "absent", "history.db")),
    },
    async moveAway() {
      for (const suffix of ["", "-wal", "-shm"]) await rename(path + suffix, `${path}.away${suffix}`);
    },
    async conflict() {
      using db = new DatabaseSync(path);
      db.exec(
        "CREATE TABLE level (series INTEGER, t INTEGER, laeq INTEGER, PRIMARY KEY (series, t)) STRICT, WITHOUT ROWID",
      );
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

historyContract("sqlite", arrange);

it("a file that is moved away while it is open is made anew with the next preparation, for those who write and for those who read", async () => {
  await using arrangement = await arrange();
  await using history = arrangement.open();
  const point = (n: number): Point => ({
    measurement: "level",
    tags: { site: "s", room: "r", device: "d" },
    fields: { laeq: 40 + n },
    t: n,
  });
  const level = { measurement: "level", from: 0, to: 10 } as const;
  await history.prepare();
  await history.write([point(1)]);
  expect(await history.count(level)).toBe(1);
  await arrangement.moveAway();
  await expect(history.write([point(2)])).rejects.toMatchObject({ failure: "held", unreachable: true });
  await history.prepare();
  await history.write([point(2)]);
  expect((await history.select(level)).map(({ t }) => t)).toEqual([2]);
});
