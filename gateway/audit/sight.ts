/** Who sees which entries of the audit log (PRIVACY §3). */
import type { AuditAction } from "#protocol/audit.ts";
import type { RoomId } from "#protocol/quantities.ts";
import { type Person, reachFor } from "../access/person.ts";
import type { ChainedEntry } from "./chain.ts";
import { roomsIn } from "./rooms-in.ts";

/** Looking at what happens in rooms. */
const LOOKS: ReadonlySet<AuditAction> = new Set(["read", "export"]);

/**
 * Undefined for those who see nothing of it. Otherwise of each entry whether it is seen: all · what the person did itself ·
 * who looked at its rooms, alone or together with others.
 */
export function sightOf(person: Person | undefined): ((entry: ChainedEntry) => boolean) | undefined {
  const reach = reachFor(person, "audit");
  if (person === undefined || reach.size === 0) return undefined;
  if (reach.has("all")) return () => true;
  return (entry) =>
    (reach.has("own-deeds") && entry.actor === person.id) ||
    (reach.has("own-rooms") && LOOKS.has(entry.action) && isAbout(entry, person.rooms));
}

/** A look that does not say at which rooms was at all of them. Ids of people's rooms may be written in another case. */
function isAbout({ scope }: ChainedEntry, rooms: readonly RoomId[]): boolean {
  const named = roomsIn(scope);
  if (named === undefined) return rooms.length > 0;
  const own = new Set(rooms.map((room) => room.toLowerCase()));
  return [...named].some((room) => own.has(room.toLowerCase()));
}
