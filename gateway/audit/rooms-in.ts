/** Which rooms an entry of the log is about. */
import type { RoomId } from "#protocol/quantities.ts";

/** Several stand in one value, with a comma or a space between them. */
const ROOM_KEYS: ReadonlySet<string> = new Set(["room", "rooms", "fromRoom", "toRoom"]);

/** Undefined where the scope names none: then it is about the whole house. */
export function roomsIn(scope: string): ReadonlySet<RoomId> | undefined {
  const rooms = [...new URLSearchParams(scope)].flatMap(([key, value]) =>
    ROOM_KEYS.has(key) ? value.split(/[ ,]/) : [],
  );
  return rooms.length === 0 ? undefined : new Set(rooms);
}
