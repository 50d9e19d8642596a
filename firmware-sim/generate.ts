/**
 * Virtual time: what the devices of a site would publish from one instant until another, in order of arrival, as fast as
 * the machine can. No broker: every message arrives when its window ends, and is taken to be confirmed. The same options
 * give the same bytes.
 */
import type { Second } from "#firmware/dsp/second.ts";
import { createRandom, type Random } from "#firmware/world/random.ts";
import { measuringHours } from "#protocol/measuring-hours.ts";
import type { Boot, Id, Millis, RoomId } from "#protocol/quantities.ts";
import { findRoom, isSilent } from "#protocol/rooms.ts";
import type { Site } from "#protocol/site.ts";
import { topicFor } from "#protocol/topics.ts";
import { Device, type PresenceSensors, type Sensed } from "./device/device.ts";
import { birth, bootOf, type Identity, SIMULATED, status } from "./device/identity.ts";
import { OUTBOX_RULES } from "./device/outbox.ts";
import type { PublishedChannel, Reading } from "./device/readings/reading.ts";
import {
  clockAhead,
  createDivider,
  type DeviceSecond,
  deviceSecond,
  deviceTime,
  hasClockFault,
  knownClockAhead,
} from "./faults/clock-faults.ts";
import { createDisturbance } from "./faults/delivery-faults.ts";
import { type Fault, faultAt, faultsOf } from "./faults/fault.ts";
import { faultySecond } from "./faults/microphone-faults.ts";
import type { Publication } from "./record.ts";

/** What the sensors of a room take in during the second that starts at `t`; undefined when they have nothing. */
export type SenseRoom = (room: RoomId, t: Millis) => Sensed | undefined;

/** End of the lease for `bands` that a device has at `t`; null for none. Asked of every device before any lives the second. */
export type LeaseUntil = (device: Id, t: Millis) => Millis | null;

export interface GenerateOptions {
  readonly site: Site;
  readonly seed: string | number;
  readonly sense: SenseRoom;
  /** Whole seconds. */
  readonly from: Millis;
  readonly until: Millis;
  readonly faults?: readonly Fault[];
  /** By default no device has one. */
  readonly leaseUntil?: LeaseUntil;
  /** Measures whatever the site's hours are. */
  readonly always?: boolean;
  /** Devices to run; by default all of the site. */
  readonly devices?: readonly string[];
}

const SECOND_MS = 1000;
const CONFIRMED = { depth: 0, dropped: 0 } as const;

export function* generate(options: GenerateOptions): Generator<Publication> {
  const { site, from, until, devices } = options;
  const random = createRandom(options.seed).fork("devices");
  const chosen = site.devices.filter(({ id }) => !devices || devices.includes(id));
  const runs = chosen.map((device) => new VirtualDevice(options, device, random.fork(device.id)));
  for (const run of runs) yield* run.boot(from);
  const inOrder = hasClockFault(options.faults ?? []) ? byArrival : (second: readonly Publication[]) => second;
  for (let t = from; t < until; t += SECOND_MS) {
    for (const run of runs) run.lease(t);
    const second: Publication[] = [];
    for (const run of runs) {
      const arrived = run.live(t);
      if (arrived.length > 0) second.push(...arrived);
    }
    if (second.length > 0) yield* inOrder(second);
  }
}

const byArrival = (second: readonly Publication[]): Publication[] => second.toSorted((a, b) => a.at - b.at);

/** The same for one device that hears seconds as they come, such as those of a recording. Ends with them. */
export async function* generateFrom(
  seconds: AsyncIterable<Second>,
  presence: (t: Millis) => PresenceSensors,
  options: Omit<GenerateOptions, "sense" | "devices">,
  device: { readonly id: Id; readonly room: RoomId },
): AsyncGenerator<Publication> {
  let sensed: Sensed | undefined;
  const random = createRandom(options.seed).fork("devices").fork(device.id);
  const run = new VirtualDevice({ ...options, sense: () => sensed }, device, random);
  yield* run.boot(options.from);
  for await (const second of seconds) {
    if (second.t >= options.until) return;
    sensed = { second, presence: presence(second.t) };
    run.lease(second.t);
    yield* run.live(second.t);
  }
}

/** One device, its numbering and the network behind it. */
class VirtualDevice {
  readonly #options: GenerateOptions;
  readonly #room: RoomId;
  readonly #topics: Readonly<Record<PublishedChannel, string>>;
  readonly #name: string;
  readonly #silent: boolean;
  readonly #measures: (t: Millis) => boolean;
  readonly #random: Random;
  readonly #faults: readonly Fault[];
  readonly #time: (t: Millis) => Millis;
  readonly #divide = createDivider();
  readonly #carry: (publication: Publication, elapsed: number) => readonly Publication[];
  #identity!: Identity;
  #device!: Device;
  #seq = 0;
  /** What travels with QoS 0 has numbers of its own: a gap in them is no loss that a receipt tells of. */
  #bandsSeq = 0;
  #leased = false;
  #now: Millis;
  #off = false;
  #withheld: Publication[] = [];

