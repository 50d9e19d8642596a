/**
 * What the lane has recorded (conversations, minutes and days of pairs) → points. The journal keeps it for long, so
 * nothing is queued: what was recorded lately is looked up again and again, and written when it is new. A record may come
 * long after its time, when a device's backlog arrives; the deep look reaches back as far as that may be.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Follower } from "./forwarder.ts";
import type { Point } from "./history.ts";
import type { WriteAround } from "./write-around.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEEP_LOOK_EVERY_MS = 10 * 60_000;
const BATCH = 5000;

/** One kind of record, and how it becomes points. */
export interface Records<T> {
  /** The journal's note of when the last deep look was. */
  readonly note: string;
  readonly lookEveryMs: number;
  /** How far back an ordinary look reaches, … */
  readonly latelyMs: number;
  /** … and a deep one, from the last deep look on. */
  readonly lateMs: number;
  /** Records that the journal has, by a time of theirs in [from, to). */
  find(from: Millis, to: Millis): Promise<readonly T[]>;
  /** Recorded again with another one, it is written again, over the old point. */
  identityOf(record: T): string;
  /** No look after this time plus `lateMs` finds it any more. */
  endOf(record: T): Millis;
  pointsOf(records: readonly T[]): Promise<readonly Point[]>;
}

export interface RecordForwarder {
  /**
   * Writes what history does not hold; `now`: look deeply, whatever the time. Answers how many the database refused; the
   * journal keeps them, and they are not tried again before a restart. Throws HistoryError.
   */
  forward(now: boolean): Promise<number>;
  /** The database may have lost what it had confirmed: everything within reach is written again. */
  again(): void;
}

export interface RecordForwarderOptions {
  readonly journal: Pick<Journal, "note" | "setNote">;
  readonly write: WriteAround;
  readonly clock: Clock;
  readonly follower?: Follower;
}

export function createRecordForwarder<T>(records: Records<T>, options: RecordForwarderOptions): RecordForwarder {
  const { note, lookEveryMs, latelyMs, lateMs, find, identityOf, endOf, pointsOf } = records;
  const { journal, clock, follower } = options;
  const written = new Map<string, Millis>();
  let nextLookAt = 0;
  let nextDeepLookAt = 0;

  const write = async (found: readonly T[]): Promise<number> => {
    const unwritten = found.filter((record) => !written.has(identityOf(record)));
    let refused = 0;
    for (let i = 0; i < unwritten.length; i += BATCH) {
      const points = await pointsOf(unwritten.slice(i, i + BATCH));
      refused += (await options.write(points)).length;
      follower?.written(points);
    }
    for (const record of unwritten) written.set(identityOf(record), endOf(record));
    return refused;
  };
  /** A day at a time, so that days without a database stay small in memory; the first look ever sees everything. */
  const lookFrom = async (from: Millis): Promise<number> => {
    const to = clock.now() + HOUR_MS;
    let refused = 0;
    for (const [start, end] of spans(from, to)) refused += await write(await find(start, end));
    return refused;
  };
  const lookDeeply = async (): Promise<number> => {
    const now = clock.now();
    const last = Number((await journal.note(note)) ?? 0);
    const refused = await lookFrom(Math.min(last, now) - lateMs);
    await follower?.save();
    await journal.setNote(note, String(now));
    for (const [identity, end] of written) if (end < now - lateMs) written.delete(identity);
    nextDeepLookAt = now + DEEP_LOOK_EVERY_MS;
    return refused;
  };

  return {
    async forward(now) {
      if (!now && clock.now() < nextLookAt) return 0;
      const deep = now || clock.now() >= nextDeepLookAt;
      const refused = deep ? await lookDeeply() : await lookFrom(clock.now() - latelyMs);
      nextLookAt = clock.now() + lookEveryMs;
      return refused;
    },
    again() {
      written.clear();
      nextLookAt = 0;
      nextDeepLookAt = 0;
    },
  };
}

/** Most of what the journal keeps is not older; what is comes in one span. */
const DAYS_APART = 30;

function spans(from: Millis, to: Millis): [Millis, Millis][] {
  const start = Math.max(0, from);
  const first = Math.max(start, to - DAYS_APART * DAY_MS);
  const list: [Millis, Millis][] = first > start ? [[start, first]] : [];
  for (let at = first; at < to; at += DAY_MS) list.push([at, Math.min(to, at + DAY_MS)]);
  return list;
}
