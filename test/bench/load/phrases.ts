/**
 * What a device says, as PUBLISH packets made once and patched in place: the readings of 300 s in the cadence of the
 * firmware (30 `level`, 10 `state`, 5 `health`, 1 `stats`), with the JSON that the firmware would publish.
 */
import { HEALTH_PERIOD_S, LEVEL_WINDOW_S, STATE_PERIOD_S, STATS_WINDOW_S } from "#protocol/cadence.ts";
import { readingSchemas, type SequencedChannel } from "#protocol/readings.ts";
import { topicFor } from "#protocol/topics.ts";

/** `d0042`: of one width, so that it can be patched. */
export const deviceName = (index: number): string => `d${String(index).padStart(DEVICE_DIGITS, "0")}`;
const DEVICE_DIGITS = 4;
const MILLIS_DIGITS = 13;
const BOOT_DIGITS = 8;
const BOOT = "b".repeat(BOOT_DIGITS);
const T = 10 ** (MILLIS_DIGITS - 1);
const QOS1_PUBLISH = 0x32;

/** Where the changing parts of a packet begin; `since` −1 where there is none. */
export interface Phrase {
  readonly channel: SequencedChannel;
  readonly packet: Buffer;
  readonly payloadBytes: number;
  readonly device: number;
  readonly packetId: number;
  readonly boot: number;
  readonly seq: number;
  readonly t: number;
  readonly since: number;
}

/** Which time the readings are of. */
export type Times = "now" | "backlog";

/** One message of the 300 s. */
export interface Slot {
  readonly second: number;
  readonly channel: SequencedChannel;
  /** By the number of digits of `seq`; of `state` first without, then with a conversation. */
  readonly phrases: readonly (readonly Phrase[])[];
}

const MAX_SEQ_DIGITS = 7;

/** In the order in which a device says them. */
export function makeSlots(site: string): Slot[] {
  const slots: Slot[] = [];
  for (let second = LEVEL_WINDOW_S; second <= STATS_WINDOW_S; second += LEVEL_WINDOW_S) {
    const channels: [SequencedChannel, number][] = [
      ["level", LEVEL_WINDOW_S],
      ["state", STATE_PERIOD_S],
      ["health", HEALTH_PERIOD_S],
      ["stats", STATS_WINDOW_S],
    ];
    for (const [channel, period] of channels) if (second % period === 0) slots.push(makeSlot(site, channel, second));
  }
  return slots;
}

function makeSlot(site: string, channel: SequencedChannel, second: number): Slot {
  const bodies = channel === "state" ? [state("off"), state("on")] : [bodyOf(channel, second)];
  return {
    second,
    channel,
    phrases: bodies.map((body) =>
      Array.from({ length: MAX_SEQ_DIGITS + 1 }, (_, digits) =>
        makePhrase(site, channel, body, digits === 0 ? 0 : 10 ** (digits - 1)),
      ),
    ),
  };
}

/** Values that differ from one message to the next, in the steps of the schemas. */
function bodyOf(channel: Exclude<SequencedChannel, "state">, second: number): object {
  const step = (second * 7) % 41;
  const half = (from: number) => from + step / 2;
  if (channel === "level")
    return {
      laeq: half(38),
      lafmax: half(47),
      l90: half(31),
      speechRatio: (step % 11) / 10,
      noiseLimited: false,
      clipped: false,
    };
  if (channel === "stats") {
    const thirds = (from: number) => Array.from({ length: 16 }, (_, band) => half(from) - band / 2);
    return {
      speechSeconds: 120,
      speech: thirds(48),
      background: thirds(28),
      laeq: half(40),
      l10: half(44),
      l50: half(36),
      l90: half(30),
    };
  }
  return {
    uptime: 3,
    outbox: step,
    dropped: 0,
    micFloor: 29.5,
    micDc: 0.5,
    muted: false,
    asleep: false,
    tamper: false,
    rssi: -60,
    configVersion: 1,
  };
}

const state = (conversation: "on" | "off"): object => ({
  occupied: true,
  confidence: 0.9,
  conversation,
  hint: conversation === "on" ? "dialogue" : "unknown",
  since: T,
});

