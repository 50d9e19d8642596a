/**
 * Every measurement, its tags and its fields with their types, in one table: written, read and checked by it alone.
 * Numbers are floats except explicit counts. Tags name places and devices, never a person.
 */
import { OCTAVES_HZ, THIRDS_HZ } from "#protocol/acoustics/bands.ts";
import { HEARINGS } from "#protocol/acoustics/hearing.ts";
import type { Millis } from "#protocol/quantities.ts";

export type FieldType = "float" | "count" | "boolean" | "string";
export const tiers = ["raw", "minute", "hour"] as const;
export type Tier = (typeof tiers)[number];

export interface Shape {
  readonly tier: Tier;
  /** Each is in every point, and none is empty. */
  readonly tags: readonly string[];
  /** The first is in every point, so that counting it counts points; the others may be absent. */
  readonly fields: Readonly<Record<string, FieldType>>;
}

const perDevice = ["site", "room", "device"] as const;
const perRoom = ["site", "room"] as const;
/** An ordered pair of rooms: speech in `from`, heard in `to`. */
const perPair = ["site", "from", "to"] as const;

/** Rolled-up levels; what each field means, and how an hour follows from its minutes: rollup.ts. */
const levelRollup = {
  laeq: "float",
  lafmax: "float",
  l90: "float",
  speechRatio: "float",
  n: "count",
  laeqHistogram: "string",
  l90Histogram: "string",
} as const;

/** What a minute of talk was at the listener; `unknown`: what is heard of it is not known. */
export const hearings = [...HEARINGS, "unknown"] as const;

/** How many minutes were heard how; adds up to `minutes`. The rollups of an hour and of a UTC day: leak-rollup.ts. */
const leakRollup = { minutes: "count", ...countFields(hearings) } as const;

export const measurements = {
  level: {
    tier: "raw",
    tags: perDevice,
    fields: {
      laeq: "float",
      lafmax: "float",
      l90: "float",
      speechRatio: "float",
      noiseLimited: "boolean",
      clipped: "boolean",
    },
  },
  presence: {
    tier: "raw",
    tags: perDevice,
    fields: { occupied: "boolean", confidence: "float", conversation: "boolean", hint: "string", since: "float" },
  },
  spectrum: {
    tier: "raw",
    tags: perDevice,
    fields: {
      speechSeconds: "count",
      laeq: "float",
      l10: "float",
      l50: "float",
      l90: "float",
      ...bandFields("speech", THIRDS_HZ),
      ...bandFields("background", THIRDS_HZ),
    },
  },
  health: {
    tier: "raw",
    tags: perDevice,
    fields: {
      uptime: "count",
      outbox: "count",
      dropped: "count",
      micFloor: "float",
      micDc: "float",
      muted: "boolean",
      asleep: "boolean",
      tamper: "boolean",
      rssi: "float",
      configVersion: "count",
    },
  },
  level_1m: { tier: "minute", tags: perDevice, fields: levelRollup },
  level_1h: { tier: "hour", tags: perDevice, fields: levelRollup },
  /** What a room sounds like when nobody talks; how it follows from `spectrum`: background-rollup.ts. */
  background_1h: {
    tier: "hour",
    tags: perDevice,
    fields: { mean: "float", n: "count", ...bandFields("background", THIRDS_HZ) },
  },
  /** `secondsOverheard`, `worstSii5` and `where` (room ids with commas between) only where it is known what was heard. */
  conversation: {
    tier: "minute",
    tags: perRoom,
    fields: { seconds: "float", hint: "string", secondsOverheard: "float", worstSii5: "float", where: "string" },
  },
  /** One minute of talk in `from`. */
  leak: {
    tier: "minute",
    tags: perPair,
    fields: {
      hearing: "string",
      state: "string",
      snr: "float",
      sii5: "float",
      probability: "float",
      pi: "float",
      spc: "float",
      z: "float",
      ...bandFields("ld", OCTAVES_HZ),
    },
  },
  leak_1h: { tier: "minute", tags: perPair, fields: leakRollup },
  leak_1d: { tier: "minute", tags: perPair, fields: leakRollup },
  /** What the conversations of one local day have shown of a boundary: a building fact, dated by the day only. */
  boundary: {
    tier: "hour",
    tags: perPair,
    fields: {
      episodes: "count",
      ...bandFields("ld", OCTAVES_HZ),
      ...bandFields("sigma", OCTAVES_HZ),
      ...bandFields("bound", OCTAVES_HZ),
    },
  },
} as const satisfies Record<string, Shape>;

export type Measurement = keyof typeof measurements;
export const measurementNames = Object.keys(measurements) as Measurement[];
export const shapeOf = (measurement: Measurement): Shape => measurements[measurement];

/** The fields that a selection answers, in the order of the table: those asked for, and the one that every point has. */
export function selectedFields(measurement: Measurement, asked: readonly string[] | undefined): string[] {
  const all = Object.keys(shapeOf(measurement).fields);
  return asked === undefined ? all : all.filter((field, i) => i === 0 || asked.includes(field));
}

/** How long each tier is kept, days (DESIGN §6). */
export type TierDays = Readonly<Record<Tier, number>>;
/** The same, and for how long after they are over the journal keeps episodes, alerts and what was told of them. */
export interface Retention extends TierDays {
  readonly episodes: number;
}
export const retentionDays: Retention = { raw: 14, minute: 400, hour: 1826, episodes: 400 };
/**
 * A device may tell of an episode a week late, and the forwarder looks for it as far back; and a day that is over for a week
 * is told by all of its week (deliver/daily-digest.ts).
 */
export const LEAST_EPISODE_DAYS = 15;

const DAY_MS = 86_400_000;

/** Per measurement the time before which a purge at `now` removes. */
export const cutoffs = (now: Millis, retention: TierDays): Record<Measurement, Millis> =>
  Object.fromEntries(measurementNames.map((name) => [name, now - retention[shapeOf(name).tier] * DAY_MS])) as Record<
    Measurement,
    Millis
  >;

/** One float per band, named by its nominal frequency. */
function bandFields<P extends string>(prefix: P, bands: readonly number[]): Record<`${P}${number}`, "float"> {
  return Object.fromEntries(bands.map((hz) => [`${prefix}${hz}`, "float"])) as Record<`${P}${number}`, "float">;
}

function countFields<N extends string>(names: readonly N[]): Record<N, "count"> {
  return Object.fromEntries(names.map((name) => [name, "count"])) as Record<N, "count">;
}
