/**
 * The archive on a thread of its own, so that neither a backlog nor a rollup ever keeps a reading or an alert waiting. The
 * journal stays here; the thread asks for what it needs, and gets messages as they stand in the journal's file.
 */
import { Worker } from "node:worker_threads";
import type { Site } from "#protocol/site.ts";
import type { Journal } from "../journal/journal.ts";
import type { Archive, ArchivedJournal } from "./archive.ts";
import { type ArchiveStatus, type ArchiveWork, type ToArchive, type ToMain, transferred } from "./archive-messages.ts";
import type { ForwarderStatus } from "./forwarder.ts";
import { HistoryError } from "./history.ts";
import type { Retention } from "./measurements.ts";

export interface ArchiveThreadOptions {
  readonly journal: Omit<ArchivedJournal, "messagesAfter"> & Pick<Journal, "packedAfter" | "head">;
  readonly site: Site;
  /** Of the history, see open.ts. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly retention: Retention;
}

/** Rejects with a HistoryError when the history cannot be opened or has other types. */
export async function startArchive({ journal, site, url, token, retention }: ArchiveThreadOptions): Promise<Archive> {
  const work: ArchiveWork = { site, url, token, retention, head: journal.head };
  const worker = new Worker(new URL("./archive-worker.ts", import.meta.url), { workerData: work, name: "archive" });
  const opened = Promise.withResolvers<ArchiveStatus>();
  const closed = Promise.withResolvers<void>();
  const settling = new Map<number, PromiseWithResolvers<void>>();
  const listeners = new Set<(status: ForwarderStatus) => void>();
  let lastSettling = 0;
  let status: ArchiveStatus;

  const say = (message: ToArchive, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);

  async function answer({ id, call, args }: Extract<ToMain, { kind: "call" }>): Promise<void> {
    try {
      const value = await (journal[call] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
      say({ kind: "answer", id, value }, transferred(call, value));
    } catch (error) {
      say({ kind: "fault", id, reason: (error as Error).message });
    }
  }

  function hear(next: ArchiveStatus): void {
    const before = status?.forwarder;
    status = next;
    const { forwarder } = next;
    if (before?.state === forwarder.state && before.reason === forwarder.reason) return;
    for (const listener of listeners) listener(forwarder);
  }

  worker.on("message", (message: ToMain) => {
    if (message.kind === "call") answer(message);
    else if (message.kind === "status") hear(message.status);
    else if (message.kind === "opened") opened.resolve(message.status);
    else if (message.kind === "failed") opened.reject(new HistoryError(message.reason, "held"));
    else if (message.kind === "closed") closed.resolve();
    else {
      const asked = settling.get(message.id);
      settling.delete(message.id);
      if (message.reason === null) asked?.resolve();
      else asked?.reject(new HistoryError(message.reason, "unavailable"));
    }
  });
  const ended = (cause?: unknown) => {
    const error = new HistoryError("the history's thread has ended", "held", { cause });
    opened.reject(error);
    closed.resolve();
    for (const asked of settling.values()) asked.reject(error);
    settling.clear();
    if (status)
      hear({ ...status, forwarder: { ...status.forwarder, state: "held", reason: error.message, trouble: "other" } });
  };
  worker.on("error", ended);
  worker.on("exit", () => ended());

  status = await opened.promise;
  return {
    forwarder: {
      status: () => ({
        ...status.forwarder,
        behind: status.forwarder.behind + Math.max(0, journal.lastId() - status.lastId),
      }),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    rollups: { status: () => status.rollups },
    settle() {
      const asked = Promise.withResolvers<void>();
      const id = ++lastSettling;
      settling.set(id, asked);
      say({ kind: "settle", id });
      return asked.promise;
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      say({ kind: "close" });
      await closed.promise;
      await worker.terminate();
    },
  };
}
