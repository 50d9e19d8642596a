/**
 * Removes what is older than its tier keeps, on a schedule, and keeps a proof: what was removed up to when, and what the
 * database and the journal then said is the oldest that they have.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { Journal, OldestBehaviour } from "../journal/journal.ts";
import { type History, HistoryError, type Oldest } from "./history.ts";
import { cutoffs, type Measurement, type Retention, retentionDays } from "./measurements.ts";
import { startPeriodic } from "./periodic.ts";

const PERIOD_MS = 3_600_000;
const NOTE = "retention";
const DAY_MS = 86_400_000;
/** How long refused messages wait for somebody to look at them (DESIGN §4). */
const QUARANTINE_DAYS = 7;
/** How long the journal keeps minutes of pairs, which history holds by then. */
const PAIR_MINUTE_DAYS = 14;
/** At once: what comes meanwhile waits no longer than for so many rows of a kind. */
const ROWS = 500;

export interface PurgeProof {
  readonly at: Millis;
  /** Per measurement: everything before this was to go. */
  readonly before: Readonly<Record<Measurement, Millis>>;
  /** Per measurement: the oldest that the database still had afterwards. */
  readonly oldest: readonly Oldest[];
  /** The same of episodes and alerts in the journal; proofs of before they were purged have none. */
  readonly behaviour?: { readonly before: Millis; readonly oldest: OldestBehaviour };
  /** Nothing older than `before` is left. */
  readonly complete: boolean;
}

export type PurgedJournal = Pick<
  Journal,
  "note" | "setNote" | "purgeQuarantine" | "purgePairMinutes" | "purgeBehaviour" | "oldestBehaviour"
>;

export interface RetentionKeeper extends AsyncDisposable {
  /** The last purge that the database answered; also one before this start. */
  proof(): PurgeProof | undefined;
  /** Why the last attempt failed; null when it did not. */
  reason(): string | null;
  /** Purges now; the schedule goes on. Throws HistoryError. */
  purge(): Promise<PurgeProof>;
}

export interface RetentionOptions {
  readonly journal: PurgedJournal;
  readonly history: Pick<History, "purge">;
  readonly clock: Clock;
  /** The same as the history's. */
  readonly retention?: Retention;
  /** No reading is purged before its rollup is computed, … */
  readonly rollups: { settle(): Promise<void> };
  /** … and nothing before what came with it is in history: after a long outage a whole tier may still be on its way. */
  readonly forwarder?: { drain(): Promise<boolean> };
}

/** Purges at once and then every hour until disposed. */
export async function startRetention(options: RetentionOptions): Promise<RetentionKeeper> {
  const { journal, history, clock, rollups, forwarder, retention = retentionDays } = options;
  let proof = await readProof(journal);
  let reason: string | null = null;

  const purgeOnce = async (): Promise<PurgeProof> => {
    if (forwarder && !(await forwarder.drain())) throw new HistoryError("stopped before the purge", "unavailable");
    await rollups.settle();
    const at = clock.now();
    const before = cutoffs(at, retention);
    const over = at - retention.episodes * DAY_MS;
    // Noted first: from now on no rollup is computed, and no report made, from what a purge may have left half.
    const behaviour = { before: over, oldest: { episode: null, alert: null, delivery: null } };
    await note(journal, { at, before, oldest: [], behaviour, complete: false });
    // A database that will not purge keeps nothing longer in the journal.
    await journal.purgeQuarantine(at - QUARANTINE_DAYS * DAY_MS);
    await journal.purgePairMinutes(at - PAIR_MINUTE_DAYS * DAY_MS);
    while ((await journal.purgeBehaviour(over, ROWS)) > 0);
    const left = await journal.oldestBehaviour();
    const oldest = await history.purge(at);
    const complete =
      oldest.every((found) => found.oldest === null || found.oldest >= before[found.measurement]) &&
      Object.values(left).every((found) => found === null || found >= over);
    proof = { at, before, oldest, behaviour: { before: over, oldest: left }, complete };
    await note(journal, proof);
    reason = null;
    return proof;
  };

  let purging: Promise<unknown> = Promise.resolve();
  const purge = (): Promise<PurgeProof> => {
    const next = purging.catch(() => {}).then(purgeOnce);
    purging = next;
    return next;
  };

  const periodic = startPeriodic(
    clock,
    PERIOD_MS,
    async () => {
      await purge();
    },
    (error) => {
      reason = (error as Error).message;
    },
  );
  return {
    proof: () => proof,
    reason: () => reason,
    purge,
    [Symbol.asyncDispose]: () => periodic[Symbol.asyncDispose](),
  };
}

const note = (journal: Pick<Journal, "setNote">, proof: PurgeProof): Promise<void> =>
  journal.setNote(NOTE, JSON.stringify(proof));
const readProof = async (journal: Pick<Journal, "note">): Promise<PurgeProof | undefined> => {
  const saved = await journal.note(NOTE);
  return saved === undefined ? undefined : (JSON.parse(saved) as PurgeProof);
};

/** Episodes and alerts that were over before this may have been purged. */
export const behaviourPurgedBefore = async (journal: Pick<Journal, "note">): Promise<Millis> =>
  (await readProof(journal))?.behaviour?.before ?? Number.NEGATIVE_INFINITY;

/** Points of a measurement before this may have been purged. */
export const purgedBefore = async (journal: Pick<Journal, "note">, measurement: Measurement): Promise<Millis> =>
  (await readProof(journal))?.before[measurement] ?? Number.NEGATIVE_INFINITY;
