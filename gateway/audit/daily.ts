/** Makes a checkpoint of the audit log each day of the site, and when the gateway starts; keeps and tells it. */

import type { KeyObject } from "node:crypto";
import { startOfDay } from "#protocol/calendar.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import { type Checkpoint, checkpointOf } from "./checkpoint.ts";

/** So often it is looked whether the day has changed: the clock may be set, and machines sleep. */
const LOOK_MS = 60_000;

export interface CheckpointOptions {
  readonly site: { readonly site: Id; readonly timeZone: string };
  readonly journal: Pick<Journal, "auditHead" | "checkpoints" | "keepCheckpoint">;
  readonly clock: Clock;
  /** Private, Ed25519. */
  readonly key: KeyObject;
  /** Called with each after it is kept: it is worth as much as the places where it lies besides. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** None could be made; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
}

export interface Checkpoints extends AsyncDisposable {
  latest(): Checkpoint | null;
}

/** Resolves when what was kept is known, and the start's is made or has failed. */
export async function startCheckpoints(options: CheckpointOptions): Promise<Checkpoints> {
  const { site, journal, clock, key, onCheckpoint, onTrouble } = options;
  const stop = new AbortController();
  let latest: Checkpoint | null = (await journal.checkpoints()).at(-1) ?? null;

  /** Of another day, also of a later one: the clock may have been ahead, and would leave the log without witnesses until then. */
  const isDue = (now: Millis) =>
    latest === null || startOfDay(Date.parse(latest.time), site.timeZone) !== startOfDay(now, site.timeZone);

  /** At a start what was written since the last is witnessed too: the file has lain where nobody watched it. */
  async function look(isStart: boolean): Promise<void> {
    const now = clock.now();
    if (!isStart && !isDue(now)) return;
    try {
      const head = await journal.auditHead();
      // Of a log that has not begun there is nothing to witness.
      if (head.count === 0 || (!isDue(now) && head.count === latest?.count)) return;
      const checkpoint = checkpointOf(head, site.site, now, key);
      await journal.keepCheckpoint(checkpoint);
      latest = checkpoint;
      onCheckpoint?.(checkpoint);
    } catch (error) {
      onTrouble?.(error);
    }
  }

  async function watch(): Promise<void> {
    while (!stop.signal.aborted) {
      await clock.wait(LOOK_MS, stop.signal).catch(() => {});
      if (!stop.signal.aborted) await look(false);
    }
  }

  await look(true);
  const watching = watch();
  return {
    latest: () => latest,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}
