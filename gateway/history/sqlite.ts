/** The embedded history: SQLite in a file of its own, on a thread of its own unless the asker is one. */
import { Worker } from "node:worker_threads";
import { unfitness } from "./conform.ts";
import {
  type Failure,
  type FieldValue,
  type History,
  HistoryError,
  type Parcel,
  type Point,
  type Selection,
  type Summation,
  type Sums,
  TypeConflict,
} from "./history.ts";
import { cutoffs, type Measurement, retentionDays, selectedFields, shapeOf, type TierDays } from "./measurements.ts";
import {
  type Cell,
  type DatabaseFile,
  fileAsker,
  type Question,
  type Questions,
  type Range,
  type Rows,
  type Selected,
} from "./sqlite-file.ts";
import type { Answered } from "./sqlite-worker.ts";

export interface SqliteOptions {
  readonly retention?: TierDays;
  /** How long to wait for another process that holds the file locked. */
  readonly busyMs?: number;
  /** Every call blocks the asker: for one who has a thread of its own. */
  readonly sameThread?: boolean;
}

/** Opens or makes the file when it is first used. */
export function openSqliteHistory(path: string, options: SqliteOptions = {}): History {
  const { retention = retentionDays, busyMs = 5000, sameThread = false } = options;
  const thread = sameThread ? ownThread({ path, busyMs }) : otherThread({ path, busyMs });
  const pack = (points: Iterable<Point>): Parcel => {
    const { rows, fault } = rowsOf(points);
    return {
      async store() {
        if (fault) throw fault;
        if (rows.length > 0) await thread.ask("write", rows);
      },
    };
  };
  return {
    kind: "sqlite",
    async prepare() {
      const { conflicts } = await thread.ask("prepare");
      if (conflicts.length > 0) throw new TypeConflict(conflicts);
    },
    write: (points) => pack(points).store(),
    pack,
    async select(selection) {
      const range = rangeOf(selection);
      return pointsOf(range, await thread.ask("select", range));
    },
    count: (selection) => thread.ask("count", rangeOf(selection)),
    async sums(selection) {
      const rows = await thread.ask("sums", { ...rangeOf(selection), fields: selection.fields });
      return rows.map((row) => sumsOf(selection, row));
    },
    purge: (now) => thread.ask("purge", cutoffs(now, retention)),
    [Symbol.asyncDispose]: thread.end,
  };
}

const rangeOf = ({ measurement, tags = {}, from, to, fields }: Selection): Range => ({
  measurement,
  tags,
  from,
  to,
  fields: selectedFields(measurement, fields),
});

const cellOf = (value: FieldValue | undefined): Cell => (typeof value === "boolean" ? Number(value) : (value ?? null));

/** Up to the first point that does not conform, and why it does not. */
function rowsOf(points: Iterable<Point>): { rows: readonly Rows[]; fault: HistoryError | undefined } {
  const cells = new Map<Measurement, Cell[]>();
  let fault: HistoryError | undefined;
  for (const point of points) {
    fault ??= unfitness(point);
    if (fault) continue;
    const { measurement, tags, fields, t } = point;
    const shape = shapeOf(measurement);
    const list = cells.get(measurement) ?? [];
    cells.set(measurement, list);
    for (const tag of shape.tags) list.push(tags[tag]!);
    list.push(t);
    for (const field in shape.fields) list.push(cellOf(fields[field]));
  }
  return { rows: [...cells].map(([measurement, cells]) => ({ measurement, cells })), fault };
}

/** Points of one series share their tags. */
function pointsOf({ measurement, fields }: Range, { series, cells }: Selected): Point[] {
  const shape = shapeOf(measurement);
  const tagsOf = new Map(
    series.map(([id, ...values]) => [
      id,
      Object.freeze(Object.fromEntries(shape.tags.map((tag, i) => [tag, values[i] as string]))),
    ]),
  );
  const booleans = fields.map((field) => shape.fields[field] === "boolean");
  const points: Point[] = [];
  for (let row = 0; row < cells.length; row += 2 + fields.length) {
    const values: Record<string, FieldValue> = {};
    for (let i = 0; i < fields.length; i++) {
      const cell = cells[row + 2 + i];
      if (cell !== null && cell !== undefined && !Number.isNaN(cell))
        values[fields[i]!] = booleans[i] ? cell === 1 : cell;
    }
    points.push({ measurement, tags: tagsOf.get(cells[row + 1]!)!, fields: values, t: cells[row] as number });
  }
  return points;
}

