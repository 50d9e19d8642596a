/** The journal's file: opened, guarded against a second process and against versions from the future, made durable. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "../folder.ts";
import { isDamage } from "./damaged.ts";
import { readLog } from "./log-frames.ts";
import { registerSums, rowSum } from "./row-sum.ts";
import { finishReplacing, replace, salvage, write } from "./salvage.ts";
import {
  APPLICATION_ID,
  FORMAT,
  FORMAT_NOTE,
  isSound,
  PAGE_BYTES,
  SEGMENT_IS_SOUND,
  statements,
  tableNames,
} from "./schema.ts";
import { upgrade } from "./upgrade.ts";

const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
/** Read-only, I/O error, cannot open. */
const DISK_REFUSES: ReadonlySet<number> = new Set([8, 10, 14]);
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
  /** Folds the log into the file. */
  close(): void;
  /** Lets go of a file that is damaged. */
  abandon(): void;
}

/** Hears of every row that does not fit its sum. */
type OnUnsound = (table: string, key: string) => void;

/**
 * Opens or makes `journal.db` in `folder`. One that is damaged, or of which `suspicion` says why it is taken to be, is set
 * aside and made anew from what can be read. Throws a text that a person can act on.
 */
export function openDatabase(
  folder: string,
  options: StorageOptions,
  onUnsound: OnUnsound,
  suspicion?: string,
): Storage {
  const path = join(folder, "journal.db");
  if (options.readOnly) return openReadOnly(path, onUnsound);
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new Error(`${folder}: the data folder cannot be made: ${textOf(cause)}`, { cause });
  }
  const lock = inFolder(path, () => takeLock(path));
  try {
    inFolder(path, () => mend(path, suspicion));
    const db = connect(path, false);
    registerSums(db, onUnsound);
    inFolder(path, () => makeDurable(db, options.maxBytes));
    return { db, close: () => close(db, lock), abandon: () => abandon(db, lock) };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function openReadOnly(path: string, onUnsound: OnUnsound): Storage {
  let db: DatabaseSync | undefined;
  try {
    db = connect(path, true);
    const look = lookAt(db, path);
    if (look === "older") throw new Error(`${path}: is of an older format; start the gateway, which makes it anew`);
    if (look !== "sound") throw new Error(`${path}: is damaged (${look.fault}); start the gateway, which mends it`);
    registerSums(db, onUnsound);
    db.exec(missingTables(db));
    const close = db.close.bind(db);
    return { db, close, abandon: close };
  } catch (cause) {
    db?.close();
    if ((cause as { errcode?: number }).errcode === undefined) throw cause;
    throw new Error(`${path}: cannot be read: ${textOf(cause)}`, { cause });
  }
}

/** Leaves at `path` a journal of this format, with every table, that nothing is known to be wrong with. */
function mend(path: string, suspicion: string | undefined): void {
  finishReplacing(path);
  if (!existsSync(path) || (statSync(path).size === 0 && !existsSync(`${path}-wal`))) {
    write(`${path}.salvaging`, () => {});
    replace(`${path}.salvaging`, path);
    return;
  }
  const found = suspicion === undefined ? examine(path) : { fault: suspicion };
  if (found === "sound") return;
  try {
    const look = found === "older" ? upgraded(path) : found;
    if (typeof look === "object" && !salvage(path, look.fault, Date.now()))
      throw new Error(`${path}: is no journal of Fortrolig: ${look.fault}`);
  } catch (cause) {
    if (!isFull(cause)) throw cause;
    const why = found === "older" ? "is of an older format" : `is damaged (${found.fault})`;
    throw new Error(
      `${path}: ${why}, and there is no room to make it anew; make room for another file of its size, then start again`,
      { cause },
    );
  }
}

type Look = "sound" | "older" | { readonly fault: string };

/** In front of SQLite, which would take a damaged log as ended; then through it. */
function examine(path: string): Look {
  if (readLog(`${path}-wal`).damaged) return { fault: "the write-ahead log is damaged" };
  const db = connect(path, false);
  try {
    registerSums(db, () => {});
    const look = lookAt(db, path);
    if (look !== "sound") return look;
    const fault = faultOf(db);
    if (fault !== undefined) return { fault };
    for (const statement of statements.values()) db.exec(statement);
    return "sound";
  } catch (error) {
    if (isDamage(error)) return { fault: textOf(error) };
    throw error;
  } finally {
    db.close();
  }
}

function upgraded(path: string): Look {
  try {
    upgrade(path);
    return examine(path);
  } catch (error) {
    if (isDamage(error)) return { fault: textOf(error) };
    throw error;
  }
}

/** By the header alone. Throws when the file is another program's, or a later version's. */
function lookAt(db: DatabaseSync, path: string): Look {
  const of = (pragma: string) => Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  let application: number;
  try {
    application = of("application_id");
  } catch (error) {
    if (isDamage(error)) return { fault: textOf(error) };
    throw error;
  }
  if (application !== APPLICATION_ID) {
    if (bytesAlike(application, APPLICATION_ID) < 3) throw new Error(`${path}: is no journal of Fortrolig`);
    return { fault: "the header is damaged" };
  }
  const format = of("user_version");
  if (format === FORMAT) return "sound";
  if (notedFormat(db) === String(FORMAT)) return { fault: "the header is damaged" };
  if (format < FORMAT) return "older";
  throw new Error(
    `${path}: was written by a newer Fortrolig (format ${format}; this one knows ${FORMAT}); start that version, or give another data folder`,
  );
}

function bytesAlike(a: number, b: number): number {
  return [0, 8, 16, 24].filter((shift) => ((a >>> shift) & 0xff) === ((b >>> shift) & 0xff)).length;
}

function notedFormat(db: DatabaseSync): string | undefined {
  try {
    const row = db.prepare("SELECT value, sum FROM note WHERE name = ?").get(FORMAT_NOTE);
    return row && rowSum("note", [FORMAT_NOTE, row.value!]) === row.sum ? String(row.value) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What is wrong with a journal, as far as it can be seen without reading the messages themselves: those are checked when
 * they are read, so that opening takes no longer for a journal that holds much.
 */
function faultOf(db: DatabaseSync): string | undefined {
  const made = new Map(
    (db.prepare("SELECT name, sql FROM sqlite_schema").all() as { name: string; sql: string | null }[])
      .filter(({ name }) => !name.startsWith("sqlite_"))
      .map(({ name, sql }) => [name, sql]),
  );
  const strange = [...made.keys()].filter((name) => !statements.has(name));
  for (const [name, statement] of statements) {
    const sql = made.get(name);
    const known = sql === undefined ? strange.length === 0 : sql === statement.replace(" IF NOT EXISTS", "");
    if (!known) return `the definition of ${name} is damaged`;
  }
  for (const table of tableNames.filter((name) => made.has(name))) {
    const [answer] = Object.values(db.prepare(`PRAGMA integrity_check(${table})`).get() ?? {});
    if (answer !== "ok") return String(answer).split("\n")[0]!;
  }
  for (const [table, sound] of [
    ["segment", SEGMENT_IS_SOUND],
    ["source", isSound("source")],
  ] as const) {
    const bad = Number(db.prepare(`SELECT count(*) AS n FROM ${table} WHERE NOT ${sound}`).get()?.n);
    if (bad > 0) return `${bad} ${bad === 1 ? "row" : "rows"} of ${table} do not fit their sum`;
  }
  return undefined;
}

const connect = (path: string, readOnly: boolean): DatabaseSync => new DatabaseSync(path, { readOnly });

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

/** What stands in the way of writing here at all, in words that say what to do. */
function inFolder<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { errcode, code = "" } = cause as { errcode?: number } & NodeJS.ErrnoException;
    if (isFull(cause)) throw new Error(`${path}: the disk is full; make room, then start again`, { cause });
    if (DISK_REFUSES.has(Number(errcode) & 0xff) || /^E(ROFS|ACCES|PERM|IO)$/.test(code))
      throw new Error(
        `${path}: cannot be written: ${textOf(cause)}; see that the disk has room and may be written, or give another data folder`,
        { cause },
      );
    throw cause;
  }
}

const isFull = (cause: unknown): boolean =>
  (Number((cause as { errcode?: unknown }).errcode) & 0xff) === SQLITE_FULL ||
  (cause as NodeJS.ErrnoException).code === "ENOSPC";

function makeDurable(db: DatabaseSync, maxBytes: number | undefined): void {
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = FAST;
    PRAGMA wal_autocheckpoint = ${WAL_BYTES / PAGE_BYTES};
    PRAGMA journal_size_limit = ${WAL_BYTES};`);
  if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / PAGE_BYTES)}`);
}

function close(db: DatabaseSync, lock: DatabaseSync): void {
  try {
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // The log stays, and is played when the file is opened again.
  }
  abandon(db, lock);
}

function abandon(db: DatabaseSync, lock: DatabaseSync): void {
  try {
    db.close();
  } finally {
    lock.close();
  }
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Tables that are younger than the file, as temporary ones: to a reader, who may not make them, they are empty. */
function missingTables(db: DatabaseSync): string {
  const rows = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[];
  const there = new Set(rows.map(({ name }) => name));
  return [...statements]
    .filter(([name, statement]) => !there.has(name) && statement.startsWith("CREATE TABLE"))
    .map(([, statement]) => `${statement.replace("CREATE TABLE", "CREATE TEMP TABLE")};`)
    .join("");
}
