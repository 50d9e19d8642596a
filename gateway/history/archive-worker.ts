/** The archive's thread; archive-thread.ts is its other end. */
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../clock.ts";
import { type Packed, type Source, unpack } from "../journal/packed.ts";
import { type Archive, type ArchivedJournal, openArchive } from "./archive.ts";
import type { ArchiveStatus, ArchiveWork, JournalCall, ToArchive, ToMain } from "./archive-messages.ts";
import { openHistory } from "./open.ts";
import { whereaboutsIn } from "./points.ts";

const NICE = 10;
/** How often the figures are told; a change of state is told at once. */
const TELL_MS = 250;

const { site, url, token, retention, head } = workerData as ArchiveWork;
const lastId = () => Number(Atomics.load(head, 0));
const say = (message: ToMain) => parentPort!.postMessage(message);

const waiting = new Map<number, PromiseWithResolvers<unknown>>();
let lastCall = 0;
const ask =
  (call: JournalCall) =>
  (...args: readonly unknown[]): Promise<never> => {
    const asked = Promise.withResolvers<unknown>();
    waiting.set(++lastCall, asked);
    say({ kind: "call", id: lastCall, call, args });
    return asked.promise as Promise<never>;
  };

const sources = new Map<number, Source>();
let sourcesFrom = 0;
const packedAfter: (after: number, limit: number, sourcesFrom: number) => Promise<Packed> = ask("packedAfter");

const journal: ArchivedJournal = {
  lastId,
  async messagesAfter(after, limit) {
    const packed = await packedAfter(after, limit, sourcesFrom);
    for (const source of packed.sources) {
      sources.set(source.id, source);
      sourcesFrom = Math.max(sourcesFrom, source.id + 1);
    }
    return { [Symbol.iterator]: () => unpack(packed, (id) => sources.get(id)!) };
  },
  forget: ask("forget"),
  quarantine: ask("quarantine"),
  episodes: ask("episodes"),
  pairMinutes: ask("pairMinutes"),
  pairDays: ask("pairDays"),
  note: ask("note"),
  setNote: ask("setNote"),
  purgeQuarantine: ask("purgeQuarantine"),
  purgePairMinutes: ask("purgePairMinutes"),
  purgeBehaviour: ask("purgeBehaviour"),
  oldestBehaviour: ask("oldestBehaviour"),
};

let archive: Archive | undefined;
parentPort!.on("message", (message: ToArchive) => {
  if (message.kind === "settle") settle(message.id);
  else if (message.kind === "close") close();
  else {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === "answer") asked?.resolve(message.value);
    else asked?.reject(new Error(message.reason));
  }
});

standBack();
const history = await openHistory(url, { token, retention, sameThread: true });
try {
  archive = await openArchive({
    journal,
    history,
    clock: systemClock,
    site: site.site,
    whereIs: whereaboutsIn(site),
    retention,
  });
  say({ kind: "opened", status: statusOf(archive) });
  archive.forwarder.onChange(tell);
  setInterval(tell, TELL_MS).unref();
} catch (error) {
  say({ kind: "failed", reason: (error as Error).message });
}

/** Readings first, history after: this thread alone is nicer to the others, where the system has threads to be named. */
function standBack(): void {
  try {
    const [, , thread] = readlinkSync("/proc/thread-self").split("/");
    setPriority(Number(thread), NICE);
  } catch {
    // then they share evenly
  }
}

function statusOf({ forwarder, rollups }: Archive): ArchiveStatus {
  return { forwarder: forwarder.status(), lastId: lastId(), rollups: rollups.status() };
}

function tell(): void {
  if (archive) say({ kind: "status", status: statusOf(archive) });
}

async function settle(id: number): Promise<void> {
  try {
    await archive?.settle();
    tell();
    say({ kind: "settled", id, reason: null });
  } catch (error) {
    say({ kind: "settled", id, reason: (error as Error).message });
  }
}

async function close(): Promise<void> {
  await archive?.[Symbol.asyncDispose]();
  await history[Symbol.asyncDispose]();
  tell();
  say({ kind: "closed" });
}
