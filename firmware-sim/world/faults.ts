/** Which microphone is out of order at an instant, and which hangs in the wrong room. */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Fault } from "./scenario.ts";

const holds = (fault: Fault, t: Millis): boolean => t >= fault.from && t < fault.until;

/** The room that the sensor of `room` really hangs in. */
export function faultyRoom(faults: readonly Fault[], room: RoomId, t: Millis): RoomId {
  for (const fault of faults) {
    if (fault.kind !== "swapped-rooms" || !holds(fault, t)) continue;
    if (fault.rooms[0] === room) return fault.rooms[1];
    if (fault.rooms[1] === room) return fault.rooms[0];
  }
  return room;
}

/** What is wrong with the microphone of `room`, if anything. */
export function faultyState(faults: readonly Fault[], room: RoomId, t: Millis): "stuck" | "clipped" | undefined {
  for (const fault of faults) {
    if (fault.kind !== "stuck-microphone" && fault.kind !== "clipped-microphone") continue;
    if (fault.room === room && holds(fault, t)) return fault.kind === "stuck-microphone" ? "stuck" : "clipped";
  }
  return undefined;
}
