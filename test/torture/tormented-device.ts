/**
 * A device that says many readings a second: the firmware's own outbox and sessions over MQTT, sometimes twice or in the
 * wrong order, and everything written down. It is less patient than a real one, so that a kill costs less time.
 */
import { backOff } from "#firmware/device/back-off.ts";
import { systemClock } from "#firmware/device/clock.ts";
import { bootOf, type Identity, SIMULATED, status } from "#firmware/device/identity.ts";
import type { Dial } from "#firmware/device/link.ts";
import { mqttDial } from "#firmware/device/mqtt-link.ts";
import { Outbox, type OutboxRules } from "#firmware/device/outbox.ts";
import { SESSION_RULES, Session, subscriptions } from "#firmware/device/session.ts";
import { createDisturbance, disturbedLink } from "#firmware/faults/delivery-faults.ts";
import type { Fault } from "#firmware/faults/fault.ts";
import type { Random } from "#firmware/world/random.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { SequencedChannel } from "#protocol/readings.ts";
import { type Body, fiveMinutes, quietLevel, roomState, wellness } from "#test/journeys/speaker.ts";
import { Account } from "./account.ts";
import type { Member } from "./house.ts";
import type { DeviceHistory } from "./run-history.ts";
import { nextTalk, SILENT_MS, silence, type Talk } from "./talk.ts";

export interface TormentedDeviceOptions {
  readonly site: Id;
  readonly member: Member;
  /** `mqtt://host:port` */
  readonly broker: string;
  /** Readings/s. */
  readonly rate: number;
  /** Share of conversations that last until their alert fires. */
  readonly long: number;
  readonly random: Random;
}

const RECONNECT = { baseMs: 100, ceilingMs: 400 };
const IMPATIENT: Partial<OutboxRules> = { backlogPerS: 500, resend: { baseMs: 3000, ceilingMs: 20_000 } };
const SESSIONS = { ...SESSION_RULES, arrivalMs: 100, ackTimeoutMs: 20_000 };
/** Of the messages, how many arrive twice, and how many behind the next one. */
const DISORDER = [
  { kind: "duplicate", amount: 0.01 },
  { kind: "reorder", amount: 0.01 },
] as const;
const CALM_FROM = 1;
/** Between two times that a restless device loses its connection or its power. */
const RESTLESS_MS = 15_000;
/** One in so many readings is of the channel. */
const EVERY = { state: 10, health: 40, stats: 80 } as const;

export class TormentedDevice {
  readonly #options: TormentedDeviceOptions;
  readonly #account = new Account();
  readonly #dial: Dial;
  readonly #stop = new AbortController();
  readonly #living: Promise<void>;
  #identity: Identity;
  #outbox: Outbox;
  #session: Session | undefined;
  #wasOnline = false;
  #talk: Talk;
  #said = 0;
  #owed = 0;
  #lastT: Millis;
  #restlessAt: Millis;
  #calm = false;

  constructor(options: TormentedDeviceOptions, now: Millis) {
    const { site, member, broker, random } = options;
    this.#options = options;
    this.#identity = { site, device: member.device, boot: bootOf(random.bits()) };
    this.#outbox = new Outbox(this.#identity.boot, IMPATIENT);
    this.#talk = silence(random, now - SILENT_MS, now);
    this.#lastT = now;
    this.#restlessAt = now + random.exponential(RESTLESS_MS);
    this.#dial = this.#disorderly(this.#account.watch(mqttDial(broker)));
    this.#living = this.#live();
  }

  /** Readings without a receipt. */
  get waiting(): number {
    return this.#outbox.depth;
  }

  get said(): number {
    return this.#said;
  }

  get account(): Pick<Account, "sends" | "confirmed"> {
    return this.#account;
  }

  history(): DeviceHistory {
    const { device, manner } = this.#options.member;
    return this.#account.history(device, manner === "single");
  }

