/** What each device is told to be, retained at the broker so that it hears it on every connection. */
import type { z } from "zod";
import type { DeviceConfig } from "#protocol/commands.ts";
import type { Id } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Site } from "#protocol/site.ts";

export type ConfigBody = z.infer<typeof DeviceConfig>;

/**
 * The version follows from what is configured, so that it changes when that changes and is the same after a restart;
 * a device echoes it in `health`.
 */
export function deviceConfigs(site: Site): { device: Id; config: ConfigBody }[] {
  const rooms = new Map(site.rooms.map((room) => [room.id, room]));
  return site.devices.map(({ id, room, silent: silenced = false }) => {
    const silent = silenced || isSilent(rooms.get(room)!);
    return { device: id, config: { version: silent ? 2 : 1, silent } };
  });
}
