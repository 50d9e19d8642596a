/** Which rooms an entry of the log is about. */
import type { RoomId } from "#protocol/quantities.ts";

/** Several stand in one value, with a comma or a space between them. */
const ROOM_KEYS: ReadonlySet<string> = new Set(["room", "rooms", "fromRoom", "toRoom"]);

/** Undefined where the scope does not say; it may say that there is none. */
export function roomsIn(scope: string): ReadonlySet<RoomId> | undefined {
  const said = [...new URLSearchParams(scope)].filter(([key]) => ROOM_KEYS.has(key));
  if (said.length === 0) return undefined;
  return new Set(said.flatMap(([, value]) => value.split(/[ ,]/)).filter((room) => room !== ""));
}
