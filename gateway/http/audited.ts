/** Every read of behaviour data is written down before it is answered; when it cannot be, the answer is 503 (PRIVACY §1.9). */
import type { FastifyRequest } from "fastify";
import type { AuditAction } from "#protocol/audit.ts";
import type { Person } from "../access/person.ts";
import { actorOf } from "../audit/entry.ts";
import { roomsIn } from "../audit/rooms-in.ts";
import type { HttpParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";

/** What people write into an address has no bound of its own. */
const LONGEST_SCOPE = 500;

export interface Deed {
  readonly action: Extract<AuditAction, "read" | "read-log" | "export">;
  readonly object: string;
  /** As in a query string; undefined members are left out. */
  readonly scope: object;
  /** Otherwise the rooms that the scope names, or else all of the house. */
  readonly count?: number;
}

/** Resolves when it is written down; throws 503 when it cannot be. */
export async function enter(
  { journal, clock, site }: Pick<HttpParts, "journal" | "clock" | "site">,
  person: Person | undefined,
  deed: Deed,
): Promise<void> {
  const { action, object } = deed;
  const named = Object.entries(deed.scope).filter(([, value]) => value !== undefined);
  const scope = new URLSearchParams(named.map(([key, value]) => [key, String(value)]))
    .toString()
    .slice(0, LONGEST_SCOPE);
  const count = deed.count ?? roomsIn(scope)?.size ?? site.rooms.length;
  try {
    await journal.audit({ at: clock.now(), ...actorOf(person), action, object, scope, count });
  } catch (error) {
    throw new HttpProblem(503, "the read could not be entered in the audit log, so it is not answered", {
      cause: error,
    });
  }
}

/** A preHandler for routes that answer behaviour data. */
export const audited =
  (parts: HttpParts, object: string) =>
  async (request: FastifyRequest): Promise<void> => {
    const scope = { ...(request.params as object), ...(request.query as object) };
    await enter(parts, request.person, { action: "read", object, scope });
  };
