/**
 * What a client may think of saying, drawn from a seed: right messages, right messages with wrong contents, packets that
 * follow the grammar in everything but sense, right packets with bytes changed, and noise. Pure; `now` comes with the question.
 */
import type { Random } from "#firmware/world/random.ts";
import { samples } from "#gateway/ingest/sample.fixture.ts";
import { delivery, isReadingChannel, topicFor } from "#protocol/topics.ts";
import {
  type Connect,
  connect,
  disconnect,
  packet,
  pingreq,
  puback,
  publish,
  pubrel,
  subscribe,
  unsubscribe,
} from "#test/mqtt/packets.ts";
import { DEVICES, deviceName, FOREIGN_BOOT, GOOD, SILENT, SITE } from "./house.ts";

type Channel = keyof typeof delivery;
const channels = Object.keys(delivery) as Channel[];
const readings = channels.filter(isReadingChannel);

/** Who speaks: a device under its own name, with messages of its own. */
export interface Speaker {
  readonly device: string;
  readonly connect: Connect;
  /** Of its own messages. */
  readonly boot: string;
  seq: number;
}

export const kinds = ["right", "contents", "foreign", "grammar", "mutated", "noise"] as const;
export type Kind = (typeof kinds)[number];

/** How often each, of a hundred. The last three mostly end their connection. */
const SHARES: readonly (readonly [Kind, number])[] = [
  ["right", 15],
  ["contents", 40],
  ["foreign", 12],
  ["grammar", 15],
  ["mutated", 14],
  ["noise", 4],
];

export function drawKind(random: Random): Kind {
  let at = random.integer(0, 99);
  for (const [kind, share] of SHARES) {
    if (at < share) return kind;
    at -= share;
  }
  return "noise";
}

export function drawPacket(kind: Kind, random: Random, speaker: Speaker, now: number): Buffer {
  switch (kind) {
    case "right":
      return right(random, speaker, now);
    case "contents":
      return contents(random, speaker, now);
    case "foreign":
      return foreign(random, speaker, now);
    case "grammar":
      return grammatical(random, speaker);
    case "mutated":
      return mutated(random, whole(random, speaker, now));
    case "noise":
      return noise(random, random.integer(1, 300));
  }
}

const own = (random: Random, { device }: Speaker, of: readonly Channel[] = readings) =>
  topicFor(SITE, device, random.pick(of));
const identifier = (random: Random) => random.integer(1, 65_535);
const channelOf = (topic: string) => topic.split("/").at(-1) as keyof typeof samples;

/** A reading of now, as the firmware would say it. */
const reading = (topic: string, boot: string, seq: number, t: number): Record<string, unknown> => ({
  ...samples[channelOf(topic)],
  boot,
  seq,
  t,
  ...(topic.endsWith("/state") && { since: Math.floor(t / 1000) * 1000 - 5000 }),
});

function right(random: Random, speaker: Speaker, now: number): Buffer {
  const topic = own(random, speaker);
  const again = speaker.seq > 0 && random.chance(0.1);
  const seq = again ? random.integer(0, speaker.seq - 1) : speaker.seq++;
  const payload = JSON.stringify(reading(topic, speaker.boot, seq, now));
  const qos = random.chance(0.8) ? 1 : (random.pick([0, 2]) as 0 | 2);
  return publish({ topic, payload, qos, id: identifier(random), dup: random.chance(0.1), retain: random.chance(0.1) });
}

