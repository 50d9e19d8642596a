/** Refused messages as they came, oldest out when there are too many. Runs in the worker. */
import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "#protocol/quantities.ts";
import type { Quarantined } from "./journal.ts";
import { isSound } from "./schema.ts";

export interface QuarantineLimits {
  readonly rows: number;
  readonly bytes: number;
}

export const QUARANTINE_LIMITS: QuarantineLimits = { rows: 100_000, bytes: 64 * 1024 * 1024 };
/** What a row takes beside its texts and payload, about. */
const ROW_BYTES = 64;

const SIZE = `length(CAST(topic AS BLOB)) + length(payload) + length(CAST(detail AS BLOB)) + ${ROW_BYTES}`;

export function quarantineTable(db: DatabaseSync, limits: QuarantineLimits = QUARANTINE_LIMITS) {
  const insert = db.prepare(
    `INSERT INTO quarantine (id, topic, payload, reason, detail, received_at, sum)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, row_sum('quarantine', ?1, ?2, ?3, ?4, ?5, ?6)) RETURNING ${SIZE} AS size`,
  );
  const removeOldest = db.prepare(
    `DELETE FROM quarantine WHERE id = (SELECT min(id) FROM quarantine) RETURNING ${SIZE} AS size`,
  );
  const total = db.prepare(`SELECT count(*) AS rows, coalesce(sum(${SIZE}), 0) AS bytes FROM quarantine`);
  const list = db.prepare(
    `SELECT id, topic, payload, reason, detail, received_at AS receivedAt FROM quarantine
     WHERE ${isSound("quarantine")} ORDER BY id LIMIT ?`,
  );
  const removeBefore = db.prepare("DELETE FROM quarantine WHERE received_at < ?");
  const removeOne = db.prepare("DELETE FROM quarantine WHERE id = ?");
  // Counted anew after whatever may have changed it otherwise: a purge, or a transaction that was rolled back.
  let held: { rows: number; bytes: number } | undefined;
  // Given once only: who has listed them may release them later.
  let lastId = Number(db.prepare("SELECT max(id) AS id FROM quarantine").get()?.id ?? 0);
  const count = () => (held ??= total.get() as { rows: number; bytes: number });

  return {
    quarantine({ topic, payload, reason, detail, receivedAt }: Quarantined): void {
      const now = count();
      now.bytes += Number(insert.get(++lastId, topic, payload, reason, detail, receivedAt)?.size);
      now.rows++;
      while (now.rows > limits.rows || (now.bytes > limits.bytes && now.rows > 1)) {
        now.bytes -= Number(removeOldest.get()?.size);
        now.rows--;
      }
    },
    quarantined: (limit: number) =>
      list.all(limit).map((row) => ({ ...row })) as unknown as (Quarantined & { id: number })[],
    quarantineSize: (): number => count().rows,
    purgeQuarantine(before: Millis): number {
      held = undefined;
      return Number(removeBefore.run(before).changes);
    },
    release(ids: readonly number[]): void {
      held = undefined;
      for (const id of ids) removeOne.run(id);
    },
    recount(): void {
      held = undefined;
    },
  };
}