  /** Says what has fallen due in the last `ms`. */
  speak(now: Millis, ms: number): void {
    const { rate, member, random, long } = this.#options;
    if (member.manner === "restless" && now >= this.#restlessAt) this.#stumble(now);
    if (now >= this.#talk.until) {
      this.#talk = nextTalk(this.#talk, random, now, random.chance(long));
      this.#say("state", now);
    }
    for (this.#owed += (rate * ms) / 1000; this.#owed >= 1; this.#owed--) this.#say(this.#nextChannel(), now);
    this.#session?.pump();
  }

  /** From now on the network delivers once and in order. */
  calm(): void {
    this.#calm = true;
    this.#restlessAt = Number.POSITIVE_INFINITY;
  }

  /** Nobody talks any more: the last word on the room. */
  hush(now: Millis): void {
    this.#talk = silence(this.#options.random, now, now);
    this.#say("state", now);
    this.#session?.pump();
  }

  /** Goes without a word. */
  async end(): Promise<void> {
    this.#stop.abort();
    this.#session?.drop();
    await this.#living;
  }

  #nextChannel(): SequencedChannel {
    const rare = (["stats", "health", "state"] as const).find((channel) => this.#said % EVERY[channel] === 0);
    return rare ?? "level";
  }

  #say(channel: SequencedChannel, now: Millis): void {
    const t = Math.max(now, this.#lastT + 1);
    this.#lastT = t;
    this.#said++;
    const { boot, seq, payload } = this.#outbox.add(channel, { t, ...this.#bodyOf(channel) }, now);
    this.#account.add(boot, seq, channel, t, payload);
  }

  #bodyOf(channel: SequencedChannel): Body<SequencedChannel> {
    const { random } = this.#options;
    switch (channel) {
      case "state":
        return roomState(this.#talk.conversation, this.#talk.since);
      case "level":
        return { ...quietLevel, laeq: random.integer(60, 120) / 2 };
      case "stats":
        return { ...fiveMinutes, laeq: random.integer(60, 120) / 2 };
      case "health":
        return { ...wellness, uptime: random.integer(0, 8000) };
    }
  }

  /** The connection is lost, or the power goes: then a new boot, with what the one before has left. */
  #stumble(now: Millis): void {
    const { random } = this.#options;
    this.#restlessAt = now + random.exponential(RESTLESS_MS);
    this.#session?.drop();
    if (random.chance(0.5)) return;
    this.#identity = { ...this.#identity, boot: bootOf(random.bits()) };
    this.#outbox = new Outbox(this.#identity.boot, IMPATIENT, this.#outbox.kept());
    this.#wasOnline = false;
  }

  /** What is held back when it calms down goes with the next reading. */
  #disorderly(dial: Dial): Dial {
    const faults = DISORDER.map((fault): Fault => ({ ...fault, from: 0, until: CALM_FROM }));
    const disturb = createDisturbance(faults, this.#options.random.uniform);
    return async (call) => disturbedLink(await dial(call), disturb, () => (this.#calm ? CALM_FROM : 0));
  }

  async #live(): Promise<void> {
    const { random } = this.#options;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      if (await this.#connect()) attempt = 0;
      await systemClock.wait(backOff(attempt, RECONNECT, random.uniform()), this.#stop.signal).catch(() => {});
    }
  }

  /** Resolves when the connection is over; true when there was one. */
  async #connect(): Promise<boolean> {
    const identity = this.#identity;
    const session = new Session(
      {
        identity,
        nature: SIMULATED,
        outbox: this.#outbox,
        clock: systemClock,
        time: Date.now,
        rules: SESSIONS,
        onCommand: () => {},
        onOnline: () => {
          this.#wasOnline = true;
        },
      },
      this.#wasOnline,
    );
    try {
      const link = await this.#dial({
        clientId: identity.device,
        lasting: true,
        will: status(identity, "offline", this.#outbox.nextSeq, Date.now()),
        subscribe: subscriptions(identity),
        heard: (topic, payload, retained) => session.heard(topic, payload, retained),
        ended: (reason) => session.ended(reason),
      });
      // The power may have gone while it dialled.
      if (this.#stop.signal.aborted || identity !== this.#identity) {
        link.drop();
        return false;
      }
      this.#session = session;
      await session.run(link);
      return true;
    } catch {
      return false;
    } finally {
      this.#session = undefined;
    }
  }
}
