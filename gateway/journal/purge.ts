/**
 * Removes what talk has left behind: episodes, alerts with their transitions, what was told of them, minutes of pairs. Runs
 * in the worker. What goes is overwritten where it lies, not only unlinked; the file keeps its size and uses the room again.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "#protocol/quantities.ts";
import type { OldestBehaviour } from "./journal.ts";

export function purges(db: DatabaseSync) {
  const purgeMinutes = db.prepare("DELETE FROM pair_minute WHERE t < ?");
  const purgeEpisodes = db.prepare(
    `DELETE FROM episode WHERE (room, start) IN (SELECT room, start FROM episode WHERE "end" < ?1 LIMIT ?2)`,
  );
  const purgeAlerts = db.prepare(
    "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE resolved_at < ?1 LIMIT ?2)",
  );
  // Also those whose alert was lost with a damaged page.
  const purgeTransitions = db.prepare(
    `DELETE FROM transition WHERE (alert, "to") IN
       (SELECT alert, "to" FROM transition WHERE at < ?1 AND alert NOT IN (SELECT id FROM alert) LIMIT ?2)`,
  );
  const purgeDeliveries = db.prepare(
    `DELETE FROM delivery WHERE key IN
       (SELECT key FROM delivery WHERE outcome IS NOT NULL AND created_at < ?1 LIMIT ?2)`,
  );
  const oldest = db.prepare(
    `SELECT (SELECT min("end") FROM episode) AS episode, (SELECT min(resolved_at) FROM alert) AS alert,
       (SELECT min(created_at) FROM delivery WHERE outcome IS NOT NULL) AS delivery`,
  );

  /** Freed pages are filled with zeros; of what is deleted otherwise, such as messages in great number, only cells are. */
  function overwriting<T>(remove: () => T): T {
    db.exec("PRAGMA secure_delete = ON");
    try {
      return remove();
    } finally {
      db.exec("PRAGMA secure_delete = FAST");
    }
  }

  return {
    purgePairMinutes: (before: Millis) => overwriting(() => Number(purgeMinutes.run(before).changes)),
    purgeBehaviour: (before: Millis, limit: number) =>
      overwriting(() =>
        [purgeEpisodes, purgeAlerts, purgeTransitions, purgeDeliveries]
          .map((purge) => Number(purge.run(before, limit).changes))
          .reduce((sum, count) => sum + count, 0),
      ),
    oldestBehaviour: () => ({ ...oldest.get() }) as unknown as OldestBehaviour,
  };
}
