/** The embedded history's database file: what can be asked of it, and the SQL that answers. Every call blocks its thread. */
import { statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import type { Oldest } from "./history.ts";
import { type Measurement, measurementNames, shapeOf } from "./measurements.ts";
import {
  allSeries,
  compareColumns,
  countRows,
  createTables,
  deleteBefore,
  deleteEmptySeries,
  fieldsOf,
  findSeries,
  oldestRow,
  selectRows,
  seriesIds,
  sumRows,
  upsert,
} from "./sqlite-tables.ts";

export type Cell = string | number | null;

/** Rows of one measurement, flat: the tags, the time and the fields of the first, then of the second, … */
export interface Rows {
  readonly measurement: Measurement;
  readonly cells: readonly Cell[];
}

export interface Range {
  readonly measurement: Measurement;
  readonly tags: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
  readonly fields: readonly string[];
}

/** What was found: without the tags of each row again and again, and flat, because copying it to the asker takes most of the time. */
export interface Selected {
  /** Number of a series, then its tags. */
  readonly series: readonly (readonly Cell[])[];
  /** Time, number of the series and the fields of the first row, then of the second, …; where all are numbers, NaN is none. */
  readonly cells: readonly Cell[] | Float64Array<ArrayBuffer>;
}

export interface Questions {
  prepare(): { readonly conflicts: readonly string[] };
  write(batches: readonly Rows[]): void;
  select(range: Range): Selected;
  count(range: Range): number;
  /** Rows of the tags of a series and the sums of `fields`. */
  sums(range: Range): readonly (readonly Cell[])[];
  purge(before: Readonly<Record<Measurement, number>>): Promise<Oldest[]>;
  close(): void;
}
export type Question = keyof Questions;
export interface DatabaseFile {
  readonly path: string;
  readonly busyMs: number;
}

/**
 * Asks the file at the path: it is opened with the first question, and anew when another lies there or none does, so that
 * a damaged one only has to be moved away.
 */
export function fileAsker(file: DatabaseFile): (question: Question, about?: unknown) => Promise<unknown> {
  let opened: { readonly tables: Questions; readonly identity: string } | undefined;
  return async (question, about) => {
    if (opened && opened.identity !== identityOf(file.path)) {
      opened.tables.close();
      opened = undefined;
    }
    if (!opened) {
      if (question === "close") return;
      const tables = openTables(file);
      opened = { tables, identity: identityOf(file.path) };
    }
    return (opened.tables[question] as (about: unknown) => unknown)(about);
  };
}

function identityOf(path: string): string {
  const { dev, ino } = statSync(path, { throwIfNoEntry: false }) ?? { dev: 0, ino: 0 };
  return `${dev} ${ino}`;
}

function openTables({ path, busyMs }: DatabaseFile): Questions {
  const db = new DatabaseSync(path, { timeout: busyMs });
  try {
    // A commit that a power cut takes back is made again from the journal (README): no sync of ours delays one of its.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;");
  } catch (error) {
    db.close();
    throw error;
  }

  const statements = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const known = statements.get(text);
    if (known) return known;
    const made = db.prepare(text);
    made.setReturnArrays(true);
    statements.set(text, made);
    return made;
  };
  const seriesOf = new Map<string, number>();
  const one = (text: string, ...values: Cell[]): number | null =>
    (sql(text).get(...values) as unknown as [number | null] | undefined)?.[0] ?? null;

  const transaction = (work: () => void) => {
    db.exec("BEGIN IMMEDIATE");
    try {
      work();
      db.exec("COMMIT");
    } catch (error) {
      // A series made in a transaction that is rolled back has no number any more.
      seriesOf.clear();
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  };

  const seriesId = (measurement: Measurement, tags: Cell[]): number => {
    const key = `${measurement}\n${tags.join("\n")}`;
    const known = seriesOf.get(key);
    if (known !== undefined) return known;
    const id = one(findSeries(measurement, shapeOf(measurement)), ...tags) as number;
    seriesOf.set(key, id);
    return id;
  };
  const insert = ({ measurement, cells }: Rows) => {
    const shape = shapeOf(measurement);
    const tags = shape.tags.length;
    const width = tags + 1 + fieldsOf(shape).length;
    const put = sql(upsert(measurement, shape));
    for (let i = 0; i < cells.length; i += width)
      put.run(seriesId(measurement, cells.slice(i, i + tags)), ...cells.slice(i + tags, i + width));
  };
  const parameters = ({ from, to, tags }: Pick<Range, "from" | "to" | "tags">): Cell[] => [
    from,
    to,
    ...Object.values(tags),
  ];

  return {
    prepare() {
      const conflicts: string[] = [];
      for (const measurement of measurementNames) {
        const shape = shapeOf(measurement);
        db.exec(createTables(measurement, shape));
        const info = db.prepare(`PRAGMA table_info("${measurement}")`).all() as { name: string; type: string }[];
        const compared = compareColumns(measurement, shape, new Map(info.map(({ name, type }) => [name, type])));
        conflicts.push(...compared.conflicts);
        for (const statement of compared.add) db.exec(statement);
      }
      return { conflicts };
    },
    write: (batches) => transaction(() => batches.forEach(insert)),
    select({ measurement, fields, ...range }) {
      const shape = shapeOf(measurement);
      const statement = sql(selectRows(measurement, shape, fields, Object.keys(range.tags)));
      const rows = statement.all(...parameters(range)) as unknown as Cell[][];
      const areNumbers = fields.every((field) => shape.fields[field] !== "string");
      return {
        series: sql(allSeries(measurement, shape)).all() as unknown as Cell[][],
        cells: areNumbers ? numbersIn(rows as (number | null)[][], 2 + fields.length) : rows.flat(),
      };
    },
    count: (range) => one(countRows(range.measurement, Object.keys(range.tags)), ...parameters(range)) ?? 0,
    sums: ({ measurement, fields, ...range }) =>
      sql(sumRows(measurement, shapeOf(measurement), fields, Object.keys(range.tags))).all(
        ...parameters(range),
      ) as unknown as Cell[][],
    async purge(before) {
      for (const measurement of measurementNames) {
        // One series at a time, and writes in between: a first purge of weeks must not hold them up.
        for (const [id] of sql(seriesIds(measurement)).all() as unknown as [number][]) {
          sql(deleteBefore(measurement)).run(id, before[measurement]);
          await turn();
        }
        sql(deleteEmptySeries(measurement)).run();
      }
      seriesOf.clear();
      return measurementNames.map((measurement) => ({ measurement, oldest: one(oldestRow(measurement)) }));
    },
    close: () => db.close(),
  };
}

/** Flat, and of a kind that is handed to another thread without a copy. */
function numbersIn(rows: readonly (readonly (number | null)[])[], width: number): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(rows.length * width);
  let at = 0;
  for (const row of rows) for (let i = 0; i < width; i++) numbers[at++] = row[i] ?? Number.NaN;
  return numbers;
}
