/** The journal's file: opened, guarded against a second process and against versions from the future, made durable. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "../folder.ts";

/** Of the file's tables and of the segment records in them. */
export const FORMAT = 1;
/** "Frtg", so that no other program's SQLite file is taken for a journal. */
const APPLICATION_ID = 0x46727467;
const SQLITE_BUSY = 5;
const PAGE_BYTES = 8192;
/** The write-ahead log is folded back into the file when it has grown to this. */
const WAL_BYTES = 8 * 1024 * 1024;

export interface StorageOptions {
  /** Never writes, and may look on while a gateway writes. */
  readonly readOnly?: boolean;
  /** The file grows no further; what no longer fits is rejected. */
  readonly maxBytes?: number;
}

export interface Storage {
  readonly db: DatabaseSync;
  close(): void;
}

/** Opens or makes `journal.db` in `folder`. Throws a text that a person can act on. */
export function openDatabase(folder: string, options: StorageOptions = {}): Storage {
  const path = join(folder, "journal.db");
  if (options.readOnly) {
    const db = connect(path, true);
    checkFormat(db, path);
    db.exec(missingTables(db));
    return { db, close: () => db.close() };
  }
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new Error(`${folder}: the data folder cannot be made: ${textOf(cause)}`, { cause });
  }
  const lock = takeLock(path);
  try {
    const db = connect(path, false);
    if (checkFormat(db, path) === "new") db.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    // In one transaction, so that a crash while the file is made leaves nothing that is half a journal.
    db.exec(`BEGIN; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}; ${TABLES} COMMIT;`);
    makeDurable(db, options.maxBytes);
    return { db, close: () => close(db, lock) };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function connect(path: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly });
  } catch (cause) {
    throw new Error(`${path}: cannot be opened: ${textOf(cause)}`, { cause });
  }
}

/** An exclusive lock in a file of its own, which the system gives back however the process ends. */
function takeLock(path: string): DatabaseSync {
  const lock = connect(`${path}.lock`, false);
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    throw new Error(`${path}: is in use by another gateway; stop it, or give this one another data folder`, { cause });
  }
}

function checkFormat(db: DatabaseSync, path: string): "new" | "known" {
  const of = (pragma: string) => Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  let application: number;
  try {
    application = of("application_id");
  } catch (cause) {
    throw refuse(db, `${path}: cannot be read: ${textOf(cause)}`, cause);
  }
  const format = of("user_version");
  if (application === 0 && format === 0 && of("page_count") === 0) return "new";
  if (application !== APPLICATION_ID) throw refuse(db, `${path}: is no journal of Fortrolig`);
  if (format > FORMAT)
    throw refuse(
      db,
      `${path}: was written by a newer Fortrolig (format ${format}; this one knows ${FORMAT}); start that version, or give another data folder`,
    );
  return "known";
}

function refuse(db: DatabaseSync, reason: string, cause?: unknown): Error {
  db.close();
  return new Error(reason, { cause });
}

function makeDurable(db: DatabaseSync, maxBytes: number | undefined): void {
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${WAL_BYTES / PAGE_BYTES};
    PRAGMA journal_size_limit = ${WAL_BYTES};`);
  if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / PAGE_BYTES)}`);
}

function close(db: DatabaseSync, lock: DatabaseSync): void {
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  lock.close();
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Tables that are younger than the file, as temporary ones: to a reader, who may not make them, they are empty. */
function missingTables(db: DatabaseSync): string {
  const rows = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[];
  const there = new Set(rows.map(({ name }) => name));
  return TABLES.split(";")
    .filter((statement) => {
      const name = /CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement)?.[1];
      return name !== undefined && !there.has(name);
    })
    .map((statement) => `${statement.replace("CREATE TABLE", "CREATE TEMP TABLE")};`)
    .join("");
}

/** A source is one boot of one device; `runs` is JSON of runs.ts. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS source (
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, boot TEXT NOT NULL, runs TEXT NOT NULL, seen INTEGER NOT NULL,
    UNIQUE (device, boot));
  CREATE TABLE IF NOT EXISTS segment (
    first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, count INTEGER NOT NULL,
    oldest INTEGER NOT NULL, newest INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, payload BLOB NOT NULL, reason TEXT NOT NULL,
    detail TEXT NOT NULL, received_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS episode (
    room TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER, hint TEXT NOT NULL, PRIMARY KEY (room, start)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS episode_start ON episode (start);
  CREATE TABLE IF NOT EXISTS alert (
    id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, resolved_at INTEGER, json TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS alert_start ON alert (started_at);
  CREATE INDEX IF NOT EXISTS alert_open ON alert (started_at) WHERE resolved_at IS NULL;
  CREATE TABLE IF NOT EXISTS transition (
    alert TEXT NOT NULL, "to" TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (alert, "to")) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS delivery (
    key TEXT PRIMARY KEY, channel TEXT NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at INTEGER NOT NULL, outcome TEXT) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS delivery_due ON delivery (next_attempt_at) WHERE outcome IS NULL;
  CREATE TABLE IF NOT EXISTS pair_minute (
    t INTEGER NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (t, "from", "to")) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS pair_day (
    day INTEGER NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (day, "from", "to")) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS snapshot (name TEXT PRIMARY KEY, json TEXT NOT NULL, through_id INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS audit (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,
    scope TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);`;
