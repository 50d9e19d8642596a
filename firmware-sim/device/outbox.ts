/**
 * What the device has said and the gateway has not yet confirmed to have stored.
 *
 * A message leaves on a receipt, never on a PUBACK: PUBACK says that the next hop has it. Without a receipt it is sent
 * again, under the same boot and seq. Reaches back 72 hours of messages; what is older is dropped and counted.
 * No clock and no randomness of its own: the present time comes with each call.
 */
import { HEALTH_PERIOD_S, LEVEL_WINDOW_S, STATE_PERIOD_S, STATS_WINDOW_S } from "#protocol/cadence.ts";
import type { Commands, RefusalReason } from "#protocol/commands.ts";
import type { Boot, Millis } from "#protocol/quantities.ts";
import type { SequencedChannel } from "#protocol/readings.ts";
import { type BackOff, backOffCeiling } from "./back-off.ts";
import type { Body } from "./readings/reading.ts";

const REACH_S = 72 * 3600;

export interface OutboxRules {
  /** How many messages back the outbox reaches. */
  readonly capacity: number;
  /** Messages younger than this at a connect are the present situation and go before the backlog, ms. */
  readonly liveMs: number;
  /** Backlog and repeats, messages/s: a fleet of 5,000 coming back together stays below what a gateway takes in. */
  readonly backlogPerS: number;
  /** Wait for a receipt before sending again, doubled for each repeat. */
  readonly resend: BackOff;
}

export const OUTBOX_RULES: OutboxRules = {
  capacity: Math.ceil(REACH_S * (1 / STATE_PERIOD_S + 1 / LEVEL_WINDOW_S + 1 / STATS_WINDOW_S + 1 / HEALTH_PERIOD_S)),
  liveMs: STATE_PERIOD_S * 1000,
  backlogPerS: 20,
  resend: { baseMs: 15_000, ceilingMs: 600_000 },
};

/** A message with its identity; what survives a reboot. */
export interface Kept {
  readonly boot: Boot;
  readonly seq: number;
  readonly channel: SequencedChannel;
  /** JSON as it is published. */
  readonly payload: string;
  readonly addedAt: Millis;
}

interface Entry extends Kept {
  situation: "unsent" | "in-flight" | "unreceipted";
  sends: number;
  resendAt: Millis;
}

/** A message to be published now; given back with `acknowledged`. */
export type Parcel = Readonly<Entry>;

/** The messages of one boot begin at position `from`; its number `seq` is at `seq + shift`. Newest boot last. */
interface BootPlace {
  readonly boot: Boot;
  readonly from: number;
  readonly shift: number;
}

/** These can never be stored, however often they are sent. */
const hopeless: ReadonlySet<RefusalReason> = new Set(["oversize", "bad-topic", "not-json", "schema", "clock-behind"]);

export class Outbox {
  readonly boot: Boot;
  readonly #rules: OutboxRules;
  /** Ring over positions [oldest, next), a power of two long; grows up to the capacity. */
  #slots: (Entry | undefined)[] = new Array(64).fill(undefined);
  #oldest = 0;
  #next = 0;
  /** Live messages before this position have been sent over the present link. */
  #liveCursor = 0;
  #places: BootPlace[] = [];
  #allowance = 0;
  #allowanceAt = 0;
  #depth = 0;
  #dropped = 0;
  #refused = 0;

  /** `kept` is what an earlier boot of the same device left, in its order. */
  constructor(boot: Boot, rules: Partial<OutboxRules> = {}, kept: readonly Kept[] = []) {
    this.boot = boot;
    this.#rules = { ...OUTBOX_RULES, ...rules };
    for (const message of kept) this.#restore(message);
    this.#places.push({ boot, from: this.#next, shift: this.#next });
  }

  /** Messages without a receipt. */
  get depth(): number {
    return this.#depth;
  }

  /** Messages that fell off the end unconfirmed in this boot. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Messages given up because the gateway can never store them. */
  get refused(): number {
    return this.#refused;
  }

  /** The number the next message gets; `birth` and `status` carry it without using it up. */
  get nextSeq(): number {
    return this.#next - this.#places.at(-1)!.shift;
  }