/** Valid but for whose it is. */
function foreign(random: Random, { device }: Speaker, now: number): Buffer {
  const another = deviceName(random.integer(0, DEVICES - 1));
  const other = random.pick(another === device ? [GOOD, SILENT] : [GOOD, SILENT, another]);
  const boot = FOREIGN_BOOT + random.integer(0, 0xffff).toString(16).padStart(4, "0");
  const topic = topicFor(random.chance(0.8) ? SITE : "elsewhere", other, random.pick(readings));
  const payload = JSON.stringify(reading(topic, boot, random.integer(0, 1000), now));
  return publish({
    topic,
    payload,
    qos: random.pick([0, 1, 1, 1, 2]),
    id: identifier(random),
    retain: random.chance(0.2),
  });
}

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  "",
  "x",
  "1",
  [],
  {},
  -1,
  0,
  0.1,
  1e308,
  -1e308,
  2 ** 53,
  141,
  -141,
  [[[[]]]],
  { $gt: 0 },
  "\u0000",
  "\ud800",
  "__proto__",
  "0a1b2c3d4",
  Array.from({ length: 500 }, () => 0),
  "k".repeat(5000),
];
const ODD_KEYS = ["__proto__", "constructor", "toString", "audio", "text", "person", "", "boot", "0", "T", "seq "];
/** What JSON cannot say of numbers, and what is JSON by half. */
const ODD_TEXTS = [
  "",
  " ",
  "{",
  "null",
  "0",
  "[]",
  "NaN",
  '{"boot":',
  "\ufeff{}",
  "{}{}",
  '{"t":NaN}',
  '{"t":1e999}',
  "[".repeat(4000),
  '{"a":'.repeat(700),
];

/** A message on one of the speaker's own topics, with contents that are wrong in one way or several. */
function contents(random: Random, speaker: Speaker, now: number): Buffer {
  const topic = own(random, speaker, random.chance(0.9) ? readings : channels);
  const odd = { topic, id: identifier(random), qos: random.pick([0, 1, 1, 1, 2] as const), retain: random.chance(0.1) };
  const choice = random.integer(0, 9);
  if (choice === 0) return publish({ ...odd, payload: random.pick(ODD_TEXTS) });
  if (choice === 1) return publish({ ...odd, payload: noise(random, random.integer(0, 6000)) });
  const t = now + random.pick([0, 0, 0, -8 * 86_400_000, 31_000, 3600_000, -now]);
  const body = isReadingChannel(channelOf(topic)) ? reading(topic, speaker.boot, speaker.seq++, t) : { until: now };
  for (let times = random.integer(1, 3); times > 0; times--) spoil(random, body);
  const text = Buffer.from(JSON.stringify(body));
  return publish({ ...odd, payload: choice === 2 ? mutated(random, text) : text });
}

function spoil(random: Random, body: Record<string, unknown>): void {
  const keys = Object.keys(body);
  const key = keys.length > 0 ? random.pick(keys) : "t";
  const value = body[key];
  switch (random.integer(0, 5)) {
    case 0:
      delete body[key];
      return;
    case 1:
      Object.defineProperty(body, random.pick(ODD_KEYS), {
        value: random.pick(ODD_VALUES),
        enumerable: true,
        writable: true,
        configurable: true,
      });
      return;
    case 2:
      if (typeof value === "number") body[key] = value + random.pick([0.01, -0.25, 0.5, 1000, -1000, 2 ** 31]);
      return;
    case 3:
      if (Array.isArray(value)) body[key] = random.chance(0.5) ? value.slice(1) : [...value, value[0]];
      return;
    case 4:
      if (Array.isArray(value) && value.length > 0)
        body[key] = value.with(random.integer(0, value.length - 1), random.pick(ODD_VALUES));
      return;
    default:
      body[key] = random.pick(ODD_VALUES);
  }
}

const LEVELS = [
  "fortrolig",
  "v1",
  SITE,
  "elsewhere",
  "+",
  "#",
  "",
  "$SYS",
  "$share",
  "room",
  "gateway",
  "claim",
  GOOD,
  "d0",
  "\u0000",
  "é",
];

function anyTopic(random: Random, speaker: Speaker): string | Buffer {
  const choice = random.integer(0, 9);
  if (choice < 3) return own(random, speaker, channels);
  if (choice < 7) {
    const levels = Array.from({ length: random.integer(1, 6) }, () =>
      random.pick(random.chance(0.8) ? LEVELS : channels),
    );
    return levels.join("/");
  }
  if (choice === 7) return "a/".repeat(random.integer(1, 300));
  return noise(random, random.integer(0, 60));
}