/** Throws when the schema would refuse it. */
function makePhrase(site: string, channel: SequencedChannel, body: object, seq: number): Phrase {
  const reading = { boot: BOOT, seq, t: T, ...body };
  readingSchemas[channel].parse(reading);
  const topic = topicFor(site, deviceName(0), channel);
  const payload = JSON.stringify(reading);
  const header = [QOS1_PUBLISH, ...remainingLength(2 + topic.length + 2 + payload.length), 0, topic.length];
  const packet = Buffer.concat([Buffer.from(header), Buffer.from(topic), Buffer.from([0, 0]), Buffer.from(payload)]);
  const body0 = header.length + topic.length + 2;
  const at = (key: string) => payload.indexOf(`"${key}":`) + key.length + 3;
  return {
    channel,
    packet,
    payloadBytes: payload.length,
    device: header.length + topic.indexOf(deviceName(0)) + 1,
    packetId: header.length + topic.length,
    boot: body0 + at("boot") + 1,
    seq: body0 + at("seq"),
    t: body0 + at("t"),
    since: "since" in body ? body0 + at("since") : -1,
  };
}

/** MQTT 3.1.1 §2.2.3. */
export function remainingLength(length: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((length % 128) | (length >= 128 ? 128 : 0));
    length = Math.floor(length / 128);
  } while (length > 0);
  return bytes;
}

/** Writes `value` in `digits` decimal digits. */
function putNumber(packet: Uint8Array, at: number, digits: number, value: number): void {
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = Math.floor(value / 10);
    packet[i] = 48 + (value - rest * 10);
    value = rest;
  }
}

const digitsOf = (value: number): number => {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
};

/** Talk and silence take turns after so long: eight changes a second in a thousand rooms, and alerts among them. */
const TALK_MS = 120_000;
/** What an outbox reaches back to. */
const BACKLOG_MS = 72 * 3600_000;
const PERIOD_MS = STATS_WINDOW_S * 1000;

/**
 * One device's words in the firmware's order, at any speed. `now`: each is of the present moment, and of no other's.
 * `backlog`: each is of its own time, from three days ago on.
 */
export class Voice {
  readonly #slots: readonly Slot[];
  readonly #index: number;
  readonly #boot: string;
  readonly #backlogFrom: number | null;
  #seq = 0;
  #t = 0;

  constructor(slots: readonly Slot[], index: number, boot: number, times: Times = "now") {
    this.#slots = slots;
    this.#index = index;
    this.#boot = (boot >>> 0).toString(16).padStart(BOOT_DIGITS, "0");
    this.#backlogFrom = times === "backlog" ? Date.now() - BACKLOG_MS + (index % LEVEL_WINDOW_S) * 1000 : null;
  }

  /** The next message's packet, valid until the next call with any voice of the same slots. `now` in ms UTC. */
  next(now: number, packetId: number): Phrase {
    const seq = this.#seq++;
    const place = seq + this.#index * 5;
    const slot = this.#slots[place % this.#slots.length]!;
    if (this.#backlogFrom === null) this.#t = now > this.#t ? now : this.#t + 1;
    else this.#t = this.#backlogFrom + Math.floor(place / this.#slots.length) * PERIOD_MS + slot.second * 1000;
    const phase = Math.floor((this.#t + this.#index * STAGGER_MS) / TALK_MS);
    const digits = digitsOf(seq);
    const phrase = slot.phrases[slot.channel === "state" ? phase % 2 : 0]![digits]!;
    const { packet } = phrase;
    putNumber(packet, phrase.device, DEVICE_DIGITS, this.#index);
    packet[phrase.packetId] = packetId >> 8;
    packet[phrase.packetId + 1] = packetId & 0xff;
    for (let i = 0; i < BOOT_DIGITS; i++) packet[phrase.boot + i] = this.#boot.charCodeAt(i);
    putNumber(packet, phrase.seq, digits, seq);
    putNumber(packet, phrase.t, MILLIS_DIGITS, this.#t);
    if (phrase.since >= 0) putNumber(packet, phrase.since, MILLIS_DIGITS, phase * TALK_MS - this.#index * STAGGER_MS);
    return phrase;
  }
}

/** Rooms change one after another; whole seconds, as `since` is told in. */
const STAGGER_MS = 7000;
