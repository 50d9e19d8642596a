/**
 * Every measurement, its tags and its fields with their types, in one table: written, read and checked by it alone.
 * Numbers are floats except explicit counts. Tags name places and devices, never a person.
 */
export type FieldType = "float" | "count" | "boolean" | "string";
export type Tier = "raw" | "minute" | "hour";

interface Shape {
  readonly tier: Tier;
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, FieldType>>;
}

const perDevice = ["site", "room", "device"] as const;
const perRoom = ["site", "room"] as const;

/** Rolled-up levels: energy means recomposed from mean and count, percentiles from a 1 dB histogram. */
const levelRollup = {
  laeq: "float",
  lafmax: "float",
  l90: "float",
  speechRatio: "float",
  n: "count",
  histogram: "string",
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
export const shapeOf = (measurement: Measurement): Shape => measurements[measurement];

/** How long each tier is kept, days (DESIGN §6). */
export const retentionDays: Readonly<Record<Tier, number>> = { raw: 14, minute: 400, hour: 1826 };

function thirdFields<P extends string>(prefix: P): Record<`${P}${number}`, "float"> {
  const bands = [160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000];
  return Object.fromEntries(bands.map((hz) => [`${prefix}${hz}`, "float"])) as Record<`${P}${number}`, "float">;
}
