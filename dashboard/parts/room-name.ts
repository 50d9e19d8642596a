import { store } from "../state/app.ts";
import { nameOf } from "../texts/texts.ts";

/** A room's name in the reader's language; its id until the name is known. */
export function roomName(id: string | null): string {
  const room = id === null ? undefined : store.rooms.value.get(id);
  return room ? nameOf(room.name) : (id ?? "?");
}
