/**
 * Makes a new journal of everything in a damaged one that can be proven to be right: a row by its sum, messages by their
 * sheet's. The damaged file is set aside under the time.
 */
import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { Millis } from "#protocol/quantities.ts";
import { FIRST_ID, LAST_ID, type SourceRow, segmentWriter, sourceWriter } from "./message-table.ts";
import { registerSums, rowSum } from "./row-sum.ts";
import { add, type Runs } from "./runs.ts";
import {
  APPLICATION_ID,
  FORMAT,
  FORMAT_NOTE,
  formerly,
  inColumnsOf,
  PAGE_BYTES,
  quoted,
  statements,
  type TableName,
  tableNames,
  tables,
} from "./schema.ts";
import { records, type SegmentRecord, SegmentWriter, soundStretches } from "./segment.ts";
import { openStoredRows, type Place, type StoredRows } from "./stored-rows.ts";

/** So many messages may have come after the last that is found: their ids are not given again. */
const ID_MARGIN = 1_000_000;

/** With the two sums. */
const SOURCE_COLUMNS = tables.source.columns.length + 2;
/** Of the index of sources: device, boot, id. It has no sum; a name from there is right when the source's own sum says so. */
const NAME_COLUMNS = 3;

type Row = SQLOutputValue[];
interface StoredSegment {
  readonly place: Place;
  readonly firstId: number;
  readonly lastId: number;
  /** Messages it should hold; 0 when that cannot be read. */
  readonly count: number;
}
/** `complete`: its runs can be relied on. */
interface StoredSource extends SourceRow {
  seen: Millis;
  readonly complete: boolean;
}

interface Found {
  readonly rows: ReadonlyMap<TableName, Row[]>;
  readonly sources: ReadonlyMap<number, StoredSource>;
  readonly segments: readonly StoredSegment[];
}

/**
 * Puts a new file in the place of `path`. Answers false, and has changed nothing, when there is not one row in it that
 * this program has written. Throws the file system's error.
 */
export function salvage(path: string, reason: string, at: Millis): boolean {
  const expected = rowCounts(path);
  using stored = openStoredRows(path);
  const found = search(stored);
  if (found.rows.size === 0 && found.sources.size === 0 && found.segments.length === 0) return false;
  const fresh = `${path}.salvaging`;
  const aside = join(dirname(path), `journal.damaged-${new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, "")}.db`);
  write(fresh, (db) => {
    const messages = copySegments(db, stored, found);
    const records = copyRows(db, found, expected);
    const what = `${reason}; ${toldOf(messages, records)}`;
    insertRow(db, "damage", [nextDamage(found), at, what, messages.lost, records.lost, basename(aside), null]);
  });
  setAside(path, aside);
  replace(fresh, path);
  return true;
}

/** A crash in the middle of putting a file in place: what was decided is finished, what was not begins anew. */
export function finishReplacing(path: string): void {
  rmSync(`${path}.salvaging`, { force: true });
  if (existsSync(`${path}.salvaged`)) putInPlace(path);
}

