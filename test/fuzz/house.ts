/** The site that is fuzzed: devices enough that nobody comes back under one name too often. */
import { Site } from "#protocol/site.ts";

export const DEVICES = 256;
export const SITE = "fuzzed";
/** Speaks properly all the while. */
export const GOOD = "good";
/** In a room of one person, of which no reading is kept. */
export const SILENT = "silent";
export const deviceName = (index: number): string => `d${index}`;
/** Boots of what is said in another device's name begin so, and no others do. */
export const FOREIGN_BOOT = "ffff";

export const siteText = (): string => JSON.stringify(raw);

const rooms = Array.from({ length: DEVICES / 8 }, (_, i) => `R${i}`);
const raw = {
  site: SITE,
  name: "Fuzzed",
  timeZone: "Europe/Copenhagen",
  rooms: [
    ...rooms.map((id) => ({ id, name: id, kind: "shared-office", assigned: 4 })),
    { id: "P", name: "P", kind: "private-office", assigned: 1 },
  ],
  devices: [
    ...Array.from({ length: DEVICES }, (_, i) => ({ id: deviceName(i), room: rooms[i % rooms.length] })),
    { id: GOOD, room: "R0" },
    { id: SILENT, room: "P" },
  ],
};

export const house: Site = Site.parse(raw);
