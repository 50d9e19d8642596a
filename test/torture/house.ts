/** The house of a run: mostly shared offices, where talk alerts; some single rooms; some devices that come and go. */
import type { Id, RoomId } from "#protocol/quantities.ts";
import { Site } from "#protocol/site.ts";

/**
 * `steady` devices stay connected and hear conversations in shared offices. `single` ones stand where one person works.
 * `restless` ones lose their connection and reboot; talk in their rooms alerts nobody, since a connection is no reading
 * and could not be replayed.
 */
export type Manner = "steady" | "single" | "restless";

export interface Member {
  readonly device: Id;
  readonly room: RoomId;
  readonly manner: Manner;
}

export interface House {
  readonly site: Site;
  readonly members: readonly Member[];
}

/** The shortest that a site may ask for, s. */
export const ALERT_AFTER_S = 30;
const MANNERS: readonly Manner[] = ["steady", "steady", "single", "steady", "steady", "restless", "steady", "steady"];

/** One device in each room. */
export function houseOf(name: Id, devices: number): House {
  const members = Array.from({ length: devices }, (_, i): Member => {
    const manner = MANNERS[i % MANNERS.length]!;
    return { device: `${manner}-${i}`, room: `R${i}`, manner };
  });
  const site = Site.parse({
    site: name,
    name,
    timeZone: "Europe/Copenhagen",
    policy: { conversationAlertAfterS: ALERT_AFTER_S },
    rooms: members.map(({ room, manner }, i) => ({
      id: room,
      name: room,
      kind: manner === "steady" ? "shared-office" : manner === "single" ? "private-office" : "conversation-room",
      assigned: manner === "steady" ? 2 + (i % 2) : manner === "single" ? 1 : 0,
    })),
    devices: members.map(({ device, room }) => ({ id: device, room })),
  });
  return { site, members };
}
