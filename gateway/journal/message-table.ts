/** Messages, packed in segments, and what has been received of each source. Runs in the worker. */
import type { DatabaseSync } from "node:sqlite";
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import { Damaged, isDamage } from "./damaged.ts";
import type { Damage } from "./journal.ts";
import { rowSum } from "./row-sum.ts";
import type { Runs } from "./runs.ts";
import { isSound, SEGMENT_IS_SOUND } from "./schema.ts";
import {
  records,
  type Segment,
  type SegmentRecord,
  SegmentWriter,
  type Stretch,
  seal,
  soundStretches,
} from "./segment.ts";

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

/** Notes: no id up to this one is given again · what was below this one has been forgotten. */
export const LAST_ID = "journal.last-id";
export const FIRST_ID = "journal.first-id";
/** Ingest refuses readings this old, so no duplicate of an older source can come (DESIGN §4: 7 d), with a day to spare. */
export const SOURCE_KEPT_MS = 8 * 24 * 3600_000;

interface SegmentRow {
  readonly first_id: number;
  readonly last_id: number;
  readonly count: number;
  readonly data: Uint8Array;
}

/** Puts in a finished segment, sealed. */
export function segmentWriter(db: DatabaseSync): (segment: Segment) => void {
  const insert = db.prepare(
    `INSERT INTO segment (first_id, last_id, count, oldest, newest, sum, data)
     VALUES (?1, ?2, ?3, ?4, ?5, row_sum('segment', ?1, ?2, ?3, ?4, ?5), ?6)`,
  );
  return ({ buffer, bytes, firstId, lastId, count, oldest, newest }) => {
    const data = new Uint8Array(buffer, 0, bytes);
    seal(data);
    insert.run(firstId, lastId, count, oldest, newest, data);
  };
}

/**
 * Puts in a source as it is now. At full load that is done for about every second message, so that a known source is
 * only updated, and the sum is computed here: a call from SQL would cost more than the row.
 */
export function sourceWriter(db: DatabaseSync): (source: SourceRow) => void {
  const update = db.prepare("UPDATE source SET runs = ?, seen = ?, sum = ? WHERE id = ?");
  const insert = db.prepare(
    "INSERT INTO source (id, device, boot, runs, seen, name_sum, sum) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  return ({ id, device, boot, runs, seen }) => {
    const text = `[${runs.join()}]`;
    const sum = rowSum("source", [id, device, boot, text, seen]);
    if (update.run(text, seen, sum, id).changes === 1) return;
    insert.run(id, device, boot, text, seen, rowSum("source", [id, device, boot]), sum);
  };
}

