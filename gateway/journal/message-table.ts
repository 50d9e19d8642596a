/** Messages, packed in segments, and what has been received of each source. Runs in the worker. */
import type { DatabaseSync } from "node:sqlite";
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Runs } from "./runs.ts";
import { records, type Segment, SegmentWriter } from "./segment.ts";

/** A boot of a device that the batch adds to, as it is after the batch. */
export interface SourceRow {
  readonly id: number;
  readonly device: Id;
  readonly boot: Boot;
  readonly runs: Runs;
  /** Arrival of its newest message. */
  readonly seen: Millis;
}

export interface Batch {
  readonly segments: readonly Segment[];
  readonly sources: readonly SourceRow[];
}

/** What the journal knows when it opens. */
export interface Contents {
  readonly sources: readonly SourceRow[];
  readonly lastId: number;
}

const LAST_ID = "journal.last-id";
/** Ingest refuses readings this old, so no duplicate of an older source can come (DESIGN §4: 7 d), with a day to spare. */
export const SOURCE_KEPT_MS = 8 * 24 * 3600_000;

interface SegmentRow {
  first_id: number;
  last_id: number;
  count: number;
  oldest: number;
  newest: number;
  data: Uint8Array;
}

export function messageTable(db: DatabaseSync) {
  const insertSegment = db.prepare(
    "INSERT INTO segment (first_id, last_id, count, oldest, newest, data) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const upsertSource = db.prepare(
    `INSERT INTO source (id, device, boot, runs, seen) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET runs = excluded.runs, seen = excluded.seen`,
  );
  const segmentsFrom = db.prepare(
    `SELECT data, count FROM segment
     WHERE first_id >= coalesce((SELECT max(first_id) FROM segment WHERE first_id <= ?), 0) ORDER BY first_id`,
  );
  const touchedBy = db.prepare("SELECT * FROM segment WHERE first_id <= ? AND oldest < ? ORDER BY first_id");
  const deleteSegment = db.prepare("DELETE FROM segment WHERE first_id = ?");
  const newestAndOldest = db.prepare(
    `SELECT (SELECT max(seen) FROM source) AS heard, (SELECT min(oldest) FROM segment) AS kept`,
  );
  const forgetSources = db.prepare("DELETE FROM source WHERE seen < ? RETURNING id");
  const newestId = db.prepare("SELECT max(last_id) AS id FROM segment");
  const keptId = db.prepare(`SELECT value FROM note WHERE name = '${LAST_ID}'`);
  const keepId = db.prepare(
    `INSERT INTO note (name, value) VALUES ('${LAST_ID}', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );

  const insert = ({ buffer, bytes, firstId, lastId, count, oldest, newest }: Segment) =>
    insertSegment.run(firstId, lastId, count, oldest, newest, new Uint8Array(buffer, 0, bytes));

  const lastId = (): number =>
    Math.max(Number(keptId.get()?.value ?? 0), Number((newestId.get() as { id: number | null }).id ?? 0));

  /** Sources last heard before this moment are of no more use: too old for a duplicate to come, and nothing of theirs is kept. */
  function uselessBefore(): Millis {
    const { heard, kept } = newestAndOldest.get() as { heard: number | null; kept: number | null };
    return Math.min((heard ?? 0) - SOURCE_KEPT_MS, kept ?? Number.POSITIVE_INFINITY);
  }

  /** Removes what is to go from one segment, answers how many; the rest is stored again. */
  function prune(row: SegmentRow, through: number, before: Millis): number {
    deleteSegment.run(row.first_id);
    if (row.last_id <= through && row.newest < before) return row.count;
    const writer = new SegmentWriter(new ArrayBuffer(row.data.length));
    let kept = 0;
    for (const record of records(row.data)) {
      if (record.id <= through && record.receivedAt < before) continue;
      writer.put(record.id, record.source, record);
      kept++;
    }
    if (kept > 0) insert(writer.finish());
    return row.count - kept;
  }

  return {
    load(): Contents {
      const rows = db.prepare("SELECT id, device, boot, runs, seen FROM source").all() as unknown as (Omit<
        SourceRow,
        "runs"
      > & { runs: string })[];
      return { sources: rows.map((row) => ({ ...row, runs: JSON.parse(row.runs) as Runs })), lastId: lastId() };
    },

    append(batch: Batch): void {
      for (const segment of batch.segments) insert(segment);
      for (const { id, device, boot, runs, seen } of batch.sources)
        upsertSource.run(id, device, boot, JSON.stringify(runs), seen);
    },

    /** Segments that hold the messages after `after`, until there are `limit` of them. */
    segmentsAfter(after: number, limit: number): Uint8Array[] {
      const found: Uint8Array[] = [];
      // The first segment may begin before `after`: how many of its messages count is known when it is read.
      let counted = Number.NEGATIVE_INFINITY;
      for (const row of segmentsFrom.iterate(after + 1)) {
        found.push(row.data as Uint8Array);
        counted = counted === Number.NEGATIVE_INFINITY ? 0 : counted + Number(row.count);
        if (counted >= limit) break;
      }
      return found;
    },

    /** How many messages were removed, and which sources, last heard before `useless`. */
    forget(through: number, before: Millis): { messages: number; sources: number[]; useless: Millis } {
      keepId.run(String(lastId()));
      let messages = 0;
      for (const row of touchedBy.all(through, before) as unknown as SegmentRow[])
        messages += prune(row, through, before);
      const useless = uselessBefore();
      const sources = forgetSources.all(useless).map((row) => Number(row.id));
      return { messages, sources, useless };
    },
  };
}
