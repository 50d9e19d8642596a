/** A reading → the one point that history keeps of it. Pure. */
import type { Id, RoomId } from "#protocol/quantities.ts";
import type { Readings, SequencedChannel } from "#protocol/readings.ts";
import { findRoom, isSilent, type Site } from "#protocol/site.ts";
import type { Episode } from "../detect/facts.ts";
import type { FieldValue, Point } from "./history.ts";
import { type Measurement, thirdBands } from "./measurements.ts";

/** Where a device is, from the registry; also the tags of its points. */
export type Place = Readonly<{ site: Id; room: RoomId; device: Id }>;

/** What the registry says of a device. Of a silent room only `health` is kept (PRIVACY §1.3). */
export interface Whereabouts {
  readonly place: Place;
  readonly silent: boolean;
}

/** undefined: the site file does not name the device. */
export type WhereIs = (device: Id) => Whereabouts | undefined;

export function whereaboutsIn(site: Site): WhereIs {
  const known = new Map(
    site.devices.map(({ id, room }): [Id, Whereabouts] => {
      const found = findRoom(site, room)!;
      const place = Object.freeze({ site: site.site, room: found.id, device: id });
      return [id, { place, silent: isSilent(found) }];
    }),
  );
  return (device) => known.get(device);
}

/** A parsed reading with the channel it came on. */
export type ReadingMessage = {
  [C in SequencedChannel]: { readonly channel: C; readonly reading: Readings[C] };
}[SequencedChannel];

/** Exactly one point per reading; its time is the device's. */
export function pointOf(message: ReadingMessage, place: Place): Point {
  const [measurement, fields] = shapeReading(message);
  return { measurement, tags: place, fields, t: message.reading.t };
}

type Fields = Readonly<Record<string, FieldValue>>;

function shapeReading({ channel, reading }: ReadingMessage): [Measurement, Fields] {
  switch (channel) {
    case "level": {
      const { laeq, lafmax, l90, speechRatio, noiseLimited, clipped } = reading;
      return ["level", { laeq, lafmax, l90, speechRatio, noiseLimited, clipped }];
    }
    case "state": {
      const { occupied, confidence, conversation, hint, since } = reading;
      return ["presence", { occupied, confidence, conversation: conversation === "on", hint, since }];
    }
    case "stats": {
      const { speechSeconds, laeq, l10, l50, l90, speech, background } = reading;
      const thirds = { ...thirdsAs("speech", speech), ...thirdsAs("background", background) };
      return ["spectrum", { speechSeconds, laeq, l10, l50, l90, ...thirds }];
    }
    case "health": {
      const { uptime, outbox, dropped, micFloor, micDc, muted, asleep, tamper, rssi, configVersion } = reading;
      return ["health", { uptime, outbox, dropped, micFloor, micDc, muted, asleep, tamper, rssi, configVersion }];
    }
  }
}

/** One field per third; a spectrum that was not measured leaves its fields out. */
const thirdsAs = (prefix: "speech" | "background", levels: readonly number[] | null): Record<string, number> =>
  Object.fromEntries((levels ?? []).map((level, i) => [`${prefix}${thirdBands[i]}`, level]));

/** One point per finished conversation, at its start. */
export const pointOfEpisode = (site: Id, episode: Episode & { readonly end: number }): Point => ({
  measurement: "conversation",
  tags: { site, room: episode.room },
  fields: { seconds: (episode.end - episode.start) / 1000, hint: episode.hint },
  t: episode.start,
});
