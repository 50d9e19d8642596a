/** What an alert says, in both languages: a room, a time and the nearest free conversation room. Never a person. */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { isPrivateRoom, type Room, type Site } from "#protocol/site.ts";
import type { Alert } from "./alert.ts";

export interface Message {
  readonly da: string;
  readonly en: string;
}

/**
 * `free` are the conversation rooms known to be free now. The sensor cannot know that a conversation is confidential:
 * the text says possible overhearing (DESIGN §2).
 */
export function alertMessage(alert: Alert, site: Site, free: ReadonlySet<RoomId>): Message {
  const name = site.rooms.find((room) => room.id === alert.room)?.name ?? {
    da: alert.room ?? "",
    en: alert.room ?? "",
  };
  const from = clockTime(alert.startedAt, site.timeZone);
  if (alert.resolvedAt !== null) {
    const to = clockTime(alert.resolvedAt, site.timeZone);
    return {
      da: `Mulig overhøring i ${name.da} kl. ${dotted(from)}–${dotted(to)} er slut.`,
      en: `Possible overhearing in ${name.en}, ${from}–${to}, is over.`,
    };
  }
  const where = whereTo(site, alert.room, free);
  return {
    da: `Mulig overhøring: samtale i ${name.da} siden kl. ${dotted(from)}. ${where.da}`,
    en: `Possible overhearing: conversation in ${name.en} since ${from}. ${where.en}`,
  };
}

function whereTo(site: Site, from: RoomId | null, free: ReadonlySet<RoomId>): Message {
  const room = from === null ? undefined : nearestFree(site, from, free);
  if (room === undefined)
    return { da: "Intet samtalerum vides at være ledigt.", en: "No conversation room is known to be free." };
  return { da: `${room.name.da} er ledigt.`, en: `${room.name.en} is free.` };
}

/** The free conversation room on the shortest way from `from`; among equals the first of the site file. */
export function nearestFree(site: Site, from: RoomId, free: ReadonlySet<RoomId>): Room | undefined {
  const steps = stepsFrom(site, from);
  return site.rooms
    .filter((room) => isPrivateRoom(room) && free.has(room.id) && room.id !== from)
    .map((room) => ({ room, distance: steps.get(room.id) ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => (a.distance === b.distance ? 0 : a.distance - b.distance))[0]?.room;
}

/** How many doors and openings lie on the way to each room; nobody walks through a wall or a screen. */
function stepsFrom(site: Site, from: RoomId): Map<RoomId, number> {
  const ways = site.boundaries.filter(({ kind }) => kind === "door" || kind === "open");
  const steps = new Map([[from, 0]]);
  const queue = [from];
  for (let room = queue.shift(); room !== undefined; room = queue.shift())
    for (const { between } of ways) {
      if (!between.includes(room)) continue;
      const next = between[0] === room ? between[1] : between[0];
      if (steps.has(next)) continue;
      steps.set(next, steps.get(room)! + 1);
      queue.push(next);
    }
  return steps;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Local time of day, HH:MM. A format is costly to make and constant per time zone. */
function clockTime(at: Millis, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    formats.set(timeZone, format);
  }
  return format.format(at);
}

/** Danish writes the time of day with a full stop. */
const dotted = (time: string): string => time.replace(":", ".");
