/**
 * One connection of a device, from the moment the link is up until it ends: announces the device, moves messages from
 * the outbox to the broker, hears the gateway. Why a session ends is an answer, not an error.
 */
import { type CommandChannel, type Commands, commandSchemas } from "#protocol/commands.ts";
import type { Boot, Millis } from "#protocol/quantities.ts";
import { Status } from "#protocol/readings.ts";
import { delivery, isCommandChannel, parseTopic, topicFor } from "#protocol/topics.ts";
import type { Clock } from "./clock.ts";
import { birth, type Identity, type Nature, publication, status } from "./identity.ts";
import type { Link, Subscription } from "./link.ts";
import type { Outbox, Parcel } from "./outbox.ts";

export type SessionEnd =
  | { readonly kind: "lost"; readonly reason: string }
  /** Another boot has come online under this device's name. */
  | { readonly kind: "displaced"; readonly by: Boot };

export interface SessionRules {
  /** Publications without PUBACK at one time. */
  readonly window: number;
  /** A broker that owes a PUBACK for longer is given up, ms. */
  readonly ackTimeoutMs: number;
  /** How long a device that was online before waits to be told who was online since, ms. */
  readonly arrivalMs: number;
}

export const SESSION_RULES: SessionRules = { window: 64, ackTimeoutMs: 60_000, arrivalMs: 1000 };

export type CommandListener = <C extends Exclude<CommandChannel, "receipt">>(channel: C, command: Commands[C]) => void;

export interface SessionPorts {
  readonly identity: Identity;
  readonly nature: Nature;
  readonly outbox: Outbox;
  /** For waiting. */
  readonly clock: Clock;
  /** The time the device believes it is, which its messages carry. */
  readonly time: () => Millis;
  readonly rules: SessionRules;
  readonly onCommand: CommandListener;
  /** The device has announced itself over this link. */
  readonly onOnline: () => void;
}

const TICK_MS = 1000;

/** What a device listens to: what the gateway says to it, and its own status, where it would see a namesake. */
export const subscriptions = (identity: Identity): Subscription[] => [
  ...(Object.keys(commandSchemas) as CommandChannel[]).map((channel) => ({
    topic: topicFor(identity.site, identity.device, channel),
    qos: delivery[channel].qos,
  })),
  ownStatus(identity),
];

/** QoS 0: a broker that hands a session to a namesake must not wait for an acknowledgement of this. */
export const ownStatus = ({ site, device }: Identity): Subscription => ({
  topic: topicFor(site, device, "status"),
  qos: 0,
});

export class Session {
  readonly #ports: SessionPorts;
  readonly #stop = new AbortController();
  readonly #end = Promise.withResolvers<SessionEnd>();
  readonly #inFlight = new Map<Parcel, number>();
  readonly #arrival = Promise.withResolvers<void>();
  #phase: "arriving" | "announced" | "ended" = "arriving";
  /** Whether an earlier session of this boot was announced. */
  readonly #wasOnline: boolean;
  #link: Link | undefined;

  constructor(ports: SessionPorts, wasOnline: boolean) {
    this.#ports = ports;
    this.#wasOnline = wasOnline;
  }

