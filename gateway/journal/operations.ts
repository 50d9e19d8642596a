/** Everything that the worker does, by name. */
import type { DatabaseSync } from "node:sqlite";
import type { RoomId } from "#protocol/quantities.ts";
import { auditTable } from "./audit-table.ts";
import { decisionTable } from "./decision-table.ts";
import { messageTable } from "./message-table.ts";
import { pairTables } from "./pair-tables.ts";
import { quarantineTable } from "./quarantine-table.ts";

export function operations(db: DatabaseSync, silentRooms: ReadonlySet<RoomId>) {
  const { recordPairs, ...pairs } = pairTables(db, silentRooms);
  return {
    ...messageTable(db),
    ...quarantineTable(db),
    ...decisionTable(db, recordPairs),
    ...pairs,
    ...auditTable(db),
    ...noteTable(db),
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
  "settleDelivery",
  "setNote",
  "audit",
]);

function noteTable(db: DatabaseSync) {
  const read = db.prepare("SELECT value FROM note WHERE name = ?");
  const write = db.prepare(
    "INSERT INTO note (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  return {
    note: (name: string) => read.get(name)?.value as string | undefined,
    setNote(name: string, value: string): void {
      write.run(name, value);
    },
  };
}