  constructor(options: GenerateOptions, { id, room }: { id: string; room: RoomId }, random: Random) {
    this.#options = options;
    this.#room = room;
    this.#name = id;
    const topic = (channel: PublishedChannel) => topicFor(options.site.site, id, channel);
    this.#topics = {
      state: topic("state"),
      level: topic("level"),
      bands: topic("bands"),
      stats: topic("stats"),
      health: topic("health"),
    };
    this.#silent = isSilent(findRoom(options.site, room)!);
    this.#measures = options.always ? () => true : measuringHours(options.site);
    this.#random = random;
    this.#now = options.from;
    this.#faults = faultsOf(options.faults ?? [], id);
    this.#time = deviceTime(this.#faults, options.from);
    this.#carry = createDisturbance(this.#faults, () => random.uniform());
  }

  /** What a device says when it comes on at `t`. */
  boot(t: Millis): Publication[] {
    const { site } = this.#options;
    const boot: Boot = bootOf(this.#random.bits());
    this.#identity = { site: site.site, device: this.#name, boot };
    this.#seq = 0;
    this.#bandsSeq = 0;
    this.#leased = false;
    const time = this.#time(t);
    this.#device = new Device({
      bornAt: time,
      config: { version: 0, silent: this.#silent },
      measures: this.#measures,
      outbox: CONFIRMED,
      muted: () => faultAt(this.#faults, "muted", this.#elapsed) !== undefined,
      clockError: () => knownClockAhead(this.#faults, this.#elapsed),
    });
    return [status(this.#identity, "online", 0, time), birth(this.#identity, SIMULATED, 0, time)].map(
      ({ topic, payload }) => ({ at: t, topic, payload }),
    );
  }

  get #elapsed(): Millis {
    return this.#now - this.#options.from;
  }

  /** Hears what lease it has for the second that starts at `t`. */
  lease(t: Millis): void {
    const until = this.#options.leaseUntil?.(this.#name, t) ?? null;
    if (until === null && !this.#leased) return;
    this.#leased = until !== null;
    this.#device.lease({ until: until ?? t }, this.#time(t));
  }

  /** What arrives of it by the end of the second that starts at `t`. */
  live(t: Millis): readonly Publication[] {
    this.#now = t;
    if (this.#faults.length > 0) return this.#liveFaulty(t);
    const said = this.#device.live(t, () => this.#options.sense(this.#room, t));
    return said.length === 0 ? NOTHING : said.map((reading) => this.#publication(reading, t + SECOND_MS));
  }

  #liveFaulty(t: Millis): readonly Publication[] {
    const elapsed = this.#elapsed;
    const off = faultAt(this.#faults, "reboot", elapsed) !== undefined;
    const announced = this.#off && !off ? this.boot(t) : [];
    if (off && !this.#off) announced.push(this.#will(t));
    this.#off = off;
    const own = deviceSecond(t, clockAhead(this.#faults, elapsed));
    const said = off ? [] : this.#device.live(own.t, () => this.#senseFaulty(t, own, elapsed));
    const fresh = said.flatMap((reading) => this.#carry(this.#publication(reading, own.endsAt), elapsed));
    return this.#through([...announced, ...fresh], own.endsAt, elapsed);
  }

  #senseFaulty(t: Millis, own: DeviceSecond, elapsed: number): Sensed | undefined {
    const sensed = this.#options.sense(this.#room, t);
    if (!sensed) return undefined;
    return { ...sensed, second: this.#divide(faultySecond(sensed.second, this.#faults, elapsed), own) };
  }

  /**
   * An outage withholds what is said, and loses `bands`, which no outbox keeps; after it, what is new goes first and the
   * rest follows at the outbox's rate.
   */
  #through(fresh: readonly Publication[], at: Millis, elapsed: number): readonly Publication[] {
    if (faultAt(this.#faults, "disconnect", elapsed)) {
      this.#withheld.push(...fresh.filter(({ topic }) => !topic.endsWith("/bands")));
      return NOTHING;
    }
    if (this.#withheld.length === 0) return fresh;
    const late = this.#withheld.splice(0, OUTBOX_RULES.backlogPerS);
    return [...fresh, ...late.map((publication) => ({ ...publication, at }))];
  }

  #will(t: Millis): Publication {
    const { topic, payload } = status(this.#identity, "offline", this.#seq, this.#time(t));
    return { at: t, topic, payload };
  }

  #publication({ channel, body }: Reading, at: Millis): Publication {
    const seq = channel === "bands" ? this.#bandsSeq++ : this.#seq++;
    // As JSON.stringify would write them in front of the body, without making an object of them all.
    const payload = `{"boot":"${this.#identity.boot}","seq":${seq},${JSON.stringify(body).slice(1)}`;
    return { at, topic: this.#topics[channel], payload };
  }
}

const NOTHING: readonly Publication[] = [];
