/**
 * The history port: three makers (embedded SQLite, InfluxDB 1.x, InfluxDB 2.x/3), one contract suite (contract.ts).
 * A point is its measurement, tags and time: written twice, it is there once, with the fields of both and the later
 * values. `t` is the device's time.
 */
import type { HistoryTrouble } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Measurement } from "./measurements.ts";

export type FieldValue = number | boolean | string;

export interface Point {
  readonly measurement: Measurement;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly t: Millis;
}

export interface Selection {
  readonly measurement: Measurement;
  /** Every given tag must be equal. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly from: Millis;
  /** Exclusive. */
  readonly to: Millis;
  /** Only these fields, and the measurement's first; all without it. */
  readonly fields?: readonly string[];
}

/** Which points are added up, and of which of their fields, all of them counts. */
export interface Summation extends Selection {
  readonly fields: readonly string[];
}

export interface Sums {
  readonly tags: Readonly<Record<string, string>>;
  /** Of each field; 0 where no point has it. */
  readonly sums: Readonly<Record<string, number>>;
}

/** Points as they are sent. */
export interface Parcel {
  /** As `write` of these points; once, or again after it has failed. */
  store(): Promise<void>;
}

export interface History extends AsyncDisposable {
  /** Short name for people and logs, without credentials: `sqlite`, `influxdb`, `influxdb2`. */
  readonly kind: string;
  /** Makes database, retention policies or tables where they are missing. Throws HistoryError; TypeConflict on a conflict. */
  prepare(): Promise<void>;
  /**
   * Resolves when the database has said that it holds every point; of points older than their tier keeps, it may have
   * dropped any, as a purge would. Throws HistoryError; then some of the points may be there, and writing them again does no harm.
   */
  write(points: readonly Point[]): Promise<void>;
  /** The same in two steps, so that points are made ready while the database is busy with others; walks through them once. */
  pack(points: Iterable<Point>): Parcel;
  /** Points in order of time, then of tags. Absent fields are left out. */
  select(selection: Selection): Promise<Point[]>;
  count(selection: Selection): Promise<number>;
  /** Per combination of tags that has points, in order of tags. A year of points is added up where it lies, not sent here. */
  sums(selection: Summation): Promise<Sums[]>;
  /** Removes what is older than its tier keeps; answers what is now the oldest time per measurement, asked of the database. */
  purge(now: Millis): Promise<readonly Oldest[]>;
}

export interface Oldest {
  readonly measurement: Measurement;
  /** null: no points. */
  readonly oldest: Millis | null;
}

/**
 * What a failed write means for the points in it:
 * `unavailable` wait and try again · `held` a person must act (credentials, missing database), keep everything and say so ·
 * `refused` the database will never take some of these points: halve the batch to find them.
 */
export type Failure = "unavailable" | "held" | "refused";

export class HistoryError extends Error {
  override readonly name = "HistoryError";
  readonly failure: Failure;
  /** Wait at least this long, when the server said so. */
  readonly retryAfterMs: number | undefined;
  /** Nobody answered: the database may have gone down, and may have lost what it had confirmed shortly before. */
  readonly unreachable: boolean;
  /** The same in a word for everybody; the message is for who operates the database. */
  readonly trouble: HistoryTrouble;
  constructor(message: string, failure: Failure, options: HistoryErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
    this.unreachable = options.unreachable ?? false;
    this.trouble = options.trouble ?? (this.unreachable ? "no-answer" : failure === "unavailable" ? "busy" : "other");
  }
}

export interface HistoryErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
  readonly unreachable?: boolean;
  readonly trouble?: HistoryTrouble | undefined;
}

/** The database has a field with another type than ours and would refuse every write of it: the gateway must not start. */
export class TypeConflict extends HistoryError {
  constructor(conflicts: readonly string[]) {
    super(`field types: ${conflicts.join("; ")}`, "held", { trouble: "types" });
  }
}
