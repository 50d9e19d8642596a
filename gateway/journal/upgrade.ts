/**
 * A journal of an earlier format becomes one of this. Of format 1, which had no checksums, everything is taken as it stands,
 * into a new file. Format 2 differs in its audit log alone, and is changed where it lies.
 */
import { DatabaseSync } from "node:sqlite";
import type { Boot, Id } from "#protocol/quantities.ts";
import { segmentWriter, sourceWriter } from "./message-table.ts";
import { registerSums } from "./row-sum.ts";
import { insertRow, replace, write } from "./salvage.ts";
import {
  FORMAT,
  FORMAT_NOTE,
  formerly,
  inColumnsOf,
  quoted,
  statements,
  type TableName,
  tableNames,
  tables,
} from "./schema.ts";
import { recordsOfFormat1, SegmentWriter } from "./segment.ts";

/** Every sheet takes a header more than the records did, and none is smaller than a record. */
const GROWTH = 1.25;

/** Throws the database's error. */
export function upgrade(path: string): void {
  if (formatOf(path) === 2) upgradeFrom2(path);
  else upgradeFrom1(path);
}

function formatOf(path: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  return Number(db.prepare("PRAGMA user_version").get()!.user_version);
}

/** All of it in one transaction. Rows that do not fit their sum are left as they are: whoever reads them next finds them. */
function upgradeFrom2(path: string): void {
  using db = new DatabaseSync(path);
  registerSums(db, () => {});
  db.exec("BEGIN IMMEDIATE");
  for (const table of tableNames) {
    const columns = formerly(table);
    if (!columns) continue;
    const now = tables[table].columns.map((column) => (columns.includes(column) ? `"${column}"` : "NULL")).join(", ");
    const sum = `sum + (row_sum('${table}', ${now}) - row_sum('${table}', ${quoted(columns)}))`;
    db.exec(`ALTER TABLE ${table} RENAME TO former`);
    db.exec(statements.get(table)!);
    db.exec(`INSERT INTO ${table} (${quoted(tables[table].columns)}, sum) SELECT ${now}, ${sum} FROM former`);
    db.exec("DROP TABLE former");
  }
  for (const statement of statements.values()) db.exec(statement);
  insertRow(db, "note", [FORMAT_NOTE, String(FORMAT)], "REPLACE");
  db.exec(`PRAGMA user_version = ${FORMAT}; COMMIT`);
}

function upgradeFrom1(path: string): void {
  const fresh = `${path}.salvaging`;
  const old = new DatabaseSync(path);
  try {
    write(fresh, (db) => copy(old, db));
  } finally {
    old.close();
  }
  replace(fresh, path);
}

function copy(old: DatabaseSync, db: DatabaseSync): void {
  const there = new Set(
    old
      .prepare("SELECT name FROM sqlite_schema")
      .all()
      .map(({ name }) => String(name)),
  );
  const putSource = sourceWriter(db);
  for (const row of old.prepare("SELECT id, device, boot, runs, seen FROM source").iterate()) {
    const { id, device, boot, runs, seen } = row as { id: number; device: Id; boot: Boot; runs: string; seen: number };
    putSource({ id, device, boot, runs: JSON.parse(runs), seen });
  }
  for (const table of tableNames.filter((name) => name !== "source" && there.has(name))) copyTable(old, db, table);
  const put = segmentWriter(db);
  for (const { data } of old.prepare("SELECT data FROM segment ORDER BY first_id").iterate()) {
    const bytes = data as Uint8Array;
    const writer = new SegmentWriter(new ArrayBuffer(Math.ceil(bytes.length * GROWTH)));
    for (const record of recordsOfFormat1(bytes)) writer.put(record.id, record.source, record);
    put(writer.finish());
  }
}

function copyTable(old: DatabaseSync, db: DatabaseSync, table: TableName): void {
  const columns: readonly string[] = formerly(table) ?? tables[table].columns;
  for (const row of old.prepare(`SELECT ${quoted(columns)} FROM ${table}`).iterate())
    insertRow(db, table, inColumnsOf(table, columns, Object.values(row)));
}
