/** The site: rooms, what separates them, which device is where, when the house is open, and the policy. */
import { z } from "zod";
import { Id, RoomId } from "./quantities.ts";

export const RoomKind = z.enum([
  "shared-office",
  "private-office",
  "conversation-room",
  "waiting-room",
  "corridor",
  "open-plan",
]);
export type RoomKind = z.infer<typeof RoomKind>;

/** A name in both languages; a plain string serves for both. Never a person's name. */
const Label = z.union([
  z
    .string()
    .min(1)
    .max(60)
    .transform((text) => ({ da: text, en: text })),
  z.strictObject({ da: z.string().min(1).max(60), en: z.string().min(1).max(60) }),
]);

export const Room = z.strictObject({
  id: RoomId,
  name: Label,
  kind: RoomKind,
  /** How many staff have their desk here. One makes the room silent: no presence, no conversation is ever stored. */
  assigned: z.int().min(0).max(200).default(0),
  volume: z.number().min(5).max(20_000).default(40).describe("m³"),
  reverberation: z.number().min(0.1).max(5).default(0.5).describe("RT60, s"),
  noise: z
    .union([z.literal(15), z.literal(20), z.literal(25), z.literal(30), z.literal(35), z.literal(40)])
    .default(25)
    .describe("ventilation, NC curve"),
});
export type Room = z.infer<typeof Room>;

export const Boundary = z.strictObject({
  between: z.tuple([RoomId, RoomId]),
  kind: z.enum(["wall", "door", "screen", "open"]),
  /** Apparent sound reduction index R'w, dB. */
  rw: z.number().min(0).max(80),
  area: z.number().min(0.5).max(200).default(10).describe("m²"),
});
export type Boundary = z.infer<typeof Boundary>;

export const Device = z.strictObject({
  id: Id,
  room: RoomId,
  /** It is there and says whether it is well; what it hears it keeps to itself, as in a silent room. */
  silent: z.boolean().optional(),
});
export type Device = z.infer<typeof Device>;

/**
 * Rooms whose history is told together where a room alone would tell of too few people. Rooms in no zone are grouped by the
 * gateway; what becomes of a zone that is too small: gateway/display.
 */
export const Zone = z.strictObject({ id: Id, name: Label, rooms: z.array(RoomId).min(1) });
export type Zone = z.infer<typeof Zone>;

export const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "use HH:MM");
export const Weekday = z.enum(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]);
export type Weekday = z.infer<typeof Weekday>;

export const Policy = z.strictObject({
  /** `always`, or only within the opening hours; a sleeping device says `health` only. */
  measuring: z.enum(["always", "opening-hours"]).default("always"),
  /** A conversation in a shared office raises an alert when it has lasted this long, s. */
  conversationAlertAfterS: z.int().min(30).max(3600).default(60),
  /** `strict`: rooms that people work in are told of by zone and day alone, 15 min late: not live, and their alerts as a digest (PRIVACY §2). */
  privacy: z.enum(["normal", "strict"]).default("normal"),
});
export type Policy = z.infer<typeof Policy>;

export const Site = z
  .strictObject({
    site: Id,
    name: Label,
    timeZone: z.string().refine(isTimeZone, "is no IANA time zone, such as Europe/Copenhagen"),
    openingHours: z.partialRecord(Weekday, z.strictObject({ from: TimeOfDay, until: TimeOfDay })).default({}),
    policy: Policy.prefault({}),
    rooms: z.array(Room).min(1),
    zones: z.array(Zone).default([]),
    boundaries: z.array(Boundary).default([]),
    devices: z.array(Device).default([]),
  })
  .superRefine((site, context) => {
    const rooms = new Set<string>();
    const folded = new Set<string>();
    const issue = (path: Path, message: string) => context.addIssue({ code: "custom", path, message });
    const room = (id: string, path: Path) => {
      if (!rooms.has(id)) issue(path, `no room has the id "${id}"`);
    };
    for (const [i, { id }] of site.rooms.entries()) {
      if (rooms.has(id) || folded.has(id.toLowerCase())) issue(["rooms", i, "id"], `the id "${id}" is used twice`);
      rooms.add(id);
      folded.add(id.toLowerCase());
    }
    for (const [i, { between }] of site.boundaries.entries()) {
      room(between[0], ["boundaries", i, "between", 0]);
      room(between[1], ["boundaries", i, "between", 1]);
      if (between[0] === between[1]) issue(["boundaries", i, "between"], "a boundary lies between two different rooms");
    }
    refuseZoneTwice(site.zones, room, issue);
    const devices = new Set<string>();
    for (const [i, { id, room: where }] of site.devices.entries()) {
      if (devices.has(id)) issue(["devices", i, "id"], `the id "${id}" is used twice`);
      devices.add(id);
      room(where, ["devices", i, "room"]);
    }
    for (const [day, hours] of Object.entries(site.openingHours))
      if (hours && hours.from >= hours.until) issue(["openingHours", day], "opens after it closes");
  });
export type Site = z.infer<typeof Site>;

type Path = (string | number)[];

/** A zone's id is used once, and a room is in one zone at most: zones that overlap could be subtracted from each other. */
function refuseZoneTwice(
  zones: readonly Zone[],
  room: (id: string, path: Path) => void,
  issue: (path: Path, message: string) => void,
): void {
  const ids = new Set<string>();
  const zoned = new Set<string>();
  for (const [i, { id, rooms }] of zones.entries()) {
    if (ids.has(id)) issue(["zones", i, "id"], `the id "${id}" is used twice`);
    ids.add(id);
    for (const [j, where] of rooms.entries()) {
      room(where, ["zones", i, "rooms", j]);
      if (zoned.has(where)) issue(["zones", i, "rooms", j], `"${where}" is in a zone already`);
      zoned.add(where);
    }
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
