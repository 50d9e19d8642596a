/** Everything that the worker does, by name. */
import type { DatabaseSync } from "node:sqlite";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { AuditEntry } from "../audit/entry.ts";
import { auditTable } from "./audit-table.ts";
import { damageTable } from "./damage-table.ts";
import { decisionTable } from "./decision-table.ts";
import { messageTable } from "./message-table.ts";
import { pairTables } from "./pair-tables.ts";
import { purges } from "./purge.ts";
import { quarantineTable } from "./quarantine-table.ts";
import { isSound } from "./schema.ts";

export function operations(db: DatabaseSync, folder: string, silentRooms: Set<RoomId>) {
  const { recordPairs, ...pairs } = pairTables(db, silentRooms);
  const { purgeDamage, ...damage } = damageTable(db, folder);
  const { purgeQuarantine, ...quarantine } = quarantineTable(db);
  const log = auditTable(db);
  const notes = noteTable(db);
  return {
    ...messageTable(db, damage.noteDamage),
    ...quarantine,
    ...damage,
    purgeQuarantine(before: Millis): number {
      purgeDamage(before);
      return purgeQuarantine(before);
    },
    ...decisionTable(db, recordPairs, log.audit),
    ...pairs,
    ...purges(db),
    ...log,
    ...notes,
    setNoteAudited(name: string, value: string, entries: readonly AuditEntry[]): void {
      for (const entry of entries) log.audit(entry);
      notes.setNote(name, value);
    },
    silence(rooms: readonly RoomId[]): void {
      for (const room of rooms) silentRooms.add(room);
    },
  };
}

export type Operations = ReturnType<typeof operations>;
export type Operation = keyof Operations;

/** Those that are committed and synced before they are answered. */
export const writing: ReadonlySet<Operation> = new Set([
  "append",
  "forget",
  "quarantine",
  "purgeQuarantine",
  "release",
  "record",
  "purgePairMinutes",
  "purgeBehaviour",
  "settleDelivery",
  "setNote",
  "setNoteAudited",
  "audit",
  "keepCheckpoint",
  "noteDamage",
]);

function noteTable(db: DatabaseSync) {
  const read = db.prepare(`SELECT value FROM note WHERE name = ? AND ${isSound("note")}`);
  const write = db.prepare(
    `INSERT INTO note (name, value, sum) VALUES (?1, ?2, row_sum('note', ?1, ?2))
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, sum = excluded.sum`,
  );
  return {
    note: (name: string) => read.get(name)?.value as string | undefined,
    setNote(name: string, value: string): void {
      write.run(name, value);
    },
  };
}
