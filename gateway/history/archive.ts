/**
 * All that happens between the journal and the database: forwarder, rollups, retention. `openArchive` runs it on the
 * asker's thread and clock, as a replay of recorded time needs; archive-thread.ts runs the same on a thread of its own.
 */
import type { Id } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import {
  FAR_BEHIND,
  type ForwardedJournal,
  type Forwarder,
  type ForwarderStatus,
  startForwarder,
} from "./forwarder.ts";
import { type History, HistoryError, TypeConflict } from "./history.ts";
import type { Retention } from "./measurements.ts";
import type { WhereIs } from "./points.ts";
import { type PurgedJournal, startRetention } from "./retention.ts";
import { type RollupStatus, startRollups } from "./rollups.ts";

export type ArchivedJournal = ForwardedJournal & PurgedJournal;

export interface Archive extends AsyncDisposable {
  readonly forwarder: { status(): ForwarderStatus; onChange: Forwarder["onChange"] };
  readonly rollups: { status(): RollupStatus };
  /** Resolves when all that the journal holds at the call is in history and rolled up, or when stopped before. Throws HistoryError. */
  settle(): Promise<void>;
}

export interface ArchiveOptions {
  readonly journal: ArchivedJournal;
  readonly history: History;
  readonly clock: Clock;
  readonly site: Id;
  readonly whereIs: WhereIs;
  /** The same as the history's. */
  readonly retention?: Retention;
}

/** Throws TypeConflict when the database has other types: it would never take a point. */
export async function openArchive(options: ArchiveOptions): Promise<Archive> {
  const { journal, history, clock, retention } = options;
  await prepare(history);
  await using opening = new AsyncDisposableStack();
  let forwarder: Forwarder | undefined;
  const isPressed = () => (forwarder?.status().behind ?? 0) > FAR_BEHIND;
  const rollups = opening.use(await startRollups({ journal, history, clock, isPressed }));
  forwarder = opening.use(await startForwarder({ ...options, follower: rollups }));
  opening.use(await startRetention({ journal, history, clock, rollups, forwarder, ...(retention && { retention }) }));
  const closing = opening.move();
  return {
    forwarder,
    rollups,
    async settle() {
      await forwarder.drain();
      await rollups.settle();
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** A database that is away is prepared by the forwarder when it is back. */
async function prepare(history: History): Promise<void> {
  try {
    await history.prepare();
  } catch (error) {
    if (error instanceof TypeConflict || !(error instanceof HistoryError)) throw error;
  }
}