export function messageTable(db: DatabaseSync, noteDamage: (damage: Damage, raw: Uint8Array) => void) {
  const insert = segmentWriter(db);
  const putSource = sourceWriter(db);
  // What a damaged row says of itself is not even asked for: it may be no number at all.
  const read = ["first_id", "last_id", "count", "data"].map(
    (column) => `CASE WHEN fits THEN ${column} END AS ${column}`,
  );
  const segmentFrom = db.prepare(
    `SELECT ${read.join(", ")} FROM (SELECT *, ${SEGMENT_IS_SOUND} AS fits FROM segment
     WHERE first_id >= ? ORDER BY first_id LIMIT 1)`,
  );
  const firstFrom = db.prepare("SELECT coalesce(max(first_id), 0) AS id FROM segment WHERE first_id <= ?");
  const touchedBy = db.prepare(
    `SELECT first_id AS id, CASE WHEN ${SEGMENT_IS_SOUND} THEN last_id <= ?1 AND newest < ?2 END AS whole FROM segment
     WHERE first_id <= ?1 AND oldest < ?2`,
  );
  const deleteSegment = db.prepare("DELETE FROM segment WHERE first_id = ? RETURNING count");
  const newestAndOldest = db.prepare(
    `SELECT (SELECT max(seen) FROM source WHERE ${isSound("source")}) AS heard,
       (SELECT min(oldest) FROM segment) AS kept`,
  );
  const forgetSources = db.prepare(`DELETE FROM source WHERE seen < ? AND ${isSound("source")} RETURNING id`);
  const newestSegment = db.prepare(
    `SELECT CASE WHEN ${SEGMENT_IS_SOUND} THEN last_id END AS id FROM segment ORDER BY first_id DESC LIMIT 1`,
  );
  const keptId = db.prepare(`SELECT value FROM note WHERE name = '${LAST_ID}' AND ${isSound("note")}`);
  const keepId = db.prepare(
    `INSERT INTO note (name, value, sum) VALUES (?1, ?2, row_sum('note', ?1, ?2))
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, sum = excluded.sum`,
  );
  const firstId = db.prepare("SELECT min(first_id) AS id FROM segment");

  function lastId(): number {
    const newest = newestSegment.get();
    if (newest?.id === null) throw unfit();
    return Math.max(Number(keptId.get()?.value ?? 0), Number(newest?.id ?? 0));
  }

  /** Sources last heard before this moment are of no more use: too old for a duplicate to come, and nothing of theirs is kept. */
  function uselessBefore(): Millis {
    const { heard, kept } = newestAndOldest.get() as { heard: number | null; kept: number | null };
    return Math.min((heard ?? 0) - SOURCE_KEPT_MS, kept ?? Number.POSITIVE_INFINITY);
  }

  /** Stores again what `keeps` of the segment in place of it; answers how many messages are gone. */
  function rewrite(row: SegmentRow, parts: readonly Uint8Array[], keeps: (record: SegmentRecord) => boolean): number {
    const writer = new SegmentWriter(new ArrayBuffer(row.data.length));
    let kept = 0;
    for (const part of parts)
      for (const record of records(part)) {
        if (!keeps(record)) continue;
        writer.put(record.id, record.source, record);
        kept++;
      }
    deleteSegment.run(row.first_id);
    if (kept > 0) insert(writer.finish());
    return row.count - kept;
  }

  /**
   * The parts of a segment that its checksums vouch for. What is damaged leaves the segment and is kept raw aside. A
   * file whose structure is damaged is not written to: then more than the segment may be at fault.
   */
  function soundParts(row: SegmentRow): Uint8Array[] {
    const stretches = soundStretches(row.data);
    const [only] = stretches;
    if (stretches.length === 1 && only![0] === 0 && only![1] === row.data.length) return [row.data];
    const parts = stretches.map((stretch) => row.data.slice(...stretch));
    const left = parts.reduce((sum, part) => sum + [...records(part)].length, 0);
    const what = `segment ${row.first_id}–${row.last_id}: ${row.count - left} of ${row.count} messages cannot be read`;
    const structure = String(Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {})[0]);
    if (structure !== "ok") throw new Damaged(`${what}; ${structure}`);
    const raw = Buffer.concat(gaps(stretches, row.data.length).map((stretch) => row.data.subarray(...stretch)));
    whole(() => {
      noteDamage({ at: Date.now(), what, messages: row.count - left, records: 0, file: null }, raw);
      rewrite(row, parts, () => true);
    });
    return parts;
  }

  /** All of it or, where the disk takes nothing, nothing: the next to read finds the damage again. */
  function whole(write: () => void): void {
    if (db.isTransaction) {
      write();
      return;
    }
    try {
      db.exec("BEGIN IMMEDIATE");
      write();
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      if (isDamage(error)) throw error;
    }
  }

  return {
    load(): Contents {
      const rows = db
        .prepare(`SELECT id, device, boot, runs, seen FROM source WHERE ${isSound("source")}`)
        .all() as unknown as (Omit<SourceRow, "runs"> & { runs: string })[];
      return { sources: rows.map((row) => ({ ...row, runs: JSON.parse(row.runs) as Runs })), lastId: lastId() };
    },

    append(batch: Batch): void {
      for (const segment of batch.segments) insert(segment);
      for (const source of batch.sources) putSource(source);
    },

    /** Sound parts of the segments that hold the messages after `after`, until there are `limit` of them. */
    segmentsAfter(after: number, limit: number): Uint8Array[] {
      const found: Uint8Array[] = [];
      // The first segment may begin before `after`: how many of its messages count is known when it is read.
      let counted = Number.NEGATIVE_INFINITY;
      let place = Number(firstFrom.get(after + 1)!.id);
      while (counted < limit) {
        const row = segmentFrom.get(place) as SegmentRow | undefined;
        if (row === undefined) break;
        if (row.data === null) throw unfit();
        const parts = soundParts(row);
        found.push(...parts);
        // Of a damaged one nothing is counted: it may hold none of those that are asked for.
        counted = counted === Number.NEGATIVE_INFINITY ? 0 : counted + (parts[0] === row.data ? row.count : 0);
        place = row.first_id + 1;
      }
      return found;
    },

    /** How many messages were removed, and which sources, last heard before `useless`. */
    forget(through: number, before: Millis): { messages: number; sources: number[]; useless: Millis } {
      keepId.run(LAST_ID, String(lastId()));
      let messages = 0;
      for (const { id, whole } of touchedBy.all(through, before)) {
        if (whole === null) throw unfit();
        if (whole === 1) messages += Number(deleteSegment.get(id!)?.count ?? 0);
        else messages += prune(id as number, through, before);
      }
      if (messages > 0) keepId.run(FIRST_ID, String(firstId.get()?.id ?? lastId() + 1));
      const useless = uselessBefore();
      const sources = forgetSources.all(useless).map((row) => Number(row.id));
      return { messages, sources, useless };
    },
  };

  /** Removes what is to go from one segment, answers how many. */
  function prune(firstId: number, through: number, before: Millis): number {
    const row = segmentFrom.get(firstId) as unknown as SegmentRow;
    return rewrite(row, soundParts(row), ({ id, receivedAt }) => id > through || receivedAt >= before);
  }
}

const unfit = () => new Damaged("a row of segment does not fit its sum");

/** What lies between the stretches of so many bytes. */
function gaps(stretches: readonly Stretch[], bytes: number): Stretch[] {
  const ends = [0, ...stretches.flat(), bytes];
  return Array.from({ length: ends.length / 2 }, (_, i): Stretch => [ends[2 * i]!, ends[2 * i + 1]!]);
}
