/** What a room's card says, as a value: the live display rules of the privacy specification, decided in one place. */
import type { DeviceView, RoomView, UnknownReason } from "#protocol/api.ts";

export type RoomState = "conversation" | "quiet" | "unknown" | "free" | "in-use" | "overheard" | "not-shown";

export interface RoomSign {
  readonly state: RoomState;
  /** Why the state is unknown. */
  readonly reason: UnknownReason | "stale" | null;
  /** What was last known before the connection was lost. */
  readonly lastKnown: RoomState | null;
}

/** A private office, or any room that one person uses, shows its sensor only. */
export const isSilent = (room: RoomView): boolean => room.kind === "private-office" || room.reason === "silent-room";

/** Rooms where speech can be overheard by others in the room. */
export const isShared = (room: RoomView): boolean => room.kind === "shared-office" || room.kind === "open-plan";

function presentState(room: RoomView): RoomState {
  if (isSilent(room)) return "not-shown";
  if (room.conversation === "unknown") return "unknown";
  if (room.kind === "conversation-room") {
    if (room.conversation === "on" || room.free === false) return "in-use";
    return room.free ? "free" : "unknown";
  }
  if (isShared(room) && room.privacy === "overheard") return "overheard";
  return room.conversation === "on" ? "conversation" : "quiet";
}

/** The sign of a room. When the connection is lost nothing counts as quiet or free any more. */
export function signOf(room: RoomView, live: boolean): RoomSign {
  const state = presentState(room);
  if (state === "not-shown") return { state, reason: null, lastKnown: null };
  if (!live) return { state: "unknown", reason: "stale", lastKnown: state === "unknown" ? null : state };
  return { state, reason: state === "unknown" ? (room.reason ?? "no-data") : null, lastKnown: null };
}

export interface FreeRooms {
  readonly free: readonly RoomView[];
  readonly unknown: readonly RoomView[];
  readonly total: number;
}

/** Which conversation rooms can be moved to. */
export function freeRooms(rooms: Iterable<RoomView>, live: boolean): FreeRooms {
  const all = [...rooms].filter((room) => room.kind === "conversation-room");
  const inState = (state: RoomState) => all.filter((room) => signOf(room, live).state === state);
  return { free: inState("free"), unknown: inState("unknown"), total: all.length };
}

export type DeviceMode = "measuring" | "asleep" | "muted" | "offline" | "unknown";

/** One word for how a sensor is: a mode counts only while it is connected. */
export const modeOf = (device: DeviceView, live: boolean): DeviceMode => {
  if (!live || device.connection === "unknown") return "unknown";
  return device.connection === "offline" ? "offline" : device.mode;
};
