/** What is asked of rooms again and again. Without the schemas of site.ts, so that a thread can ask it that needs none. */
import type { RoomId } from "./quantities.ts";
import type { Room, Site } from "./site.ts";

/** A room where one person works alone (PRIVACY §1.3). */
export const isSilent = (room: Room): boolean => room.assigned === 1;

/** A room meant for confidential talk. */
export const isPrivateRoom = (room: Room): boolean => room.kind === "conversation-room";

/** The room with this id, whatever the case it is written in. */
export const findRoom = (site: Site, id: RoomId): Room | undefined =>
  site.rooms.find((room) => room.id.toLowerCase() === id.toLowerCase());
