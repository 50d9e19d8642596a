/**
 * The journal's thread. Writes that wait when a commit begins go into one transaction and one sync; each is answered when
 * that sync is done. Reads follow, so that they never see what is not yet safe.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { isDamage } from "./damaged.ts";
import { openDatabase, type Storage, type StorageOptions } from "./database.ts";
import type { Damage, Sync } from "./journal.ts";
import type { Batch } from "./message-table.ts";
import { type Operation, type Operations, operations, writing } from "./operations.ts";

export interface Request {
  readonly id: number;
  readonly operation: Operation | "close";
  readonly args: readonly unknown[];
}

/** `synced`: something was written, and the disk took it. `disk`: the disk is at fault. */
type Outcome =
  | { readonly ok: true; readonly value: unknown; readonly synced?: boolean }
  | { readonly ok: false; readonly message: string; readonly disk: boolean };

export type Reply = { readonly id: number; readonly buffers?: readonly ArrayBuffer[] } & Outcome;

/** What is told without having been asked for: a sync that was done, all damage that is known, a file made anew. */
export type News =
  | { readonly kind: "sync"; readonly sync: Sync }
  | { readonly kind: "damage"; readonly damage: readonly Damage[] }
  | { readonly kind: "rebuilt" };

export interface JournalOptions extends StorageOptions {
  /** Rooms with one assigned person: nothing of the talk in them is recorded, whoever asks for it (PRIVACY §1.3). */
  readonly silentRooms?: readonly RoomId[];
}

export interface WorkerOptions extends JournalOptions {
  readonly folder: string;
}

/** A file that could not be made anew is not tried again before. */
const REBUILD_AGAIN_MS = 60_000;

