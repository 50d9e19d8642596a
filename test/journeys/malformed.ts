/** Messages that are wrong in many ways, each with the reason for which it must be refused. Seeded. */
import type { Random } from "#firmware/world/random.ts";
import type { RefusalReason } from "#protocol/commands.ts";
import { fiveMinutes, quietLevel, roomState, wellness } from "./speaker.ts";

export interface Malformed {
  readonly topic: string;
  readonly payload: Buffer;
  readonly reason: RefusalReason;
}

const SITE = "fortrolig/v1/jobcentre";
const DAY = 86_400_000;

type Value = Record<string, unknown>;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

function valid(channel: "state" | "level" | "stats" | "health", now: number, random: Random): Value {
  const bodies = { state: roomState("off", now - 60_000), level: quietLevel, stats: fiveMinutes, health: wellness };
  return { boot: "0badf00d", seq: random.integer(0, 1_000_000), t: now, ...bodies[channel] };
}

const channels = ["state", "level", "stats", "health"] as const;

/** `number` that JSON cannot say is written where the word stands. */
const literally = (value: Value, key: string, text: string) =>
  Buffer.from(JSON.stringify({ ...value, [key]: "@" }).replace('"@"', text));

type Fault = (now: number, random: Random) => Malformed;

const on = (channel: string, device = "k1") => `${SITE}/${device}/${channel}`;

/** A valid message of some channel with one thing changed. */
const spoilt =
  (reason: RefusalReason, spoil: (value: Value, random: Random) => Buffer): Fault =>
  (now, random) => {
    const channel = random.pick(channels);
    return { topic: on(channel), payload: spoil(valid(channel, now, random), random), reason };
  };

const level =
  (reason: RefusalReason, spoil: (value: Value, random: Random) => Buffer): Fault =>
  (now, random) => ({ topic: on("level"), payload: spoil(valid("level", now, random), random), reason });

const without = (value: Value, key: string) => Object.fromEntries(Object.entries(value).filter(([k]) => k !== key));
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

export const faults: readonly Fault[] = [
  // not JSON
  spoilt("not-json", () => Buffer.alloc(0)),
  spoilt("not-json", (value, random) => json(value).subarray(0, random.integer(1, 20))),
  spoilt("not-json", (_, random) =>
    Buffer.from(Array.from({ length: random.integer(1, 200) }, () => random.integer(128, 191))),
  ),
  spoilt("not-json", (value) => Buffer.concat([json(value), Buffer.from("}")])),
  spoilt("not-json", (value) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json(value)])),
  spoilt("not-json", (value) => Buffer.from(JSON.stringify(value).replaceAll('"', "'"))),
  spoilt("not-json", (value) => Buffer.from(JSON.stringify(value), "utf16le")),
  spoilt("not-json", (value) => Buffer.from(JSON.stringify({ ...value, note: "@" }).replace("@", "\\ud8"))),
  level("not-json", (value) => literally(value, "laeq", "NaN")),
  level("not-json", (value) => literally(value, "laeq", "-Infinity")),
  level("not-json", (value) => literally(value, "laeq", "0x2a")),
  // JSON, but no reading
  spoilt("schema", (_, random) => json(random.pick([null, true, 42, "level", [], {}, [{}]]))),
  spoilt("schema", (_, random) => Buffer.from(nested(random.integer(100, 1900)))),
  spoilt("schema", (value, random) => json(without(value, random.pick(Object.keys(value))))),
  spoilt("schema", (value) => json({ ...value, words: "what was said" })),
  spoilt("schema", (value) => json({ ...value, boot: "not-a-boot" })),
  spoilt("schema", (value, random) => json({ ...value, seq: random.pick([-1, 0.5, "7", null, 2 ** 52]) })),
  spoilt("schema", (value) => json({ ...value, t: Math.floor((value.t as number) / 1000) })),
  spoilt("schema", (value) => json({ ...value, t: new Date(value.t as number).toISOString() })),
  level("schema", (value, random) => json({ ...value, laeq: random.pick([-5, 19.5, 120, 1e9, -1e300]) })),
  level("schema", (value) => json({ ...value, laeq: 42.3 })),
  level("schema", (value) => literally(value, "laeq", "1e999")),
  level("schema", (value) => json({ ...value, laeq: "42.5" })),
  level("schema", (value) => json({ ...value, speechRatio: 1.1 })),
  level("schema", (value) => json({ ...value, clipped: 0 })),
  level("schema", (value) => Buffer.from(JSON.stringify(value).replace("{", '{"__proto__":{"laeq":42},'))),
  (now, random) => ({
    topic: on("state"),
    payload: json({ ...valid("state", now, random), since: Math.floor(now / 1000) * 1000 - 3 * 3600_000 }),
    reason: "schema",
  }),
  (now, random) => ({
    topic: on("stats"),
    payload: json({ ...valid("stats", now, random), background: Array.from({ length: 15 }, () => 40) }),
    reason: "schema",
  }),
  (now, random) => ({ topic: on("stats"), payload: json(valid("level", now, random)), reason: "schema" }),
  // too much
  spoilt("oversize", (value, random) => json({ ...value, words: "x".repeat(random.integer(4096, 8000)) })),
  spoilt("oversize", (_, random) => Buffer.alloc(random.integer(4097, 30_000), 0x20)),
  // the wrong clock
  spoilt("clock-ahead", (value, random) => json(shifted(value, random.pick([120_000, 3600_000, DAY, 365 * DAY])))),
  spoilt("clock-behind", (value, random) =>
    json(shifted(value, -random.pick([7 * DAY + 3600_000, 30 * DAY, 3650 * DAY]))),
  ),
  // somebody else, somewhere else
  (now, random) => ({
    topic: on("level", `x${random.integer(0, 10_000)}`),
    payload: json(valid("level", now, random)),
    reason: "unknown-device",
  }),
  (now, random) => ({
    topic: `fortrolig/v1/elsewhere/k1/level`,
    payload: json(valid("level", now, random)),
    reason: "bad-topic",
  }),
  (now, random) => ({
    topic: random.pick([
      "level",
      "fortrolig",
      "fortrolig/v2/jobcentre/k1/level",
      "/",
      " ",
      `${SITE}/k1/audio`,
      `${SITE}/k1/level/x`,
      `${SITE}/K1/level`,
      `${SITE}//level`,
      `${SITE}/k1/receipt`,
      `${SITE}/k1/config`,
      "æøå/🦊",
    ]),
    payload: json(valid("level", now, random)),
    reason: "bad-topic",
  }),
  // what nobody has allowed
  (now, random) => ({
    topic: on("bands"),
    payload: json({
      boot: "0badf00d",
      seq: random.integer(0, 1000),
      t: now,
      levels: Array.from({ length: 10 }, () => [40, 41.5, 42, 30, 25]),
      speech: Array.from({ length: 10 }, () => true),
      clockError: 10,
    }),
    reason: "no-lease",
  }),
];

function shifted(value: Value, ms: number): Value {
  const since = value.since === undefined ? {} : { since: (value.since as number) + ms };
  return { ...value, t: (value.t as number) + ms, ...since };
}

/** `count` of them, every kind in turn. */
export const malformed = (count: number, now: number, random: Random): Malformed[] =>
  Array.from({ length: count }, (_, i) => faults[i % faults.length]!(now, random));