/** Any type of packet with any flags, its fields there and of the right form, but of no sense. */
function grammatical(random: Random, speaker: Speaker): Buffer {
  const filter = (): readonly [string | Buffer, number] => [anyTopic(random, speaker), random.integer(0, 4)];
  const id = () => random.pick([0, 1, 2, 65_535, random.integer(0, 65_535)]);
  switch (random.integer(0, 9)) {
    case 0:
      return connect(oddConnect(random, speaker));
    case 1:
    case 2:
      return subscribe(id(), ...Array.from({ length: random.integer(0, 30) }, filter));
    case 3:
      return unsubscribe(id(), ...Array.from({ length: random.integer(0, 30) }, () => own(random, speaker, channels)));
    case 4:
      return puback(id());
    case 5:
      return pubrel(id());
    case 6:
      return random.pick([pingreq, disconnect]);
    case 7:
      return packet(random.integer(0, 15), random.integer(0, 15), noise(random, random.integer(0, 40)));
    default:
      return publish({
        topic: anyTopic(random, speaker),
        payload: noise(random, random.integer(0, 200)),
        qos: random.integer(0, 3) as 0 | 1 | 2 | 3,
        id: id(),
        dup: random.chance(0.3),
        retain: random.chance(0.3),
      });
  }
}

/** With which a connection may begin instead of the right one. */
export function oddConnect(random: Random, speaker: Speaker): Connect {
  // Where no credential is asked for, who comes under a name takes its place, also one who speaks properly.
  const names = ["", "x".repeat(2000), `${speaker.device}-hello-1`, "\u0000"];
  if (speaker.connect.user !== undefined) names.push(GOOD);
  const will = {
    topic: String(anyTopic(random, speaker)),
    payload: "{",
    qos: random.integer(0, 2) as 0 | 1 | 2,
    retain: random.chance(0.5),
  };
  return {
    ...speaker.connect,
    ...(random.chance(0.3) && { id: random.pick(names) }),
    ...(random.chance(0.4) && { will }),
    ...(random.chance(0.2) && {
      user: random.pick(["", GOOD, "admin", "\u0000"]),
      password: noise(random, random.integer(0, 80)),
    }),
    ...(random.chance(0.2) && { level: random.integer(0, 6) }),
    ...(random.chance(0.2) && { flags: random.integer(0, 255) }),
    clean: random.chance(0.7),
    keepaliveS: random.pick([0, 1, 65_535]),
  };
}

/** A right packet of any kind, to be spoilt. */
function whole(random: Random, speaker: Speaker, now: number): Buffer {
  const choice = random.integer(0, 5);
  if (choice === 0) return connect(speaker.connect);
  if (choice === 1) return subscribe(identifier(random), [own(random, speaker, channels), 1]);
  if (choice === 2) return pubrel(identifier(random));
  return right(random, speaker, now);
}

/** Bytes changed, put in, taken out, doubled, cut off. */
function mutated(random: Random, bytes: Buffer): Buffer {
  let changed = Buffer.from(bytes);
  for (let times = random.integer(1, 6); times > 0 && changed.length > 0; times--) {
    const at = random.integer(0, changed.length - 1);
    const to = Math.min(changed.length, at + random.integer(1, 12));
    switch (random.integer(0, 5)) {
      case 0:
        changed[at]! ^= 1 << random.integer(0, 7);
        break;
      case 1:
        changed[at] = random.pick([0, 0x7f, 0x80, 0xff, random.integer(0, 255)]);
        break;
      case 2:
        changed = Buffer.concat([changed.subarray(0, at), noise(random, random.integer(1, 8)), changed.subarray(at)]);
        break;
      case 3:
        changed = Buffer.concat([changed.subarray(0, at), changed.subarray(to)]);
        break;
      case 4:
        changed = Buffer.concat([changed.subarray(0, to), changed.subarray(at)]);
        break;
      default:
        changed = Buffer.from(changed.subarray(0, at + 1));
    }
  }
  return changed;
}

const noise = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