function serve(port: MessagePort, { folder, silentRooms = [], ...options }: WorkerOptions): void {
  const silent = new Set(silentRooms);
  /** Rows that do not fit their sum and have not been told of. */
  const unsound = new Set<string>();
  const toldUnsound = new Set<string>();
  let storage: Storage;
  let known: Operations;
  /** Rows that have ever been written on this connection. */
  let changes: () => number;
  /** Why there is no storage, and until when none is tried to be had. */
  let gone: { readonly error: unknown; readonly until: Millis } | undefined;
  let queue: Request[] = [];
  let scheduled = false;

  try {
    open();
    tellDamage();
    answer(port, { id: 0, operation: "load", args: [] }, { ok: true, value: known!.load() });
  } catch (error) {
    answer(port, { id: 0, operation: "close", args: [] }, failed(error));
    port.close();
    return;
  }
  port.on("message", (request: Request) => {
    queue.push(request);
    if (scheduled) return;
    scheduled = true;
    setImmediate(work);
  });

  function open(suspicion?: string): void {
    const onUnsound = (table: string, key: string) => unsound.add(`${table} ${key}`);
    storage = openDatabase(folder, options, onUnsound, suspicion);
    known = operations(storage.db, folder, silent);
    const count = storage.db.prepare("SELECT total_changes() AS n");
    changes = () => Number(count.get()!.n);
    gone = undefined;
  }

  function work(): void {
    const requests = queue;
    queue = [];
    scheduled = false;
    const writes = requests.filter((r) => r.operation !== "close" && writing.has(r.operation));
    const outcomes = writes.length > 0 ? commit(writes) : [];
    for (const [i, request] of writes.entries()) answer(port, request, outcomes[i]!);
    for (const request of requests) {
      if (request.operation === "close") {
        close(request);
        return;
      }
      if (!writing.has(request.operation)) answer(port, request, read(request));
    }
    noteUnsound();
    tellDamage();
  }

  function close(request: Request): void {
    if (!gone) storage.close();
    answer(port, request, { ok: true, value: undefined });
    port.close();
  }

  /** Does it; when the file turns out to be damaged, once more with one made anew from what can be read of it. */
  function mending<T>(run: () => T): T {
    if (gone && Date.now() < gone.until) throw gone.error;
    try {
      if (gone) rebuild(String(gone.error));
      return run();
    } catch (error) {
      if (!isDamage(error) || options.readOnly) throw error;
      rebuild(error instanceof Error ? error.message : String(error));
      return run();
    }
  }

  function rebuild(suspicion: string): void {
    try {
      if (!gone) storage.abandon();
      open(suspicion);
    } catch (error) {
      gone = { error, until: Date.now() + REBUILD_AGAIN_MS };
      throw error;
    }
    port.postMessage({ kind: "rebuilt" } satisfies News);
  }

  function read(request: Request): Outcome {
    try {
      return { ok: true, value: mending(() => run(request)) };
    } catch (error) {
      return failure(error);
    }
  }

  function run({ operation, args }: Request): unknown {
    return (known[operation as keyof Operations] as (...args: readonly unknown[]) => unknown)(...args);
  }

  /** What a row that does not fit its sum says is told to nobody; that it is there is told to everybody. */
  function noteUnsound(): void {
    const fresh = [...unsound].filter((row) => !toldUnsound.has(row));
    unsound.clear();
    if (fresh.length === 0 || options.readOnly) return;
    const what = `${fresh.length === 1 ? "a record does" : `${fresh.length} records do`} not fit the sum: ${fresh[0]}`;
    const damage: Damage = { at: Date.now(), what, messages: 0, records: fresh.length, file: null };
    const [outcome] = commit([{ id: -1, operation: "noteDamage", args: [damage, null] }]);
    if (outcome!.ok) for (const row of fresh) toldUnsound.add(row);
  }

  function tellDamage(): void {
    const damage = gone ? undefined : known.damageNews();
    if (damage) port.postMessage({ kind: "damage", damage } satisfies News);
  }

  function commit(writes: readonly Request[]): Outcome[] {
    try {
      return mending(() => transaction(writes));
    } catch (error) {
      return writes.map(() => failure(error));
    }
  }

  function attempt(request: Request): Outcome {
    try {
      return { ok: true, value: run(request) };
    } catch (error) {
      if (isDamage(error)) throw error;
      return failed(error);
    }
  }

  const failure = (error: unknown) => ({ ...failed(error), ...(error === gone?.error && { disk: true }) });

  /**
   * A write that fails is undone alone, unless the failure has ended the transaction itself. Throws when the file is
   * damaged: then all of it is done again.
   */
  function transaction(writes: readonly Request[]): Outcome[] {
    const { db } = storage;
    const changesBefore = changes();
    let outcomes: Outcome[] = [];
    const loseAll = (reason: Outcome) => {
      outcomes = outcomes.map((outcome) => (outcome.ok ? reason : outcome));
      known.recount();
    };
    try {
      db.exec("BEGIN IMMEDIATE");
      for (const request of writes) {
        db.exec("SAVEPOINT one");
        const outcome = attempt(request);
        if (!outcome.ok) {
          if (db.isTransaction) db.exec("ROLLBACK TO one");
          else {
            loseAll(outcome);
            db.exec("BEGIN IMMEDIATE; SAVEPOINT one");
          }
          known.recount();
        }
        db.exec("RELEASE one");
        outcomes.push(outcome);
      }
      const before = performance.now();
      db.exec("COMMIT");
      // Of what had nothing to write, such as a purge that found nothing, the disk has not been asked.
      if (changes() === changesBefore) return outcomes;
      const sync: Sync = { ms: performance.now() - before, writes: writes.length };
      port.postMessage({ kind: "sync", sync } satisfies News);
      return outcomes.map((outcome) => (outcome.ok ? { ...outcome, synced: true } : outcome));
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      if (isDamage(error)) throw error;
      const reason = failed(error);
      loseAll(reason);
      return writes.map((_, i) => outcomes[i] ?? reason);
    }
  }
}

/** Gives the batch's buffers back for the next one, and hands over what was read, without copies. */
function answer(port: MessagePort, request: Request, outcome: Outcome): void {
  if (request.operation === "append") {
    const buffers = (request.args[0] as Batch).segments.map((segment) => segment.buffer);
    port.postMessage({ id: request.id, buffers, ...outcome } satisfies Reply, buffers);
  } else if (request.operation === "segmentsAfter" && outcome.ok) {
    const transfer = (outcome.value as Uint8Array[]).map((data) => data.buffer as ArrayBuffer);
    port.postMessage({ id: request.id, ...outcome } satisfies Reply, transfer);
  } else port.postMessage({ id: request.id, ...outcome } satisfies Reply);
}

/** Result codes of SQLite that speak of the disk, not of what was asked: readonly, I/O error, corrupt, full, cannot open, not a database. */
const DISK_FAULTS: ReadonlySet<number> = new Set([8, 10, 11, 13, 14, 26]);

function failed(error: unknown): Outcome & { ok: false } {
  const code = Number((error as { errcode?: unknown } | null)?.errcode) & 0xff;
  return {
    ok: false,
    message: error instanceof Error ? error.message : String(error),
    disk: DISK_FAULTS.has(code) || isDamage(error),
  };
}

if (parentPort) serve(parentPort, workerData as WorkerOptions);
