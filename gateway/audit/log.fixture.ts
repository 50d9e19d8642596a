/** Logs as a gateway would have written them. */
import { generateKeyPairSync } from "node:crypto";
import type { Person } from "../access/person.ts";
import { type ChainedEntry, chain, EMPTY, type FormerEntry, hashOf, lineOf, START } from "./chain.ts";
import { type Checkpoint, checkpointOf } from "./checkpoint.ts";
import type { AuditEntry } from "./entry.ts";

export const T = Date.parse("2026-11-02T08:00:00Z");
export const MINUTE = 60_000;
export const key = generateKeyPairSync("ed25519").privateKey;

/** Two read rooms in turn, by the minute. */
export const deed = (n: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  at: T + n * MINUTE,
  actor: n % 2 === 0 ? "p-7f3a" : "p-19c2",
  role: n % 2 === 0 ? "team-lead" : "dpo",
  action: "read",
  object: "history",
  scope: `room=K${1 + (n % 3)}`,
  count: 1,
  ...more,
});

/** Chained on what is there. */
export function logged(deeds: readonly AuditEntry[], before: readonly ChainedEntry[] = []): ChainedEntry[] {
  const log = [...before];
  for (const one of deeds) log.push(chain(headOf(log), one));
  return log;
}

export const logOf = (length: number): ChainedEntry[] => logged(Array.from({ length }, (_, n) => deed(n)));

/** As a version before roles were known wrote them, from the beginning of the log. */
export function formerLog(length: number): FormerEntry[] {
  const log: FormerEntry[] = [];
  for (let n = 0; n < length; n++) {
    const entry = {
      seq: n + 1,
      at: T - (length - n) * MINUTE,
      actor: "local",
      action: "read" as const,
      object: "rooms",
      scope: "",
      previous: log.at(-1)?.hash ?? START,
    };
    log.push({ ...entry, hash: hashOf(entry) });
  }
  return log;
}

export const headOf = (log: readonly ChainedEntry[]) =>
  log.length === 0 ? EMPTY : { count: log.length, hash: log.at(-1)!.hash };

/** Of the first `count` entries. */
export const witnessed = (log: readonly ChainedEntry[], count: number, by = key): Checkpoint =>
  checkpointOf(headOf(log.slice(0, count)), "jobcentre", T + count * MINUTE, by);

export const linesOf = (log: readonly ChainedEntry[]): string[] => log.map(lineOf);

/** Chained anew from the first entry on, as somebody would who may write the whole file. */
export function rechained(log: readonly ChainedEntry[]): ChainedEntry[] {
  const anew: ChainedEntry[] = [];
  for (const entry of log) {
    const next = { ...entry, seq: anew.length + 1, previous: anew.at(-1)?.hash ?? START };
    anew.push({ ...next, hash: hashOf(next) });
  }
  return anew;
}

export const person = (id: string, roles: Person["roles"], rooms: Person["rooms"] = []): Person => ({
  id,
  roles,
  rooms,
  by: "session",
});
