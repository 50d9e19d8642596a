/**
 * Every measurement, its tags and its fields with their types, in one table: written, read and checked by it alone.
 * Numbers are floats except explicit counts. Tags name places and devices, never a person.
 */
import { THIRDS_HZ as thirdBands } from "#protocol/acoustics/bands.ts";
import type { Millis } from "#protocol/quantities.ts";

export type FieldType = "float" | "count" | "boolean" | "string";
export type Tier = "raw" | "minute" | "hour";

export interface Shape {
  readonly tier: Tier;
  /** Each is in every point, and none is empty. */
  readonly tags: readonly string[];
  /** The first is in every point, so that counting it counts points; the others may be absent. */
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** Bands of `stats`. */
export { thirdBands };

const perDevice = ["site", "room", "device"] as const;
const perRoom = ["site", "room"] as const;

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
      ...thirdFields("speech"),
      ...thirdFields("background"),
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
  conversation: { tier: "minute", tags: perRoom, fields: { seconds: "float", hint: "string" } },
} as const satisfies Record<string, Shape>;

export type Measurement = keyof typeof measurements;
export const measurementNames = Object.keys(measurements) as Measurement[];
export const shapeOf = (measurement: Measurement): Shape => measurements[measurement];

/** How long each tier is kept, days (DESIGN §6). */
export type Retention = Readonly<Record<Tier, number>>;
export const retentionDays: Retention = { raw: 14, minute: 400, hour: 1826 };

/** Things that have a measurement, by the tier they belong to. */
export function byTier<T extends { readonly measurement: Measurement }>(things: readonly T[]): Map<Tier, T[]> {
  return Map.groupBy(things, ({ measurement }) => shapeOf(measurement).tier);
}

const DAY_MS = 86_400_000;

/** Per measurement the time before which a purge at `now` removes. */
export const cutoffs = (now: Millis, retention: Retention): Record<Measurement, Millis> =>
  Object.fromEntries(measurementNames.map((name) => [name, now - retention[shapeOf(name).tier] * DAY_MS])) as Record<
    Measurement,
    Millis
  >;

function thirdFields<P extends string>(prefix: P): Record<`${P}${number}`, "float"> {
  return Object.fromEntries(thirdBands.map((hz) => [`${prefix}${hz}`, "float"])) as Record<`${P}${number}`, "float">;
}
