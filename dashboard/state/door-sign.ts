/** A conversation room of which only the door sign is told, as a room: whoever may not see rooms still sees which is free. */
import type { FreeRoomView, RoomView } from "#protocol/api.ts";

export const roomOfSign = ({ id, name, state, readiness }: FreeRoomView): RoomView => ({
  id,
  name,
  kind: "conversation-room",
  conversation: state === "unknown" ? "unknown" : "off",
  occupied: null,
  privacy: readiness,
  privacyReason: readiness === "unknown" ? "not-told" : null,
  since: null,
  reason: null,
  free: state === "unknown" ? null : state === "free",
});

/** Rooms that are told as such, and door signs of the others. */
export function withSigns(rooms: readonly RoomView[], signs: readonly FreeRoomView[]): readonly RoomView[] {
  const told = new Set(rooms.map(({ id }) => id));
  return [...rooms, ...signs.filter(({ id }) => !told.has(id)).map(roomOfSign)];
}
