/**
 * What a device says: one schema per channel, unknown fields refused, every number bounded and quantised.
 * There is no field that could carry audio or free text (PRIVACY §1.1).
 */
import { z } from "zod";
import { count, header, Id, LevelDb, OctaveDb, quantity, Ratio10, Ratio20, ThirdDb } from "./quantities.ts";

const SECOND = 1000;
/** How far back `since` reaches; a longer state keeps saying "half an hour". */
export const SINCE_REACH_S = 1800;
const version = z.string().regex(/^[0-9a-z.+-]{1,24}$/, "use 1–24 characters of a–z, 0–9, . + -");

/** What the firmware takes the activity for. A hint: alerts key on `conversation` alone (ACOUSTICS §5.2.4). */
export const Hint = z.enum(["dialogue", "one-sided", "media", "unknown"]);
export type Hint = z.infer<typeof Hint>;

/** Occupied and conversing, now. At once on change and every 30 s; a token bucket holds it to one per 20 s in the long run. */
export const State = z
  .strictObject({
    ...header,
    occupied: z.boolean(),
    confidence: Ratio20.describe("of `occupied`, 0–1"),
    conversation: z.enum(["on", "off"]),
    hint: Hint,
    since: z
      .int()
      .multipleOf(SECOND)
      .describe("ms UTC: the second `conversation` took its present value, at most half an hour before `t`")
      .meta({ values: SINCE_REACH_S + 1 }),
  })
  .refine((s) => s.since <= s.t && s.since >= s.t - (SINCE_REACH_S + 1) * SECOND, {
    path: ["since"],
    error: "must lie within the half hour before t",
  });

/** Sound level over a 10 s window, aligned to UTC. */
export const Level = z.strictObject({
  ...header,
  laeq: LevelDb.describe("LAeq,10s, dBA"),
  lafmax: LevelDb.describe("LAFmax in the window, dBA"),
  l90: LevelDb.describe("LAF exceeded 90 % of the last 60 s, dBA"),
  speechRatio: Ratio10.describe("share of the ten seconds that are speech, 0–1"),
  noiseLimited: z.boolean().describe("the microphone's own noise is within 3 dB of the measured level"),
  clipped: z.boolean(),
});

/** Ten one-second frames of five octaves, 250 Hz to 4 kHz. Published only under a lease, never written to disk. */
export const Bands = z.strictObject({
  ...header,
  levels: z
    .array(z.array(OctaveDb).length(5))
    .length(10)
    .describe("dB, [second][octave 250, 500, 1000, 2000, 4000 Hz]"),
  speech: z.array(z.boolean()).length(10),
  clockError: quantity(-500, 500, 10).describe("ms, estimate of the device clock's error"),
});

/** Statistics over 300 s in 16 one-third octaves, 160 Hz to 5 kHz. */
export const Stats = z.strictObject({
  ...header,
  speechSeconds: count(300),
  speech: z
    .array(ThirdDb)
    .length(16)
    .nullable()
    .describe("energy mean over the speech seconds, dB; null when they are fewer than 60"),
  background: z
    .array(ThirdDb)
    .length(16)
    .nullable()
    .describe("L90 of the other seconds, dB; null when they are fewer than 60"),
  laeq: LevelDb,
  l10: LevelDb,
  l50: LevelDb,
  l90: LevelDb,
});

/** How the device itself is. Counters stop at their greatest value. */
export const Health = z.strictObject({
  ...header,
  uptime: count(8191).describe("h"),
  outbox: count(65_535).describe("messages waiting for a receipt"),
  dropped: count(65_535).describe("messages the full outbox has dropped in this boot"),
  micFloor: quantity(0, 60, 0.5).describe("self-test: the lowest LAF of the last hour, dBA"),
  micDc: quantity(-5, 5, 0.5).describe("self-test: DC offset, % of full scale"),
  muted: z.boolean(),
  asleep: z.boolean().describe("outside the hours in which the site measures"),
  tamper: z.boolean(),
  rssi: quantity(-100, -20, 5).describe("dBm"),
  configVersion: count(255).describe("version of the configuration applied, modulo 256; 0 for none"),
});

export const Capability = z.enum(["state", "level", "stats", "bands", "health", "indicator", "mute-switch"]);

/** Said once per connection, retained: what this device is and in which units it speaks. */
export const Birth = z.strictObject({
  ...header,
  firmware: version,
  capabilities: z.array(Capability).max(Capability.options.length),
  reference: z.literal("spl").describe("levels are re 20 µPa; dBFS is not accepted"),
  weighting: z.literal("A"),
  calibration: z.strictObject({ id: Id, date: z.iso.date() }),
  microphone: version,
  clock: z.enum(["sntp", "host", "simulated"]),
});

/** Retained; also the will. A will whose boot is not the device's present one is ignored. */
export const Status = z.strictObject({ ...header, status: z.enum(["online", "offline"]) });

/** Which schema a channel's payload obeys: the topic selects the type. */
export const readingSchemas = {
  birth: Birth,
  status: Status,
  state: State,
  level: Level,
  bands: Bands,
  stats: Stats,
  health: Health,
} as const;

export type ReadingChannel = keyof typeof readingSchemas;
export type Readings = { [C in ReadingChannel]: z.infer<(typeof readingSchemas)[C]> };

/** The channels whose messages the gateway journals, stores and answers with receipts: those that `seq` counts. */
export const sequencedChannels = ["state", "level", "stats", "health"] as const satisfies readonly ReadingChannel[];
export type SequencedChannel = (typeof sequencedChannels)[number];
export const isSequenced = (channel: string): channel is SequencedChannel =>
  (sequencedChannels as readonly string[]).includes(channel);
