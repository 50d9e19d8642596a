/** Rows of one table that are all in memory too: read without the disk, written through to it. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";

export interface KeptRows<Row> {
  get(key: string): Row | undefined;
  values(): IterableIterator<Row>;
  readonly size: number;
  /** Adds the row, or puts it in the place of the one with its key. */
  put(row: Row): void;
  remove(key: string): void;
  /** Reads all rows anew: another process has written, or a change was undone. */
  reload(): void;
}

/** `json` names the columns that hold a list or an object. The first column is the key. */
export function keptRows<Row extends object>(
  db: DatabaseSync,
  table: string,
  columns: readonly (keyof Row & string)[],
  json: readonly (keyof Row & string)[] = [],
): KeptRows<Row> {
  const key = columns[0]!;
  const all = db.prepare(`SELECT ${columns.map((name) => `"${name}"`).join(", ")} FROM ${table}`);
  const put = db.prepare(
    `INSERT OR REPLACE INTO ${table} (${columns.map((name) => `"${name}"`).join(", ")})
     VALUES (${columns.map(() => "?").join(", ")})`,
  );
  const remove = db.prepare(`DELETE FROM ${table} WHERE "${key}" = ?`);
  const isJson = new Set<string>(json);
  const rows = new Map<string, Row>();

  const stored = (row: Row): SQLInputValue[] =>
    columns.map((name) => {
      const value = row[name];
      return (isJson.has(name) && value !== null ? JSON.stringify(value) : value) as SQLInputValue;
    });
  const read = (found: Record<string, unknown>): Row =>
    Object.fromEntries(
      columns.map((name) => {
        const value = found[name];
        return [name, isJson.has(name) && typeof value === "string" ? JSON.parse(value) : value];
      }),
    ) as Row;

  const kept: KeptRows<Row> = {
    get: (wanted) => rows.get(wanted),
    values: () => rows.values(),
    get size() {
      return rows.size;
    },
    put(row) {
      put.run(...stored(row));
      rows.set(row[key] as string, row);
    },
    remove(gone) {
      remove.run(gone);
      rows.delete(gone);
    },
    reload() {
      rows.clear();
      for (const found of all.all()) {
        const row = read(found);
        rows.set(row[key] as string, row);
      }
    },
  };
  kept.reload();
  return kept;
}
