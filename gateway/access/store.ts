/** `access.db`: accounts, sessions, tokens, links. Small and rarely written, so it lives on the main thread and in memory. */
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "../folder.ts";
import type { AccessEvent, Say } from "./events.ts";
import { type KeptRows, keptRows } from "./kept-rows.ts";
import { AccessFileError } from "./refusal.ts";
import type { AccountRow, BrowserRow, LinkRow, SessionRow, TokenRow } from "./rows.ts";

/** "frta": tells the file from other programs'. */
const APPLICATION_ID = 0x66_72_74_61;
const FORMAT = 1;
/** How long another process that writes is waited for. */
const BUSY_MS = 2000;

const TABLES = `
CREATE TABLE IF NOT EXISTS account (
  id TEXT PRIMARY KEY, name TEXT UNIQUE, outside TEXT UNIQUE, password TEXT, roles TEXT NOT NULL, rooms TEXT NOT NULL,
  wish TEXT, created INTEGER NOT NULL, closed INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (
  hash TEXT PRIMARY KEY, account TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL, ended INTEGER,
  ending TEXT, outside TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS token (
  hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, owner TEXT, label TEXT NOT NULL, role TEXT NOT NULL, "only" TEXT,
  rooms TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, "usedDay" TEXT, revoked INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link (
  hash TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, "by" TEXT NOT NULL, expires INTEGER NOT NULL,
  used INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS browser (
  hash TEXT PRIMARY KEY, account TEXT NOT NULL, expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
`;

export interface Store {
  readonly accounts: KeptRows<AccountRow>;
  readonly sessions: KeptRows<SessionRow>;
  readonly tokens: KeptRows<TokenRow>;
  readonly links: KeptRows<LinkRow>;
  readonly browsers: KeptRows<BrowserRow>;
  /** All of it is on the disk, with what is said of it, or nothing is. */
  change<T>(run: (say: Say) => T): T;
  /** What was said and is not in the audit log yet, oldest first. */
  untold(): readonly { readonly seq: number; readonly entry: AccessEvent }[];
  /** These are in the audit log now. */
  told(through: number): void;
  /** Takes over what another process has written since; whether there was any. */
  refresh(): boolean;
  close(): void;
}

/** `file` is a path, or `:memory:`. */
export function openStore(file: string): Store {
  const db = connect(file);
  const store = {
    accounts: keptRows<AccountRow>(
      db,
      "account",
      ["id", "name", "outside", "password", "roles", "rooms", "wish", "created", "closed"],
      ["roles", "rooms", "wish"],
    ),
    sessions: keptRows<SessionRow>(db, "session", ["hash", "account", "created", "used", "ended", "ending", "outside"]),
    tokens: keptRows<TokenRow>(
      db,
      "token",
      ["hash", "id", "owner", "label", "role", "only", "rooms", "created", "expires", "usedDay", "revoked"],
      ["only", "rooms"],
    ),
    links: keptRows<LinkRow>(db, "link", ["hash", "account", "kind", "by", "expires", "used"]),
    browsers: keptRows<BrowserRow>(db, "browser", ["hash", "account", "expires"]),
  };
  const say = db.prepare("INSERT INTO event (entry) VALUES (?)");
  const untold = db.prepare("SELECT seq, entry FROM event ORDER BY seq LIMIT 1000");
  const told = db.prepare("DELETE FROM event WHERE seq <= ?");
  const version = db.prepare("PRAGMA data_version");
  /** Changes when another connection has written, not when this one has. */
  const versionNow = () => (version.get() as { data_version: number }).data_version;
  let seen = versionNow();
  const reload = () => {
    for (const rows of Object.values(store)) rows.reload();
  };

  return {
    ...store,
    change(run) {
      db.exec("BEGIN IMMEDIATE");
      try {
        // Decided on what is so now, and not on what was so before another process wrote.
        const now = versionNow();
        if (now !== seen) reload();
        seen = now;
        const result = run((entry) => say.run(JSON.stringify(entry)));
        db.exec("COMMIT");
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        reload();
        throw error;
      }
    },
    untold: () => untold.all().map((row) => ({ seq: row.seq as number, entry: JSON.parse(row.entry as string) })),
    told: (through) => void told.run(through),
    refresh() {
      const now = versionNow();
      if (now === seen) return false;
      seen = now;
      reload();
      return true;
    },
    close: () => db.close(),
  };
}

function connect(file: string): DatabaseSync {
  try {
    if (file !== ":memory:") {
      makeFolder(dirname(file));
      // Made before SQLite does, for the owner alone; SQLite gives its log the same mode.
      closeSync(openSync(file, "a", 0o600));
    }
    const db = new DatabaseSync(file, { timeout: BUSY_MS });
    try {
      prepare(db);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (cause) {
    throw new AccessFileError(`${file}: ${(cause as Error).message}`, { cause });
  }
}

function prepare(db: DatabaseSync): void {
  const number = (pragma: string) => Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0] as number;
  const owner = number("application_id");
  const format = number("user_version");
  const tables = (db.prepare("SELECT count(*) AS n FROM sqlite_schema").get() as { n: number }).n;
  if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0)) throw new Error("is another program's file");
  if (format > FORMAT) throw new Error(`is of a newer version (format ${format}); use that version`);
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  // What is deleted is not left in free pages.
  db.exec("PRAGMA secure_delete = ON");
  if (owner === APPLICATION_ID && format === FORMAT) return;
  db.exec(
    `BEGIN IMMEDIATE; ${TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}; COMMIT`,
  );
}
