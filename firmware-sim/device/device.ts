/**
 * A device without its network: one second of sound and presence in, what it says out. No clock, no randomness, no
 * network: the same seconds give the same messages, live or in virtual time.
 */
import { type ConversationState, initialConversation, stepConversation } from "#firmware/detector/conversation.ts";
import { initialPresence, type PresenceInput, type PresenceState, stepPresence } from "#firmware/detector/presence.ts";
import type { Second } from "#firmware/dsp/second.ts";
import { HEALTH_PERIOD_S } from "#protocol/cadence.ts";
import { type Commands, LEASE_REACH_MS } from "#protocol/commands.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Condition } from "./readings/health.ts";
import { createPublisher, type Moment, type Publisher } from "./readings/publisher.ts";
import type { Reading } from "./readings/reading.ts";

/** Radar and infrared of one second; null for a sensor the device does not have. */
export type PresenceSensors = Pick<PresenceInput, "radar" | "pir">;
export const NO_SENSORS: PresenceSensors = { radar: null, pir: null };

export interface Sensed {
  readonly second: Second;
  readonly presence: PresenceSensors;
}

/** Why a device says nothing of what it hears, or that it measures. */
export type Mode = "measuring" | "asleep" | "muted" | "silent";

export interface DeviceOptions {
  readonly bornAt: Millis;
  /** What facilities set for it before the gateway says more. */
  readonly config: Commands["config"];
  /** Whether the site measures at this time. */
  readonly measures: (t: Millis) => boolean;
  /** State of the hardware switch. */
  readonly muted?: () => boolean;
  /** The device's own estimate of how far its clock is ahead, ms; by default 0. */
  readonly clockError?: () => number;
  /** What the outbox says of itself. */
  readonly outbox: { readonly depth: number; readonly dropped: number };
}

const SECOND_MS = 1000;
const HEALTH_MS = HEALTH_PERIOD_S * SECOND_MS;
/** What a simulated radio receives. */
const RSSI_DBM = -55;
const NOTHING: readonly Reading[] = [];

export class Device {
  readonly #options: DeviceOptions;
  #config: Commands["config"];
  #leaseUntil: Millis | null = null;
  #publisher: Publisher = createPublisher();
  #conversation: ConversationState = initialConversation;
  #presence: PresenceState = initialPresence;
  #mode: Mode | undefined;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** What it makes of the second it lived last. */
  get conversation(): ConversationState {
    return this.#conversation;
  }

  configure(config: Commands["config"]): void {
    this.#config = config;
  }

  /** Permission to say `bands`; a lease that reaches further than allowed is cut to what is allowed. */
  lease({ until }: Commands["lease"], now: Millis): void {
    this.#leaseUntil = Math.min(until, now + LEASE_REACH_MS);
  }

  modeAt(t: Millis): Mode {
    if (this.#options.muted?.()) return "muted";
    if (this.#config.silent) return "silent";
    return this.#options.measures(t) ? "measuring" : "asleep";
  }

  /**
   * Lives the second that starts at `t`, a whole second; `sense` is asked only when the device measures, and answers
   * undefined when its source has nothing for this second.
   */
  live(t: Millis, sense: () => Sensed | undefined): readonly Reading[] {
    const mode = this.modeAt(t);
    const turned = mode !== this.#mode;
    this.#mode = mode;
    if (t <= this.#latest) this.#startAnew();
    this.#latest = t;
    if (mode !== "measuring" && !turned && (t + SECOND_MS) % HEALTH_MS !== 0) return NOTHING;
    const sensed = mode === "measuring" ? sense() : undefined;
    if (!sensed) this.#forget();
    return this.#publisher.step({
      t,
      heard: sensed ? this.#judge(sensed) : null,
      condition: this.#condition(t, mode),
      silent: mode === "silent",
      leaseUntil: this.#leaseUntil,
    });
  }

  #judge({ second, presence }: Sensed): Moment["heard"] {
    const { t, speech } = second;
    const { sensed } = this.#presence;
    const input = sensed === null ? { t, speech } : { t, speech, occupied: sensed };
    this.#conversation = stepConversation(this.#conversation, input).state;
    this.#presence = stepPresence(this.#presence, { t, ...presence, conversation: this.#conversation });
    return { second, presence: this.#presence, conversation: this.#conversation };
  }

  #condition(t: Millis, mode: Mode): Condition {
    const { bornAt, outbox } = this.#options;
    return {
      uptimeMs: t - bornAt,
      outbox: outbox.depth,
      dropped: outbox.dropped,
      muted: mode === "muted",
      asleep: mode === "asleep",
      tamper: false,
      rssi: RSSI_DBM,
      configVersion: this.#config.version,
      clockError: this.#options.clockError?.() ?? 0,
    };
  }

  /** What was heard before a pause has no bearing on what is heard after it. */
  #forget(): void {
    this.#conversation = initialConversation;
    this.#presence = initialPresence;
  }

  /** The clock was set back: what comes now is not what was said already. */
  #startAnew(): void {
    this.#forget();
    this.#publisher = createPublisher();
  }
}
