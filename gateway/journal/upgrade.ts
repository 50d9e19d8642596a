/** A journal of format 1, which had no checksums, becomes one of this format; what was in it is taken as it stands. */
import { DatabaseSync } from "node:sqlite";
import type { Boot, Id } from "#protocol/quantities.ts";
import { segmentWriter, sourceWriter } from "./message-table.ts";
import { insertRow, replace, write } from "./salvage.ts";
import { type TableName, tableNames, tables } from "./schema.ts";
import { recordsOfFormat1, SegmentWriter } from "./segment.ts";

/** Every sheet takes a header more than the records did, and none is smaller than a record. */
const GROWTH = 1.25;

export function upgrade(path: string): void {
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
  const columns = tables[table].columns.map((column) => `"${column}"`).join(", ");
  for (const row of old.prepare(`SELECT ${columns} FROM ${table}`).iterate()) insertRow(db, table, Object.values(row));
}
