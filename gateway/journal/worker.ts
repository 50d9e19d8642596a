/**
 * The journal's thread. Writes that wait when a commit begins go into one transaction and one sync; each is answered when
 * that sync is done. Reads follow, so that they never see what is not yet safe.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { RoomId } from "#protocol/quantities.ts";
import { openDatabase, type Storage, type StorageOptions } from "./database.ts";
import type { Batch } from "./message-table.ts";
import { type Operation, type Operations, operations, writing } from "./operations.ts";

export interface Request {
  readonly id: number;
  readonly operation: Operation | "close";
  readonly args: readonly unknown[];
}

/** `disk`: the disk is at fault. */
type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly disk: boolean };

export type Reply = { readonly id: number; readonly buffers?: readonly ArrayBuffer[] } & Outcome;

export interface JournalOptions extends StorageOptions {
  /** Rooms with one assigned person: nothing of the talk in them is recorded, whoever asks for it (PRIVACY §1.3). */
  readonly silentRooms?: readonly RoomId[];
}

export interface WorkerOptions extends JournalOptions {
  readonly folder: string;
}

function serve(port: MessagePort, { folder, silentRooms = [], ...options }: WorkerOptions): void {
  let storage: Storage;
  try {
    storage = openDatabase(folder, options);
  } catch (error) {
    answer(port, { id: 0, operation: "close", args: [] }, failed(error));
    port.close();
    return;
  }
  const { db } = storage;
  const known = operations(db, new Set(silentRooms));
  let queue: Request[] = [];
  let scheduled = false;

  port.on("message", (request: Request) => {
    queue.push(request);
    if (scheduled) return;
    scheduled = true;
    setImmediate(work);
  });
  answer(port, { id: 0, operation: "load", args: [] }, { ok: true, value: known.load() });

  function work(): void {
    const requests = queue;
    queue = [];
    scheduled = false;
    const writes = requests.filter((r) => r.operation !== "close" && writing.has(r.operation));
    const outcomes = writes.length > 0 ? commit(writes) : [];
    for (const [i, request] of writes.entries()) answer(port, request, outcomes[i]!);
    for (const request of requests) {
      if (request.operation === "close") close(request);
      else if (!writing.has(request.operation)) answer(port, request, attempt(request));
    }
  }

  function close(request: Request): void {
    storage.close();
    answer(port, request, { ok: true, value: undefined });
    port.close();
  }

  function attempt({ operation, args }: Request): Outcome {
    try {
      const run = known[operation as keyof Operations] as (...args: readonly unknown[]) => unknown;
      return { ok: true, value: run(...args) };
    } catch (error) {
      return failed(error);
    }
  }

  /** One transaction. A write that fails is undone alone, unless the failure has ended the transaction itself. */
  function commit(writes: readonly Request[]): Outcome[] {
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
      db.exec("COMMIT");
      return outcomes;
    } catch (error) {
      const reason = failed(error);
      if (db.isTransaction) db.exec("ROLLBACK");
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
  return { ok: false, message: error instanceof Error ? error.message : String(error), disk: DISK_FAULTS.has(code) };
}

if (parentPort) serve(parentPort, workerData as WorkerOptions);
