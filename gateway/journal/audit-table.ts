/** The audit log's rows: only ever added to, each entry chained to the one before it. Runs in the worker. */
import type { DatabaseSync } from "node:sqlite";
import type { Interval } from "#protocol/calendar.ts";
import { canonical } from "../audit/canonical.ts";
import { type ChainedEntry, chain, EMPTY, type Head, timeOf } from "../audit/chain.ts";
import type { Checkpoint } from "../audit/checkpoint.ts";
import type { AuditEntry } from "../audit/entry.ts";
import { isSound, quoted, tables } from "./schema.ts";

type Row = { readonly [column in (typeof tables.audit.columns)[number]]: unknown };

export function auditTable(db: DatabaseSync) {
  const columns = quoted(tables.audit.columns);
  const marks = tables.audit.columns.map((_, i) => `?${i + 1}`).join(", ");
  const sound = isSound("audit");
  const last = db.prepare("SELECT seq AS count, hash FROM audit ORDER BY seq DESC LIMIT 1");
  const insert = db.prepare(`INSERT INTO audit (${columns}, sum) VALUES (${marks}, row_sum('audit', ${marks}))`);
  const after = db.prepare(`SELECT ${columns} FROM audit WHERE seq > ? AND ${sound} ORDER BY seq LIMIT ?`);
  const before = db.prepare(
    `SELECT ${columns} FROM audit WHERE at >= ?1 AND at < ?2
       AND (?3 IS NULL OR (at, seq) < ((SELECT at FROM audit WHERE seq = ?3), ?3)) AND ${sound}
     ORDER BY at DESC, seq DESC LIMIT ?4`,
  );
  const head = (): Head => ({ ...((last.get() as unknown as Head | undefined) ?? EMPTY) });

  return {
    audit(entry: AuditEntry): void {
      const chained = chain(head(), entry);
      const { seq, actor, role, action, object, scope, reason = null, count, previous, hash } = chained;
      insert.run(seq, timeOf(chained), actor, role, action, object, scope, reason, count, previous, hash);
    },
    auditHead: head,
    auditAfter: (seq: number, limit: number) => entries(after.all(seq, limit)),
    auditBefore: ({ from, until }: Interval, seq: number | null, limit: number) =>
      entries(before.all(from, until, seq, limit)),
    ...checkpoints(db),
  };
}

function checkpoints(db: DatabaseSync) {
  const insert = db.prepare(
    `INSERT INTO checkpoint (at, json, sum) VALUES (?1, ?2, row_sum('checkpoint', ?1, ?2)) ON CONFLICT DO NOTHING`,
  );
  const list = db.prepare(`SELECT json FROM checkpoint WHERE ${isSound("checkpoint")} ORDER BY at`);
  return {
    keepCheckpoint(checkpoint: Checkpoint): void {
      insert.run(Date.parse(checkpoint.time), canonical({ ...checkpoint }));
    },
    checkpoints: () => list.all().map(({ json }) => JSON.parse(String(json)) as Checkpoint),
  };
}

const entries = (rows: readonly object[]): ChainedEntry[] => rows.map((row) => entryOf(row as Row));

/** An entry without a role is one that an earlier format has made. */
function entryOf({ seq, at, actor, role, action, object, scope, reason, count, previous, hash }: Row): ChainedEntry {
  const said =
    role === null
      ? { seq, at, actor, action, object, scope }
      : {
          seq,
          time: new Date(Number(at)).toISOString(),
          actor,
          role,
          action,
          object,
          scope,
          ...(reason !== null && { reason }),
          count,
        };
  return { ...said, previous, hash } as ChainedEntry;
}
