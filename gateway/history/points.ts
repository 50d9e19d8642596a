/** Readings, and what follows from them → the one point that history keeps of each. Pure. */
import { OCTAVES_HZ, THIRDS_HZ } from "#protocol/acoustics/bands.ts";
import type { Id, RoomId } from "#protocol/quantities.ts";
import type { Readings, SequencedChannel } from "#protocol/readings.ts";
import { findRoom, isSilent } from "#protocol/rooms.ts";
import type { Site } from "#protocol/site.ts";
import type { Episode } from "../detect/facts.ts";
import type { PairDay, PairMinute, PerOctave } from "../detect/leakage/facts.ts";
import type { FieldValue, Point } from "./history.ts";
import type { Measurement } from "./measurements.ts";

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
const thirdsAs = (prefix: "speech" | "background", levels: readonly number[] | null): Fields =>
  bandsAs(prefix, THIRDS_HZ, levels ?? []);

/** One field per band; a band that is not known is left out. */
const bandsAs = (prefix: string, bands: readonly number[], values: readonly (number | null)[]): Fields =>
  known(Object.fromEntries(bands.map((hz, i) => [`${prefix}${hz}`, values[i] ?? null])));

const octavesAs = (prefix: "ld" | "sigma" | "bound", values: PerOctave<number | null>): Fields =>
  bandsAs(prefix, OCTAVES_HZ, values);

/** Fields without those that are not known. */
const known = (fields: Readonly<Record<string, FieldValue | null>>): Fields =>
  Object.fromEntries(Object.entries(fields).filter((field): field is [string, FieldValue] => field[1] !== null));

/** A conversation that has ended. */
export type Finished = Episode & { readonly end: number };

/** What was heard of a conversation elsewhere. */
export interface Overheard {
  readonly seconds: number;
  /** null: in no room was it known how well. */
  readonly worstSii5: number | null;
  readonly where: readonly RoomId[];
}

const MINUTE_MS = 60_000;

/**
 * From the minutes of talk in its room; undefined when of none it is known what was heard. A minute counts when it is
 * overheard anywhere, and for no longer than the conversation lasted.
 */
export function overheardOf({ room, start, end }: Finished, minutes: readonly PairMinute[]): Overheard | undefined {
  const told = minutes.filter(
    ({ from, t, situation }) => from === room && t > start - MINUTE_MS && t < end && situation.state !== "unknown",
  );
  if (told.length === 0) return undefined;
  const overheard = told.filter(({ situation }) => situation.state === "overheard");
  const indices = told.flatMap(({ situation }) => situation.audibility?.sii5 ?? []);
  return {
    seconds: Math.min((end - start) / 1000, (new Set(overheard.map(({ t }) => t)).size * MINUTE_MS) / 1000),
    worstSii5: indices.length > 0 ? Math.max(...indices) : null,
    where: [...new Set(overheard.map(({ to }) => to))].sort(),
  };
}

/** One point per finished conversation, at its start. */
export const pointOfEpisode = (site: Id, { room, start, end, hint }: Finished, overheard?: Overheard): Point => ({
  measurement: "conversation",
  tags: { site, room },
  fields: {
    seconds: (end - start) / 1000,
    hint,
    ...(overheard &&
      known({
        secondsOverheard: overheard.seconds,
        worstSii5: overheard.worstSii5,
        where: overheard.where.join(","),
      })),
  },
  t: start,
});

/** One point per pair and minute of talk, at its start. */
export function pointOfPairMinute(site: Id, { from, to, t, situation, z, pi, spc, ld }: PairMinute): Point {
  const { state, audibility } = situation;
  const { hearing = "unknown", snr = null, sii5 = null, probability = null } = audibility ?? {};
  return {
    measurement: "leak",
    tags: { site, from, to },
    fields: { hearing, state, ...known({ snr, sii5, probability, pi, spc, z }), ...octavesAs("ld", ld) },
    t,
  };
}

/** One point per pair and local day, at its midnight. */
export const pointOfPairDay = (site: Id, { from, to, day, episodes, ld, sigma, bound }: PairDay): Point => ({
  measurement: "boundary",
  tags: { site, from, to },
  fields: { episodes, ...octavesAs("ld", ld), ...octavesAs("sigma", sigma), ...octavesAs("bound", bound) },
  t: day,
});

/** Back again: one value per octave, null where there is none. */
export const octavesIn = ({ fields }: Point, prefix: "ld" | "sigma" | "bound"): PerOctave<number | null> =>
  octaveFields[prefix].map((field) => (fields[field] as number | undefined) ?? null);

const namesOf = (prefix: "ld" | "sigma" | "bound"): readonly string[] => OCTAVES_HZ.map((hz) => `${prefix}${hz}`);
/** Made once: a report reads them by the ten thousand. */
const octaveFields = { ld: namesOf("ld"), sigma: namesOf("sigma"), bound: namesOf("bound") };
