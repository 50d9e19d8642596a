/** The main thread's end of the worker: calls by name, answered as promises. */
import { Worker } from "node:worker_threads";
import type { Damage, JournalHealth, Sync } from "./journal.ts";
import type { Contents } from "./message-table.ts";
import type { Operation, Operations } from "./operations.ts";
import type { News, Reply, Request, WorkerOptions } from "./worker.ts";

/** The journal could not do it; nothing of the call is stored. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

export interface Thread {
  readonly contents: Contents;
  call<O extends Operation>(
    operation: O,
    args: Parameters<Operations[O]>,
    transfer?: ArrayBuffer[],
  ): Promise<ReturnType<Operations[O]>>;
  health(): JournalHealth;
  readonly healthListeners: Set<(health: JournalHealth) => void>;
  damage(): readonly Damage[];
  readonly damageListeners: Set<(damage: Damage) => void>;
  readonly syncListeners: Set<(sync: Sync) => void>;
  /** The file has been made anew from what could be read of it. */
  onRebuilt: () => void;
  /** Called with the buffers of an answered append. */
  onBuffers: (buffers: readonly ArrayBuffer[]) => void;
  /** Lets what was asked before finish, then closes the file. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: JournalError) => void;
}

export async function startThread(options: WorkerOptions): Promise<Thread> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: options, name: "journal" });
  const waiting = new Map<number, Waiting>();
  let lastCall = 0;
  let health: JournalHealth = { kind: "ok" };
  let ended: JournalError | undefined;
  let damage: readonly Damage[] = [];
  const healthListeners = new Set<(health: JournalHealth) => void>();
  const damageListeners = new Set<(damage: Damage) => void>();
  const syncListeners = new Set<(sync: Sync) => void>();

  const opened = Promise.withResolvers<Contents>();
  waiting.set(0, { resolve: opened.resolve, reject: opened.reject });

  const changeTo = (next: JournalHealth) => {
    const same = next.kind === health.kind && reasonOf(next) === reasonOf(health);
    health = next;
    if (!same) for (const listener of healthListeners) listener(next);
  };
  const settle = (reply: Reply) => {
    const call = waiting.get(reply.id);
    if (!call) return;
    waiting.delete(reply.id);
    if (reply.buffers) thread.onBuffers(reply.buffers);
    if (reply.ok ? reply.synced : reply.disk)
      changeTo(reply.ok ? { kind: "ok" } : { kind: "failing", reason: reply.message });
    if (reply.ok) call.resolve(reply.value as never);
    else call.reject(new JournalError(reply.message));
  };
  const hear = (news: News) => {
    if (news.kind === "sync") for (const listener of syncListeners) listener(news.sync);
    else if (news.kind === "rebuilt") thread.onRebuilt();
    else {
      const known = new Set(damage.map(keyOf));
      damage = news.damage;
      for (const found of damage.filter((one) => !known.has(keyOf(one))))
        for (const listener of damageListeners) listener(found);
    }
  };
  const end = (error: JournalError) => {
    ended ??= error;
    health = { kind: "failing", reason: ended.message };
    for (const call of waiting.values()) call.reject(ended);
    waiting.clear();
  };
  worker.on("message", (message: Reply | News) => ("kind" in message ? hear(message) : settle(message)));
  worker.on("error", (cause) => end(new JournalError("the journal's thread has failed", { cause })));
  worker.on("exit", () => end(new JournalError("the journal is closed")));

  const ask = (operation: Request["operation"], args: readonly unknown[], transfer: ArrayBuffer[]) => {
    if (ended) return Promise.reject(ended);
    const { promise, resolve, reject } = Promise.withResolvers<never>();
    const id = ++lastCall;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, operation, args } satisfies Request, transfer);
    return promise;
  };

  const thread: Thread = {
    contents: await opened.promise,
    call: (operation, args, transfer = []) => ask(operation, args, transfer),
    health: () => health,
    healthListeners,
    damage: () => damage,
    damageListeners,
    syncListeners,
    onRebuilt: () => {},
    onBuffers: () => {},
    async close() {
      if (ended) return;
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      await ask("close", [], []);
      await exited;
    },
  };
  return thread;
}

const keyOf = ({ at, what }: Damage): string => `${at} ${what}`;

const reasonOf = (health: JournalHealth): string => (health.kind === "ok" ? "" : health.reason);
