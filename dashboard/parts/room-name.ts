import { site } from "../state/app.ts";
import { nameOf } from "../texts/texts.ts";

/** A room's name in the reader's language, also of a room that the reader is told nothing of; its id until the name is known. */
export function roomName(id: string | null): string {
  const room = site.value?.rooms.find((one) => one.id === id);
  return room ? nameOf(room.name) : (id ?? "?");
}
