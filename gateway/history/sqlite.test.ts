import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Arrangement, historyContract } from "./contract.ts";
import { openSqliteHistory } from "./sqlite.ts";

async function arrange(): Promise<Arrangement> {
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
