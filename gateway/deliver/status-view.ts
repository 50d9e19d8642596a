/** How the gateway itself is, for everybody: coarse, and in no words but our own. Pure. */
import type { JournalTrouble, StatusView } from "#protocol/api.ts";
import type { ForwarderStatus } from "../history/forwarder.ts";
import type { JournalHealth } from "../journal/journal.ts";

export function statusView({ state, trouble, behind, oldest }: ForwarderStatus, journal: JournalHealth): StatusView {
  return {
    history: { state, reason: trouble, behind, oldest: oldest === null ? null : new Date(oldest).toISOString() },
    journal:
      journal.kind === "ok"
        ? { state: "ok", reason: null }
        : { state: "failing", reason: journalTrouble(journal.reason) },
  };
}

/** By the texts of SQLite's SQLITE_FULL and SQLITE_READONLY, and of the system's own errors. */
export function journalTrouble(reason: string): JournalTrouble {
  if (/\bfull\b|ENOSPC|EDQUOT/i.test(reason)) return "full";
  return /read-?only|EROFS/i.test(reason) ? "read-only" : "other";
}