  /** Everything unconfirmed, oldest first. */
  kept(): Kept[] {
    return [...this.#entries()].map(({ boot, seq, channel, payload, addedAt }) => ({
      boot,
      seq,
      channel,
      payload,
      addedAt,
    }));
  }

  /** Gives the message its identity and keeps it. */
  add<C extends SequencedChannel>(channel: C, body: Body<C>, now: Millis): Kept {
    const seq = this.nextSeq;
    const payload = JSON.stringify({ boot: this.boot, seq, ...body });
    return this.#put({ boot: this.boot, seq, channel, payload, addedAt: now, ...unsent });
  }

  /** The link is up: what was said lately goes first, the rest becomes the backlog. */
  connected(now: Millis): void {
    this.#liveCursor = this.#next;
    for (let at = this.#next - 1; at >= this.#oldest; at--) {
      const entry = this.#at(at);
      if (entry && entry.addedAt < now - this.#rules.liveMs) break;
      this.#liveCursor = at;
    }
    this.#allowance = 0;
    this.#allowanceAt = now;
  }

  /** The link is down: nobody knows what became of the messages that were not acknowledged. */
  disconnected(): void {
    for (const entry of this.#entries()) if (entry.situation === "in-flight") entry.situation = "unsent";
  }

  /** Up to `room` messages to publish now: the live ones in order, then backlog and repeats, oldest first, at their rate. */
  take(now: Millis, room: number): Parcel[] {
    const taken: Entry[] = [];
    this.#liveCursor = Math.max(this.#liveCursor, this.#oldest);
    for (; this.#liveCursor < this.#next && taken.length < room; this.#liveCursor++) {
      const entry = this.#at(this.#liveCursor);
      if (entry?.situation === "unsent") taken.push(send(entry));
    }
    this.#refill(now);
    for (let at = this.#oldest; at < this.#liveCursor && taken.length < room && this.#allowance >= 1; at++) {
      const entry = this.#at(at);
      if (!entry || !isDue(entry, now)) continue;
      taken.push(send(entry));
      this.#allowance -= 1;
    }
    return taken;
  }

  /** PUBACK: the next hop has it. It stays here until the receipt, and goes again when none comes. */
  acknowledged(parcel: Parcel, now: Millis): void {
    const entry = parcel as Entry;
    if (entry.situation !== "in-flight") return;
    entry.situation = "unreceipted";
    entry.resendAt = now + backOffCeiling(entry.sends - 1, this.#rules.resend);
  }

  /** The gateway has stored these. Returns how many messages were forgotten. */
  receive({ boot, through, beyond }: Commands["receipt"]): number {
    const index = this.#places.findIndex((place) => place.boot === boot);
    const place = this.#places[index];
    if (!place) return 0;
    const from = Math.max(this.#oldest, place.from);
    const until = this.#places[index + 1]?.from ?? this.#next;
    const before = this.#depth;
    const forget = (first: number, last: number) => {
      for (let at = Math.max(from, first); at < Math.min(until, last + 1); at++) this.#forget(at);
    };
    forget(from, place.shift + through);
    for (const [first, last] of beyond) forget(place.shift + first, place.shift + last);
    this.#trim();
    return before - this.#depth;
  }

  /**
   * The gateway has refused a message. One that can never be stored is given up; others are tried again later.
   * An error names no boot: where messages of several boots answer to it, none is given up.
   */
  refuse({ reason, channel, seq }: Commands["error"]): void {
    if (!hopeless.has(reason) || seq === undefined) return;
    const meant = this.#places
      .map((place) => ({ at: place.shift + seq, place }))
      .filter(({ at, place }) => {
        const entry = at >= this.#oldest && at < this.#next ? this.#at(at) : undefined;
        return entry?.boot === place.boot && entry.seq === seq && entry.channel === channel && entry.sends > 0;
      });
    if (meant.length !== 1) return;
    this.#forget(meant[0]!.at);
    this.#refused += 1;
    this.#trim();
  }

  #at(position: number): Entry | undefined {
    return this.#slots[position & (this.#slots.length - 1)];
  }

  *#entries(): Generator<Entry> {
    for (let at = this.#oldest; at < this.#next; at++) {
      const entry = this.#at(at);
      if (entry) yield entry;
    }
  }

  #put(entry: Entry): Entry {
    if (this.#next - this.#oldest >= this.#rules.capacity) this.#dropOldest();
    if (this.#next - this.#oldest >= this.#slots.length) this.#grow();
    this.#slots[this.#next & (this.#slots.length - 1)] = entry;
    this.#next += 1;
    this.#depth += 1;
    return entry;
  }

  #restore({ boot, seq, channel, payload, addedAt }: Kept): void {
    if (this.#places.at(-1)?.boot !== boot) this.#places.push({ boot, from: this.#next, shift: this.#next - seq });
    const at = this.#places.at(-1)!.shift + seq;
    for (; this.#next < at; this.#next++) this.#makeHole();
    this.#put({ boot, seq, channel, payload, addedAt, ...unsent });
  }

  #makeHole(): void {
    if (this.#next - this.#oldest >= this.#rules.capacity) this.#dropOldest();
    if (this.#next - this.#oldest >= this.#slots.length) this.#grow();
  }

  #dropOldest(): void {
    if (this.#at(this.#oldest)) this.#dropped += 1;
    this.#forget(this.#oldest);
    this.#oldest += 1;
    this.#trim();
  }

  #forget(position: number): void {
    if (!this.#at(position)) return;
    this.#slots[position & (this.#slots.length - 1)] = undefined;
    this.#depth -= 1;
  }

  /** Moves the start of the ring to the oldest message, and forgets boots that have none left. */
  #trim(): void {
    while (this.#oldest < this.#next && !this.#at(this.#oldest)) this.#oldest += 1;
    while (this.#places.length > 1 && this.#places[1]!.from <= this.#oldest) this.#places.shift();
  }

  #grow(): void {
    const larger: (Entry | undefined)[] = new Array(this.#slots.length * 2).fill(undefined);
    for (let at = this.#oldest; at < this.#next; at++) larger[at & (larger.length - 1)] = this.#at(at);
    this.#slots = larger;
  }

  #refill(now: Millis): void {
    const { backlogPerS } = this.#rules;
    const gained = (Math.max(0, now - this.#allowanceAt) / 1000) * backlogPerS;
    this.#allowance = Math.min(backlogPerS, this.#allowance + gained);
    this.#allowanceAt = now;
  }
}

const unsent = { situation: "unsent", sends: 0, resendAt: 0 } as const;

function send(entry: Entry): Entry {
  entry.situation = "in-flight";
  entry.sends += 1;
  return entry;
}

const isDue = (entry: Entry, now: Millis): boolean =>
  entry.situation === "unsent" || (entry.situation === "unreceipted" && entry.resendAt <= now);
