/** Every topic is written and read here. `fortrolig/v1/{site}/{device}/{channel}`; the site file says which room a device is in. */
import type { CommandChannel } from "./commands.ts";
import { ID } from "./id.ts";
import type { Id } from "./quantities.ts";
import type { ReadingChannel } from "./readings.ts";

export const TOPIC_ROOT = "fortrolig/v1";
/** Larger messages are refused unread. */
export const MAX_PAYLOAD_BYTES = 4096;

export interface Delivery {
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** What a device says. Readings are never retained: a retained reading looks fresh after a restart. */
const readings: { readonly [C in ReadingChannel]: Delivery } = {
  birth: { qos: 1, retain: true },
  status: { qos: 1, retain: true },
  state: { qos: 1, retain: false },
  level: { qos: 1, retain: false },
  bands: { qos: 0, retain: false },
  stats: { qos: 1, retain: false },
  health: { qos: 1, retain: false },
};
/** What a device is told. */
const commands: { readonly [C in CommandChannel]: Delivery } = {
  receipt: { qos: 0, retain: false },
  config: { qos: 1, retain: true },
  lease: { qos: 1, retain: false },
  indicator: { qos: 1, retain: false },
  error: { qos: 0, retain: false },
};
/** How each channel travels. */
export const delivery = { ...readings, ...commands };

export type Channel = keyof typeof delivery;

export const topicFor = (site: Id, device: Id, channel: Channel): string =>
  `${TOPIC_ROOT}/${site}/${device}/${channel}`;

/** Everything the devices of a site say (for the gateway), or everything said to one device. */
export const readingFilter = (site: Id, channel: ReadingChannel): string => `${TOPIC_ROOT}/${site}/+/${channel}`;

/** Where a gateway says that the site is its own, on an outside broker. */
export const claimTopic = (site: Id): string => `${TOPIC_ROOT}/${site}/gateway/claim`;

export const isReadingChannel = (channel: string): channel is ReadingChannel => Object.hasOwn(readings, channel);
export const isCommandChannel = (channel: string): channel is CommandChannel => Object.hasOwn(commands, channel);

export interface TopicParts {
  readonly site: Id;
  readonly device: Id;
  readonly channel: Channel;
}

/** The parts of a topic, or `undefined` when it is not one of ours. */
export function parseTopic(topic: string): TopicParts | undefined {
  if (!topic.startsWith(`${TOPIC_ROOT}/`)) return undefined;
  const [site, device, channel, ...rest] = topic.slice(TOPIC_ROOT.length + 1).split("/");
  if (rest.length > 0 || site === undefined || device === undefined || channel === undefined) return undefined;
  if (!ID.test(site) || !ID.test(device)) return undefined;
  return isReadingChannel(channel) || isCommandChannel(channel) ? { site, device, channel } : undefined;
}
