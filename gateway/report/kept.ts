/** Of what is not kept any more, none is never told: it is not known. */
import type { Millis } from "#protocol/quantities.ts";
import { behaviourPurgedBefore } from "../history/retention.ts";
import type { Journal } from "../journal/journal.ts";
import { PeriodError } from "./period.ts";

/** Throws PeriodError where conversations and alerts from then on may have been purged. */
export async function assertKept(journal: Pick<Journal, "note">, from: Millis): Promise<void> {
  const kept = await behaviourPurgedBefore(journal);
  if (from < kept)
    throw new PeriodError(`conversations and alerts of before ${new Date(kept).toISOString()} are not kept any more`);
}
