/** A state that was kept, fitted to the site as it is now: rooms and devices keep what is known by their ids. */
import { type DetectState, initialDetect } from "./conversation.ts";
import { newDevice } from "./device.ts";
import type { RoomState } from "./room.ts";
import type { DetectRules } from "./rules.ts";

/** Starts from nothing when the state is of another version. */
export function restoreDetect(kept: DetectState, rules: DetectRules): DetectState {
  if (kept.version !== 1) return initialDetect(rules);
  const byId = new Map(kept.rooms.map((room) => [room.situation.room, room]));
  const rooms = initialDetect(rules).rooms.map((fresh, i) => {
    const old = byId.get(fresh.situation.room);
    const rule = rules.rooms[i]!;
    return old === undefined || rule.silent || rule.devices.length === 0 ? fresh : fitted(old, fresh);
  });
  return { ...kept, rooms, due: 0 };
}

function fitted(old: RoomState, fresh: RoomState): RoomState {
  const index = new Map(old.devices.map((device, i) => [device.id, i]));
  const of = (id: string) => index.get(id) ?? -1;
  return {
    ...old,
    devices: fresh.devices.map(({ id }) => ({ ...newDevice(id), ...old.devices[of(id)] })),
    backlogs: fresh.devices.map(({ id }) => old.backlogs[of(id)] ?? null),
  };
}
