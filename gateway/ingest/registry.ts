/** Who may speak, and from where: the site file's devices, looked up by topic. */
import type { Id } from "#protocol/quantities.ts";
import { isSequenced, type ReadingChannel, readingSchemas } from "#protocol/readings.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Room, Site } from "#protocol/site.ts";
import { topicFor } from "#protocol/topics.ts";

/** What a topic means here. */
export interface Place {
  readonly device: Id;
  readonly channel: ReadingChannel;
  readonly room: Room;
  /** Of this room, or of what this device hears, nothing about sound or presence may be kept (PRIVACY §1.3). */
  readonly withheld: boolean;
}

export interface Registry {
  readonly site: Site;
  /** Of a reading channel of a registered device. */
  placeOf(topic: string): Place | undefined;
  roomOf(device: Id): Room | undefined;
  /** Those on which readings come that are journalled. */
  readonly sequencedTopics: readonly string[];
}

/** Whether what is said there is of people; the rest is of the device alone. */
export const isOfBehaviour = (channel: ReadingChannel): boolean =>
  channel !== "health" && channel !== "birth" && channel !== "status";

/** One of each site, however many ask: the topics of one are found faster in itself than in another of the same texts. */
const registries = new WeakMap<Site, Registry>();

export function registryOf(site: Site): Registry {
  const known = registries.get(site) ?? createRegistry(site);
  registries.set(site, known);
  return known;
}

function createRegistry(site: Site): Registry {
  const rooms = new Map(site.rooms.map((room) => [room.id, room]));
  const roomOf = new Map(site.devices.map(({ id, room }) => [id, rooms.get(room)!]));
  const places = new Map<string, Place>();
  for (const { id: device, room: where, silent = false } of site.devices) {
    const room = rooms.get(where)!;
    for (const channel of Object.keys(readingSchemas) as ReadingChannel[]) {
      const withheld = (silent || isSilent(room)) && isOfBehaviour(channel);
      places.set(topicFor(site.site, device, channel), { device, channel, room, withheld });
    }
  }
  const sequencedTopics = [...places].filter(([, { channel }]) => isSequenced(channel)).map(([topic]) => topic);
  return { site, placeOf: (topic) => places.get(topic), roomOf: (device) => roomOf.get(device), sequencedTopics };
}
