/**
 * The audit log: append-only, each entry chained to the one before it by SHA-256 over canonical JSON (keys sorted, no
 * space) of everything but the hash itself. The chain begins at 64 zeros. Runs in the worker.
 */
import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "#protocol/quantities.ts";
import type { AuditEntry } from "./journal.ts";
import { isSound } from "./schema.ts";

export const AUDIT_START = "0".repeat(64);

export interface ChainedEntry extends AuditEntry {
  readonly seq: number;
  readonly previous: string;
}

export function auditHash({ seq, at, actor, action, object, scope, previous }: ChainedEntry): string {
  const canonical = JSON.stringify({ action, actor, at, object, previous, scope, seq });
  return createHash("sha256").update(canonical).digest("hex");
}

export function auditTable(db: DatabaseSync) {
  const last = db.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
  const insert = db.prepare(
    `INSERT INTO audit (seq, at, actor, action, object, scope, previous, hash, sum)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, row_sum('audit', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))`,
  );
  const between = db.prepare(
    `SELECT at, actor, action, object, scope FROM audit WHERE at >= ? AND at < ? AND ${isSound("audit")} ORDER BY seq`,
  );
  return {
    audit({ at, actor, action, object, scope }: AuditEntry): void {
      const head = last.get() as { seq: number; hash: string } | undefined;
      const entry = {
        seq: (head?.seq ?? 0) + 1,
        at,
        actor,
        action,
        object,
        scope,
        previous: head?.hash ?? AUDIT_START,
      };
      insert.run(entry.seq, at, actor, action, object, scope, entry.previous, auditHash(entry));
    },
    auditEntries: (from: Millis, to: Millis) =>
      between.all(from, to).map((row) => ({ ...row })) as unknown as AuditEntry[],
  };
}
