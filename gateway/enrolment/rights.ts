/** What a connection may say and hear, decided once when it is let in. */
import type { Purpose } from "#protocol/enrolment.ts";
import type { Id } from "#protocol/quantities.ts";
import { type ReadingChannel, readingSchemas, sequencedChannels } from "#protocol/readings.ts";
import type { Site } from "#protocol/site.ts";
import { isCommandChannel, parseTopic, topicFor } from "#protocol/topics.ts";
import { registryOf } from "../ingest/registry.ts";
import { createTopicIndex, type TopicIndex } from "../ingest/topic-index.ts";

export interface Rights {
  /** Whose they are; undefined where nobody asks. */
  readonly device: Id | undefined;
  readonly maySay: (topic: string) => boolean;
  /** Of a filter, which a wildcard makes none. */
  readonly mayHear: (filter: string) => boolean;
  /** Readings that may take the short way, past the broker: what is not among them is asked about by `maySay`. */
  readonly readings: TopicIndex;
}

const NOTHING = createTopicIndex([]);
const never = () => false;

/** Of an enrolled device's connections: its own reading channels, its own commands, its own status. Made once each. */
export function createDeviceRights(site: Site): (device: Id, purpose: Purpose) => Rights {
  const made = new Map<Id, Rights>();
  return (device, purpose) => {
    const status = topicFor(site.site, device, "status");
    if (purpose === "hello") return { device, maySay: never, mayHear: never, readings: NOTHING };
    if (purpose === "aside")
      return { device, maySay: never, mayHear: (filter) => filter === status, readings: NOTHING };
    const known = made.get(device) ?? speaking(site.site, device);
    made.set(device, known);
    return known;
  };
}

function speaking(site: Id, device: Id): Rights {
  const own = (channels: readonly ReadingChannel[]) => channels.map((channel) => topicFor(site, device, channel));
  const says = new Set(own(Object.keys(readingSchemas) as ReadingChannel[]));
  const status = topicFor(site, device, "status");
  return {
    device,
    maySay: (topic) => says.has(topic),
    mayHear(filter) {
      const parts = parseTopic(filter);
      return filter === status || (parts?.site === site && parts.device === device && isCommandChannel(parts.channel));
    },
    readings: createTopicIndex(own(sequencedChannels)),
  };
}

/**
 * Where no device has a credential: who is named like a device hears what is said to it, and its own status, where it would see a
 * namesake; others hear what they name. Everybody may say everything, and it is judged by what it says.
 */
export function createOpenRights(site: Site): (clientId: string) => Rights {
  const registry = registryOf(site);
  const readings = createTopicIndex(registry.sequencedTopics);
  return (clientId) => ({
    device: undefined,
    maySay: () => true,
    mayHear(filter) {
      const parts = parseTopic(filter);
      if (parts?.site !== site.site || !(isCommandChannel(parts.channel) || parts.channel === "status")) return false;
      return parts.device === clientId || registry.roomOf(clientId) === undefined;
    },
    readings,
  });
}
