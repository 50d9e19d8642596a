/** What is entered in the audit log, and who is named there. */
import type { AuditAction } from "#protocol/audit.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Person } from "../access/person.ts";

export interface AuditEntry {
  readonly at: Millis;
  /** Random id of a person, program or device, never a name. `gateway`: it did so itself. `nobody`: not signed in. */
  readonly actor: string;
  /** Joined by `+` where there are several; `none`. */
  readonly role: string;
  readonly action: AuditAction;
  /** What it was done to: `rooms`, `report`, an alert's rule, a setting's key. */
  readonly object: string;
  /** Which part of it, as in a query string: `room=K1&from=2026-11-01`. Rooms under `room`, `rooms`, `fromRoom`, `toRoom`. */
  readonly scope: string;
  readonly reason?: string;
  /** How many rooms or things it is about. */
  readonly count: number;
}

/** Somebody who is not known is `nobody`. */
export const actorOf = (person: Person | undefined): Pick<AuditEntry, "actor" | "role"> => ({
  actor: person?.id ?? "nobody",
  role: person?.roles.toSorted().join("+") || "none",
});

/** What the gateway does by itself. */
export const BY_GATEWAY: Pick<AuditEntry, "actor" | "role"> = { actor: "gateway", role: "gateway" };