function sumsOf({ measurement, fields }: Summation, row: readonly Cell[]): Sums {
  const { tags } = shapeOf(measurement);
  return {
    tags: Object.fromEntries(tags.map((tag, i) => [tag, String(row[i])])),
    sums: Object.fromEntries(fields.map((field, i) => [field, Number(row[tags.length + i] ?? 0)])),
  };
}

/** SQLite's primary result codes, sqlite.org/rescode.html. */
const failureOfCode: Readonly<Record<number, Failure>> = {
  5: "unavailable", // BUSY
  6: "unavailable", // LOCKED
  7: "unavailable", // NOMEM
  10: "unavailable", // IOERR
  13: "unavailable", // FULL
  18: "refused", // TOOBIG
  19: "refused", // CONSTRAINT
  20: "refused", // MISMATCH
};
/** Everything else (read-only, not a database, corrupt, no such table) needs a person. */
const failureOf = (code: number | undefined): Failure => failureOfCode[(code ?? 0) & 0xff] ?? "held";
/** No such table, corrupt, not a database: what had been confirmed may be gone with the file, or with the one before it. */
const LOST: ReadonlySet<number> = new Set([1, 11, 26]);

const errorOf = (path: string, message: string, code: number | undefined, cause?: unknown): HistoryError =>
  new HistoryError(`${path}: ${message}`, failureOf(code), {
    cause,
    ...(LOST.has((code ?? 0) & 0xff) && { unreachable: true, trouble: "other" }),
  });

interface Thread {
  ask<Q extends Question>(ask: Q, ...about: Parameters<Questions[Q]>): Promise<Awaited<ReturnType<Questions[Q]>>>;
  end(): Promise<void>;
}

function ownThread(file: DatabaseFile): Thread {
  const askFile = fileAsker(file);
  let ended = false;
  const ask = async (question: Question, about?: unknown): Promise<unknown> => {
    if (ended) throw new HistoryError(`${file.path}: is closed`, "held");
    try {
      return await askFile(question, about);
    } catch (error) {
      const { message, errcode } = error as Error & { errcode?: number };
      throw errorOf(file.path, message, errcode, error);
    }
  };
  return {
    ask: ask as Thread["ask"],
    async end() {
      if (ended) return;
      await ask("close").catch(() => {});
      ended = true;
    },
  };
}

/** Starts with the first question. */
function otherThread(file: DatabaseFile): Thread {
  let thread: Thread | undefined;
  return {
    ask: (...question) => {
      thread ??= startThread(file);
      return thread.ask(...question);
    },
    end: async () => thread?.end(),
  };
}

function startThread(file: DatabaseFile): Thread {
  const { path } = file;
  const worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url), { workerData: file, name: "history" });
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: HistoryError): void }>();
  let lastId = 0;
  let ended: HistoryError | undefined;

  worker.on("message", (answered: Answered) => {
    const asker = waiting.get(answered.id);
    waiting.delete(answered.id);
    if ("answer" in answered) asker?.resolve(answered.answer);
    else asker?.reject(errorOf(path, answered.error.message, answered.error.code));
  });
  const end = (cause: unknown) => {
    ended ??= new HistoryError(`${path}: the storage thread has ended`, "held", { cause });
    for (const asker of waiting.values()) asker.reject(ended);
    waiting.clear();
  };
  worker.on("error", end);
  worker.on("exit", end);

  const ask = (ask: Question, about?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ask, about });
    });
  return {
    ask: ask as Thread["ask"],
    async end() {
      if (ended) return;
      await ask("close").catch(() => {});
      await worker.terminate();
    },
  };
}
