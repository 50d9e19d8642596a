/** Entries of the log and how each is chained to the one before: by SHA-256 over canonical JSON of all of it but its hash. */
import { createHash } from "node:crypto";
import type { Millis } from "#protocol/quantities.ts";
import { canonical } from "./canonical.ts";
import type { AuditEntry } from "./entry.ts";

/** What the first entry follows. */
export const START = "0".repeat(64);

/** An entry as it is hashed, exported and shown. */
export interface LoggedEntry extends Omit<AuditEntry, "at"> {
  readonly seq: number;
  /** RFC 3339, UTC, ms. */
  readonly time: string;
  readonly previous: string;
  readonly hash: string;
}

/** As earlier versions wrote it, before roles were known: hashed, and so exported, as it was. */
export interface FormerEntry extends Pick<AuditEntry, "at" | "actor" | "action" | "object" | "scope"> {
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
}

export type ChainedEntry = LoggedEntry | FormerEntry;

/** How many entries there are, and the hash of the last. */
export interface Head {
  readonly count: number;
  readonly hash: string;
}

export const EMPTY: Head = { count: 0, hash: START };

/** Of an entry with or without its hash, which it does not cover. */
export function hashOf(entry: Omit<LoggedEntry, "hash"> | Omit<FormerEntry, "hash">): string {
  const text = canonical({ ...entry, hash: undefined });
  return createHash("sha256").update(text).digest("hex");
}

/** The line of an export, without its end. */
export const lineOf = (entry: ChainedEntry): string => canonical({ ...entry });

export const timeOf = (entry: ChainedEntry): Millis => ("at" in entry ? entry.at : Date.parse(entry.time));

/** The next entry. Half characters, which canonical JSON cannot say, are replaced (U+FFFD). */
export function chain(head: Head, { at, actor, role, action, object, scope, reason, count }: AuditEntry): LoggedEntry {
  const entry = {
    seq: head.count + 1,
    time: new Date(at).toISOString(),
    actor: actor.toWellFormed(),
    role: role.toWellFormed(),
    action,
    object: object.toWellFormed(),
    scope: scope.toWellFormed(),
    ...(reason !== undefined && { reason: reason.toWellFormed() }),
    count,
    previous: head.hash,
  };
  return { ...entry, hash: hashOf(entry) };
}
