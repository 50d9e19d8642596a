/** What the steps need of a site, in the order of the site file: rooms are known by their index from here on. */
import { STATE_STALE_S } from "#protocol/cadence.ts";
import type { Id, RoomId } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Device, Site } from "#protocol/site.ts";

const SECOND = 1000;
/** Without a state for this long, or so long after the gateway's start, a device's room is not known. */
export const STALE_MS = STATE_STALE_S * SECOND;
/** A reading that arrives later than this after its time is history (PEERS row 26). */
export const HISTORICAL_AFTER_MS = 120 * SECOND;
/** A conversation whose room has become unknown is held open this long, so that a hole does not end it. */
export const UNKNOWN_GRACE_MS = 120 * SECOND;
/** A backlog that has been silent for this long has no more to say. */
export const BACKLOG_QUIET_MS = 300 * SECOND;

export interface RoomRule {
  readonly id: RoomId;
  /** One assigned person: always unknown, never a fact of behaviour (PRIVACY §1.3). */
  readonly silent: boolean;
  /** Those that tell what they hear. */
  readonly devices: readonly Id[];
}

export interface DetectRules {
  readonly rooms: readonly RoomRule[];
  /** Where a device is: index of its room, and its own index there. */
  readonly places: ReadonlyMap<Id, { readonly room: number; readonly device: number }>;
}

/** Whether a device tells what it hears in a room. */
export const isHeardIn =
  (room: RoomId) =>
  (device: Device): boolean =>
    device.room === room && !device.silent;

export function detectRules(site: Site): DetectRules {
  const rooms = site.rooms.map(
    (room): RoomRule => ({
      id: room.id,
      silent: isSilent(room),
      devices: site.devices.filter(isHeardIn(room.id)).map((device) => device.id),
    }),
  );
  const places = rooms.flatMap(({ devices }, room) => devices.map((id, device) => [id, { room, device }] as const));
  return { rooms, places: new Map(places) };
}