/** Makes a complete journal file and closes it. */
export function write(path: string, fill: (db: DatabaseSync) => void): void {
  rmSync(path, { force: true });
  const db = new DatabaseSync(path);
  try {
    registerSums(db, () => {});
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;
      PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT};`);
    for (const statement of statements.values()) db.exec(statement);
    fill(db);
    insertRow(db, "note", [FORMAT_NOTE, String(FORMAT)], "REPLACE");
    db.exec("COMMIT");
  } catch (error) {
    db.close();
    rmSync(path, { force: true });
    throw error;
  }
  db.close();
  sync(path);
}

/** Answers whether it was put in: the row of a key that is there already stays, unless it is to be replaced. */
export function insertRow(db: DatabaseSync, table: TableName, values: Row, conflict = "IGNORE"): boolean {
  const { columns } = tables[table];
  const marks = columns.map((_, i) => `?${i + 1}`).join(", ");
  const sql = `INSERT OR ${conflict} INTO ${table} (${quoted(columns)}, sum) VALUES (${marks}, row_sum('${table}', ${marks}))`;
  return Number(db.prepare(sql).run(...values).changes) > 0;
}

/** `path` becomes what `fresh` is, whatever moment the power fails in. */
export function replace(fresh: string, path: string): void {
  renameSync(fresh, `${path}.salvaged`);
  sync(dirname(path));
  putInPlace(path);
}

/** The log belongs to the old file: SQLite would play it into the new one. */
function putInPlace(path: string): void {
  rmSync(`${path}-wal`, { force: true });
  rmSync(`${path}-shm`, { force: true });
  renameSync(`${path}.salvaged`, path);
  sync(dirname(path));
}

function setAside(path: string, aside: string): void {
  for (const end of ["", "-wal"]) {
    if (!existsSync(path + end)) continue;
    rmSync(aside + end, { force: true });
    try {
      linkSync(path + end, aside + end);
    } catch {
      copyFileSync(path + end, aside + end);
    }
  }
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** How many rows SQLite itself still counts, of the tables that it can read. */
function rowCounts(path: string): ReadonlyMap<TableName, number> {
  const counts = new Map<TableName, number>();
  try {
    using db = new DatabaseSync(path, { readOnly: true });
    for (const table of tableNames)
      try {
        counts.set(table, Number(db.prepare(`SELECT count(*) AS n FROM ${table} NOT INDEXED`).get()?.n));
      } catch {}
  } catch {}
  return counts;
}

function search(stored: StoredRows): Found {
  const rows = new Map<TableName, Row[]>();
  const sources = new Map<number, StoredSource>();
  const segments: StoredSegment[] = [];
  const names = new Map<number, Row>();
  const nameless: Row[] = [];
  const rowsOf = (table: TableName): Row[] => {
    const known = rows.get(table) ?? [];
    rows.set(table, known);
    return known;
  };
  for (const place of stored.places()) {
    const segment = segmentAt(stored, place);
    if (segment) segments.push(segment);
    if (segment) continue;
    const values = stored.read(place);
    if (!values) continue;
    if (place.rowid !== null) values[0] = place.rowid;
    const table = tableOf(values, place);
    const former = table ? undefined : formerTableOf(values);
    if (table) rowsOf(table).push(values.slice(0, -1));
    else if (former) rowsOf(former.table).push(inColumnsOf(former.table, former.columns, values));
    else if (place.rowid === null && values.length === NAME_COLUMNS) names.set(Number(values[2]), values.slice(0, 2));
    else if (place.rowid !== null && values.length === SOURCE_COLUMNS) {
      const source = sourceOf(values);
      if (source) keepSource(sources, source);
      else nameless.push(values);
    }
  }
  for (const values of nameless) {
    const name = names.get(Number(values[0]));
    const source = name && sourceOf([values[0]!, ...name, ...values.slice(3)]);
    if (source) keepSource(sources, source);
  }
  return { rows, sources, segments: segments.sort((a, b) => a.firstId - b.firstId) };
}

/** A row of segment: by its sum or, where that is damaged, by the sheets in it. */
function segmentAt(stored: StoredRows, place: Place): StoredSegment | undefined {
  if (place.rowid === null) return undefined;
  const [lastId, count, ...rest] = stored.begin(place, 6)?.slice(1) ?? [];
  if (rest.length === 3 && rowSum("segment", [place.rowid, lastId!, count!, ...rest.slice(0, 2)]) === rest[2])
    return { place, firstId: place.rowid, lastId: Number(lastId), count: Number(count) };
  const ids = soundParts(stored, place).flatMap((part) => Array.from(records(part), ({ id }) => id));
  return ids.length === 0 ? undefined : { place, firstId: ids[0]!, lastId: ids.at(-1)!, count: 0 };
}

function soundParts(stored: StoredRows, place: Place): Uint8Array[] {
  const data = stored.read(place)?.at(-1);
  return data instanceof Uint8Array ? soundStretches(data).map((stretch) => data.subarray(...stretch)) : [];
}

/** Only the sum tells tables with as many columns apart. */
function tableOf(values: Row, { rowid }: Place): TableName | undefined {
  const sum = values.at(-1);
  return tableNames.find((name) => {
    const table: (typeof tables)[TableName] & { rowid?: true } = tables[name];
    return (
      values.length === table.columns.length + 1 &&
      (table.rowid === true) === (rowid !== null) &&
      rowSum(name, values.slice(0, -1)) === sum
    );
  });
}

/** A row of the format before, of a table that has other columns now: from a file that nobody could upgrade first. */
function formerTableOf(values: Row): { readonly table: TableName; readonly columns: readonly string[] } | undefined {
  for (const table of tableNames) {
    const columns = formerly(table);
    if (columns?.length === values.length - 1 && rowSum(table, values.slice(0, -1)) === values.at(-1))
      return { table, columns };
  }
  return undefined;
}

function sourceOf(values: Row): StoredSource | undefined {
  const [id, device, boot, runs, seen, nameSum, sum] = values;
  const complete = rowSum("source", [id!, device!, boot!, runs!, seen!]) === sum;
  if (!complete && rowSum("source", [id!, device!, boot!]) !== nameSum) return undefined;
  const known = complete ? (JSON.parse(String(runs)) as Runs) : [];
  return {
    id: Number(id),
    device: String(device),
    boot: String(boot),
    seen: complete ? Number(seen) : 0,
    runs: known,
    complete,
  };
}

/** Runs only grow: of two versions of a source the one that was heard later is right. */
function keepSource(sources: Map<number, StoredSource>, source: StoredSource): void {
  const known = sources.get(source.id);
  if (!known || (source.complete && (!known.complete || source.seen >= known.seen))) sources.set(source.id, source);
}

/** What is held proves what was received, where the runs that say it are damaged. */
function heardAgain(source: StoredSource, { seq, receivedAt }: SegmentRecord): void {
  add(source.runs, seq);
  if (receivedAt > source.seen) source.seen = receivedAt;
}

interface Count {
  readonly kept: number;
  readonly lost: number;
}

/**
 * Lost is what rows say they hold and do not, and what is missing before and between them, where ids may have been left
 * out; what is missing after the last cannot be known.
 */
function copySegments(db: DatabaseSync, stored: StoredRows, { segments, sources, rows }: Found): Count {
  const insert = segmentWriter(db);
  let kept = 0;
  let lost = 0;
  const forgotten = rows.get("note")?.find(([name]) => name === FIRST_ID)?.[1];
  let through = Number(forgotten ?? 1) - 1;
  for (const { place, firstId, lastId, count } of segments) {
    // Forgotten, or a second copy of what was taken before: from a page that nothing points to any more.
    if (lastId <= through) continue;
    const parts = soundParts(stored, place);
    const writer = new SegmentWriter(new ArrayBuffer(parts.reduce((sum, { length }) => sum + length, 0)));
    let copied = 0;
    for (const part of parts)
      for (const record of records(part)) {
        const source = sources.get(record.source);
        if (!source || record.id <= through) continue;
        writer.put(record.id, record.source, record);
        if (!source.complete) heardAgain(source, record);
        copied++;
      }
    if (copied > 0) insert(writer.finish());
    kept += copied;
    lost += Math.max(0, count - copied) + Math.max(0, firstId - through - 1);
    through = lastId;
  }
  return { kept, lost };
}

interface Count {
  readonly kept: number;
  readonly lost: number;
}

interface RecordCount extends Count {
  /** Of each table that has lost any. */
  readonly byTable: readonly (readonly [table: string, lost: number])[];
}

function copyRows(
  db: DatabaseSync,
  { rows, sources, segments }: Found,
  expected: ReadonlyMap<TableName, number>,
): RecordCount {
  const kept = new Map<TableName, number>();
  const put = (table: TableName, values: Row) => {
    if (insertRow(db, table, values)) kept.set(table, (kept.get(table) ?? 0) + 1);
  };
  for (const [table, found] of rows) for (const values of found) put(table, values);
  const putSource = sourceWriter(db);
  for (const source of sources.values()) putSource(source);
  kept.set("source", sources.size);
  insertRow(db, "note", [LAST_ID, String(lastIdOf(db, segments) + ID_MARGIN)], "REPLACE");
  const byTable = [...expected]
    .map(([table, count]) => [table, count - (kept.get(table) ?? 0)] as const)
    .filter(([, lost]) => lost > 0);
  const total = [...kept.values()].reduce((sum, count) => sum + count, 0);
  return { kept: total, lost: byTable.reduce((sum, [, lost]) => sum + lost, 0), byTable };
}

/** The highest id that anything speaks of. */
function lastIdOf(db: DatabaseSync, segments: readonly StoredSegment[]): number {
  const row = db
    .prepare(
      `SELECT (SELECT max(last_id) FROM segment) AS held, (SELECT max(through_id) FROM snapshot) AS decided,
         (SELECT CAST(value AS INTEGER) FROM note WHERE name = '${LAST_ID}') AS noted`,
    )
    .get()!;
  return Math.max(segments.at(-1)?.lastId ?? 0, ...Object.values(row).map((id) => Number(id ?? 0)));
}

const nextDamage = ({ rows }: Found): number =>
  Math.max(0, ...(rows.get("damage") ?? []).map(([id]) => Number(id))) + 1;

function toldOf(messages: Count, records: RecordCount): string {
  const saved = `saved: ${messages.kept} messages, ${records.kept} records`;
  if (messages.lost + records.lost === 0) return `${saved}; nothing is known to be lost`;
  const lost = [...(messages.lost > 0 ? [["messages", messages.lost] as const] : []), ...records.byTable];
  return `${saved}; missing: ${lost.map(([what, count]) => `${count} ${what}`).join(", ")}`;
}