  /** Runs until the link ends or another device takes this one's place; then the link is closed. */
  async run(link: Link): Promise<SessionEnd> {
    this.#link = link;
    if (this.#wasOnline) await this.#arrived();
    if (this.#phase === "arriving") this.#announce();
    void this.#tick();
    const end = await this.#end.promise;
    if (end.kind === "displaced") await link.close();
    return end;
  }

  ended(reason: string): void {
    this.#finish({ kind: "lost", reason });
  }

  heard(topic: string, payload: Uint8Array, retained: boolean): void {
    const channel = parseTopic(topic)?.channel;
    if (channel === undefined || this.#phase === "ended") return;
    const value = parseJson(payload);
    if (channel === "status") this.#hearStatus(value, retained);
    else if (isCommandChannel(channel)) this.#hearCommand(channel, value);
  }

  /** Sends what may be sent now. */
  pump(): void {
    if (this.#phase !== "announced") return;
    const { outbox, clock, identity, rules } = this.#ports;
    const now = clock.now();
    for (const parcel of outbox.take(now, rules.window - this.#inFlight.size)) {
      this.#inFlight.set(parcel, now);
      this.#link?.publish(publication(identity, parcel.channel, parcel.payload), () => this.#acknowledged(parcel));
    }
  }

  /** `bands`: said now or never. */
  say(payload: string): void {
    if (this.#phase === "announced") this.#link?.publish(publication(this.#ports.identity, "bands", payload));
  }

  /** Ends without a word; the broker publishes the will. */
  drop(): void {
    this.#link?.drop();
    this.#finish({ kind: "lost", reason: "dropped" });
  }

  /** Says that the device is going, and closes without the will. */
  async goodbye(): Promise<void> {
    if (this.#phase !== "announced") return this.drop();
    this.#sayStatus("offline");
    this.#finish({ kind: "lost", reason: "goodbye" });
    await this.#link?.close();
  }

  #announce(): void {
    const { identity, nature, outbox, clock, time } = this.#ports;
    this.#phase = "announced";
    this.#sayStatus("online");
    this.#link?.publish(birth(identity, nature, outbox.nextSeq, time()));
    outbox.connected(clock.now());
    this.#ports.onOnline();
    this.pump();
  }

  #sayStatus(word: "online" | "offline"): void {
    const { identity, outbox, time } = this.#ports;
    this.#link?.publish(status(identity, word, outbox.nextSeq, time()));
  }

  /** The retained status follows the subscription; a broker that has lost it says nothing. */
  async #arrived(): Promise<void> {
    const waited = new AbortController();
    const { clock, rules } = this.#ports;
    const late = clock.wait(rules.arrivalMs, waited.signal).catch(() => {});
    await Promise.race([this.#arrival.promise, this.#end.promise, late]);
    waited.abort();
  }

  #acknowledged(parcel: Parcel): void {
    this.#inFlight.delete(parcel);
    this.#ports.outbox.acknowledged(parcel, this.#ports.clock.now());
    this.pump();
  }

  #hearCommand(channel: CommandChannel, value: unknown): void {
    const parsed = commandSchemas[channel].safeParse(value);
    if (!parsed.success) return;
    if (channel === "receipt") {
      this.#ports.outbox.receive(parsed.data as Commands["receipt"]);
      this.pump();
      return;
    }
    if (channel === "error") this.#ports.outbox.refuse(parsed.data as Commands["error"]);
    this.#ports.onCommand(channel, parsed.data as never);
  }

  /**
   * What the broker kept from before this boot is history. News of another boot online is a namesake; so is any other
   * boot's word found on coming back, since this device's own was the last when it left.
   */
  #hearStatus(value: unknown, retained: boolean): void {
    const parsed = Status.safeParse(value);
    if (!parsed.success) return;
    const { boot, status } = parsed.data;
    const foreign = boot !== this.#ports.identity.boot;
    const news = retained ? this.#wasOnline && this.#phase === "arriving" : status === "online";
    if (foreign && news) this.#finish({ kind: "displaced", by: boot });
    else if (this.#phase === "announced" && !retained && status === "offline") this.#sayStatus("online");
    this.#arrival.resolve();
  }

  /** Once a second: backlog and repeats at their rate, and a look at what the broker owes. */
  async #tick(): Promise<void> {
    const { clock, rules } = this.#ports;
    while (this.#phase !== "ended") {
      await clock.wait(TICK_MS, this.#stop.signal).catch(() => {});
      const [oldest] = this.#inFlight.values();
      if (oldest !== undefined && clock.now() - oldest > rules.ackTimeoutMs) {
        this.#link?.drop();
        this.#finish({ kind: "lost", reason: "the broker stopped acknowledging" });
      } else this.pump();
    }
  }

  #finish(end: SessionEnd): void {
    if (this.#phase === "ended") return;
    if (this.#phase === "announced") this.#ports.outbox.disconnected();
    this.#phase = "ended";
    this.#stop.abort();
    this.#end.resolve(end);
  }
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return undefined;
  }
}
