/** The tables of the journal's file. All but segment's `data` is under the row's own `sum` (row-sum.ts). */

/** Of the file's tables and of the segments in them. */
export const FORMAT = 3;
/** "Frtg", so that no other program's SQLite file is taken for a journal. */
export const APPLICATION_ID = 0x46727467;
export const PAGE_BYTES = 8192;
/** The format once more, as a note: a header that says otherwise is damaged. */
export const FORMAT_NOTE = "journal.format";

export interface Table {
  /** In the order of the file; with a `rowid` the first is its name. */
  readonly columns: readonly string[];
  readonly rowid?: true;
  readonly types: string;
  readonly indexes?: readonly string[];
}

/**
 * A source is one boot of one device; `runs` is JSON of runs.ts, and `name_sum` covers what never changes of it alone, so
 * that a damaged run leaves its messages their sender.
 * In segment the sum covers what comes before it, so that rows can be looked through without reading what they hold.
 * Entries of the audit log that a format before 3 has made have neither role nor count.
 */
export const tables = {
  source: {
    columns: ["id", "device", "boot", "runs", "seen"],
    rowid: true,
    types: `id INTEGER PRIMARY KEY, device TEXT NOT NULL, boot TEXT NOT NULL, runs TEXT NOT NULL, seen INTEGER NOT NULL,
      name_sum INTEGER NOT NULL, sum INTEGER NOT NULL, UNIQUE (device, boot)`,
  },
  quarantine: {
    columns: ["id", "topic", "payload", "reason", "detail", "received_at"],
    rowid: true,
    types: `id INTEGER PRIMARY KEY, topic TEXT NOT NULL, payload BLOB NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
      received_at INTEGER NOT NULL, sum INTEGER NOT NULL`,
  },
  episode: {
    columns: ["room", "start", "end", "hint"],
    types: `room TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER, hint TEXT NOT NULL, sum INTEGER NOT NULL,
      PRIMARY KEY (room, start)`,
    indexes: ["episode_start ON episode (start)", `episode_end ON episode ("end")`],
  },
  alert: {
    columns: ["id", "started_at", "resolved_at", "json"],
    types: `id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, resolved_at INTEGER, json TEXT NOT NULL,
      sum INTEGER NOT NULL`,
    indexes: [
      "alert_start ON alert (started_at)",
      "alert_open ON alert (started_at) WHERE resolved_at IS NULL",
      "alert_end ON alert (resolved_at)",
    ],
  },
  transition: {
    columns: ["alert", "to", "at", "json"],
    types: `alert TEXT NOT NULL, "to" TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL, sum INTEGER NOT NULL,
      PRIMARY KEY (alert, "to")`,
    indexes: ["transition_time ON transition (at)"],
  },
  delivery: {
    columns: ["key", "channel", "body", "created_at", "attempts", "next_attempt_at", "outcome"],
    types: `key TEXT PRIMARY KEY, channel TEXT NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL, next_attempt_at INTEGER NOT NULL, outcome TEXT, sum INTEGER NOT NULL`,
    indexes: [
      "delivery_due ON delivery (next_attempt_at) WHERE outcome IS NULL",
      "delivery_settled ON delivery (created_at) WHERE outcome IS NOT NULL",
    ],
  },
  pair_minute: {
    columns: ["t", "from", "to", "json"],
    types: `t INTEGER NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL, json TEXT NOT NULL, sum INTEGER NOT NULL,
      PRIMARY KEY (t, "from", "to")`,
  },
  pair_day: {
    columns: ["day", "from", "to", "json"],
    types: `day INTEGER NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL, json TEXT NOT NULL, sum INTEGER NOT NULL,
      PRIMARY KEY (day, "from", "to")`,
  },
  snapshot: {
    columns: ["name", "json", "through_id"],
    types: "name TEXT PRIMARY KEY, json TEXT NOT NULL, through_id INTEGER NOT NULL, sum INTEGER NOT NULL",
  },
  note: {
    columns: ["name", "value"],
    types: "name TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL",
  },
  audit: {
    columns: ["seq", "at", "actor", "role", "action", "object", "scope", "reason", "count", "previous", "hash"],
    rowid: true,
    types: `seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, role TEXT, action TEXT NOT NULL,
      object TEXT NOT NULL, scope TEXT NOT NULL, reason TEXT, count INTEGER, previous TEXT NOT NULL, hash TEXT NOT NULL,
      sum INTEGER NOT NULL`,
    indexes: ["audit_time ON audit (at)"],
  },
  checkpoint: {
    columns: ["at", "json"],
    rowid: true,
    types: "at INTEGER PRIMARY KEY, json TEXT NOT NULL, sum INTEGER NOT NULL",
  },
  damage: {
    columns: ["id", "at", "what", "messages", "records", "file", "raw"],
    rowid: true,
    types: `id INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, messages INTEGER NOT NULL,
      records INTEGER NOT NULL, file TEXT, raw BLOB, sum INTEGER NOT NULL`,
  },
} satisfies Record<string, Table>;

/** Columns of tables in format 2, where they were others: rows of it may still lie in a file. */
const formerColumns: { readonly [table: string]: readonly string[] | undefined } = {
  audit: ["seq", "at", "actor", "action", "object", "scope", "previous", "hash"],
};

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as TableName[];

/** The columns that a table had in the format before, where they were others. */
export const formerly = (table: TableName): readonly string[] | undefined => formerColumns[table];

/** A row of these columns as one of the table as it is; what is new is empty. */
export function inColumnsOf<V>(table: TableName, columns: readonly string[], values: readonly V[]): (V | null)[] {
  return tables[table].columns.map((column) => values[columns.indexOf(column)] ?? null);
}

export const quoted = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(", ");
/** SQL that is true of a row whose sum fits, and of every row met on the way to it the opposite is told. */
export const isSound = (table: TableName): string => `sound(sum, '${table}', ${quoted(tables[table].columns)})`;

const SEGMENT = `CREATE TABLE IF NOT EXISTS segment (first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL,
  count INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL, sum INTEGER NOT NULL, data BLOB NOT NULL)`;
export const SEGMENT_IS_SOUND = "sound(sum, 'segment', first_id, last_id, count, oldest, newest)";

/** Statements that make what is not there yet, by the name of what they make. */
export const statements: ReadonlyMap<string, string> = new Map([
  ["segment", SEGMENT],
  ...Object.entries<Table>(tables).flatMap(([name, { rowid, types, indexes = [] }]): [string, string][] => [
    [name, `CREATE TABLE IF NOT EXISTS ${name} (${types})${rowid ? "" : " WITHOUT ROWID"}`],
    ...indexes.map((index): [string, string] => [index.split(" ")[0]!, `CREATE INDEX IF NOT EXISTS ${index}`]),
  ]),
]);
