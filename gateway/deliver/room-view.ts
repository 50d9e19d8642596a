/** A room as everybody sees it: the people in it and their team lead read the same words (PRIVACY §1.5, §2). */
import type { RoomView } from "#protocol/api.ts";
import type { Room } from "#protocol/site.ts";
import { isPrivateRoom } from "#protocol/site.ts";
import type { Situation } from "../detect/facts.ts";

/**
 * `overheard`: an alert fires for the room. Without one privacy is unknown, since how much the room leaks is not
 * measured. Of conversation rooms only free or in use is told, of private offices nothing but their devices' health.
 */
export function roomView(room: Room, situation: Situation, overheard: boolean): RoomView {
  const { conversation, occupied, since, reason } = room.kind === "private-office" ? withheld(situation) : situation;
  return {
    id: room.id,
    name: room.name,
    kind: room.kind,
    conversation,
    occupied: isPrivateRoom(room) ? null : occupied,
    privacy: overheard ? "overheard" : "unknown",
    since: since === null ? null : new Date(since).toISOString(),
    reason,
    free: isPrivateRoom(room) ? isFree(situation) : null,
  };
}

const withheld = ({ room }: Situation): Situation => ({
  room,
  conversation: "unknown",
  reason: "silent-room",
  occupied: null,
  since: null,
});

/** Measured, quiet and empty. */
function isFree({ conversation, occupied }: Situation): boolean | null {
  if (conversation === "unknown" || occupied === null) return null;
  return conversation === "off" && !occupied;
}
