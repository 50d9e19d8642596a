/**
 * Everything that devices say comes in here. A message is judged, made safe in the journal, acknowledged, handed on.
 * Bad ones are kept aside, counted, and their device is told; nothing that a device sends can stop the others.
 */

import type { z } from "zod";
import type { DeviceView } from "#protocol/api.ts";
import type { DeviceError } from "#protocol/commands.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import { isSequenced, type Readings, type SequencedChannel } from "#protocol/readings.ts";
import type { Room, Site } from "#protocol/site.ts";
import type { Delivery } from "#protocol/topics.ts";
import { type Channel, delivery, MAX_PAYLOAD_BYTES, topicFor } from "#protocol/topics.ts";
import type { Clock } from "../clock.ts";
import type { Appended, Journal, Message, Quarantined } from "../journal/journal.ts";
import type { Published } from "./broker.ts";
import { type Counts, noCounts } from "./counts.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { createReceipts, type Receipts } from "./receipts.ts";
import { type Registry, registryOf } from "./registry.ts";
import type { OnStored, StoredReading } from "./stored-reading.ts";
import { type Accepted, judge, type Refused, type Verdict } from "./verdict.ts";

/** A message as it came from the broker; `at` is its arrival. */
export interface Packet extends Published {
  readonly at: Millis;
}

export interface IngestParts {
  readonly site: Site;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Says something to a device. What is lost is said again when the device asks by sending again. */
  readonly publish: (topic: string, payload: string, delivery: Delivery) => void;
  readonly onStored: OnStored;
  /**
   * The device's own word on itself, never journalled. A will of an earlier boot is not handed on. In order with the
   * stored readings that came before: a device that goes has said them while it was there.
   */
  readonly onDevice?: (notice: DeviceNotice) => void;
  /** Kept in memory only, by whoever takes them (DESIGN §4). In order with the stored readings that came before. */
  readonly onBands?: (device: Id, reading: Readings["bands"], at: Millis) => void;
  readonly onDeviceView?: (view: DeviceView) => void;
  readonly leaseUntil?: (device: Id) => Millis | undefined;
  /** Whether readings of this time are taken; without it those of any. */
  readonly measures?: (t: Millis) => boolean;
}

interface Notice<C extends "birth" | "status"> {
  readonly kind: C;
  readonly device: Id;
  readonly room: Room;
  readonly at: Millis;
  readonly reading: Readings[C];
}
export type DeviceNotice = Notice<"birth"> | Notice<"status">;

export interface Ingest extends AsyncDisposable {
  readonly registry: Registry;
  readonly fleet: Fleet;
  counts(): Counts;
  /** Resolves when the message is safe: stored, known, or set aside. Rejects only when the disk does not take it. */
  receive(packet: Packet): Promise<void>;
  /** The same for messages that came together, in order. */
  receiveAll(messages: readonly Published[], at: Millis): Promise<void>;
  /** Takes a message out of quarantine again; answers whether it is accepted now. It is set aside once only. */
  reconsider(refused: Quarantined): Promise<Verdict["kind"]>;
}

/** Longer than any topic of the protocol. */
const MAX_TOPIC = 256;
const NOTHING = new Uint8Array(0);
const DONE = Promise.resolve();
const nothing = () => {};
const SWEEP_MS = 5000;

export function createIngest(parts: IngestParts): Ingest {
  const { site, journal, clock } = parts;
  const stop = new AbortController();
  const registry = registryOf(site);
  const circumstances = {
    registry,
    leaseUntil: parts.leaseUntil ?? (() => undefined),
    measures: parts.measures ?? (() => true),
  };
  const counts = noCounts();
  const fleet = createFleet(site, clock.now(), parts.onDeviceView ?? (() => {}));
  const say = (device: Id, channel: Channel, body: unknown) =>
    parts.publish(topicFor(site.site, device, channel), JSON.stringify(body), delivery[channel]);
  const receipts: Receipts = createReceipts(
    site.devices.length,
    clock,
    journal.received,
    (device, receipt) => say(device, "receipt", receipt),
    stop.signal,
  );
  const complain = createComplaints((device, error) => say(device, "error", error));
  let ready: StoredReading[] = [];
  /** What waits for the newest message on its way to the disk, to be handed on after it and before the next. */
  let newest: (() => void)[] | undefined;
  let idle: (() => void) | undefined;

  function receiveAll(messages: readonly Published[], at: Millis): Promise<void> {
    const sequenced: Sequenced[] = [];
    const wanted: Message[] = [];
    let aside: Promise<void>[] | undefined;
    for (const message of messages) {
      const { topic, payload } = message;
      const verdict = judge(topic, payload, at, circumstances);
      if (verdict.kind === "refused") {
        message.onRefused?.();
        aside ??= [];
        aside.push(setAside({ topic, payload, at }, verdict));
      } else if (isSequencedVerdict(verdict)) {
        sequenced.push(verdict);
        wanted.push(messageOf(verdict, payload, at));
      } else if (newest !== undefined) newest.push(() => notice(verdict, at));
      else notice(verdict, at);
    }
    // Nothing else holds what the journal has copied: at full load this is most of what would be in memory.
    const stored = wanted.length > 0 ? store(sequenced, journal.appendAll(wanted), at) : DONE;
    return aside === undefined ? stored : Promise.all([stored, ...aside]).then(nothing);
  }

  async function store(
    verdicts: readonly Sequenced[],
    storing: Promise<readonly Appended[]>,
    at: Millis,
  ): Promise<void> {
    counts.pending += verdicts.length;
    const after: (() => void)[] = [];
    newest = after;
    let appended: readonly Appended[];
    try {
      appended = await storing;
    } catch (error) {
      counts.failed += verdicts.length;
      goOn(after);
      throw error;
    } finally {
      counts.pending -= verdicts.length;
      if (counts.pending === 0) idle?.();
    }
    for (let i = 0; i < verdicts.length; i++) settle(verdicts[i]!, appended[i]!, at);
    goOn(after);
  }

  function goOn(after: readonly (() => void)[]): void {
    if (newest === after) newest = undefined;
    if (after.length > 0) handOn();
    for (const go of after) go();
  }

  function settle({ place, channel, reading, withheld }: Sequenced, appended: Appended, at: Millis): void {
    const { device, room } = place;
    const { boot, seq, t } = reading;
    receipts.owe(device, boot);
    if (appended.kind === "duplicate") {
      counts.duplicates[channel]++;
      fleet.note(device, { kind: "duplicate", at });
      return;
    }
    if (withheld === "outside-hours") {
      passOver(device, at);
      return;
    }
    counts.accepted[channel]++;
    if (withheld === "silent") {
      fleet.note(device, { kind: "heard", at });
      return;
    }
    fleet.note(device, { kind: "stored", at, channel, reading });
    if (
      ready.push({ id: appended.id, device, room, channel, boot, seq, t, receivedAt: at, reading } as StoredReading) ===
      1
    )
      queueMicrotask(handOn);
  }

  /** Nobody measures then, by what has been agreed: the device is heard, and what it says is nobody's. */
  function passOver(device: Id, at: Millis): void {
    counts.refused["outside-hours"]++;
    fleet.note(device, { kind: "heard", at });
    fleet.note(device, { kind: "refused", at, reason: "outside-hours" });
  }

  /** Runs when all that one commit has made safe is settled, since the journal answers them one after another. */
  function handOn(): void {
    if (ready.length === 0) return;
    const messages = ready;
    ready = [];
    parts.onStored(messages);
  }

  function notice({ place, channel, reading, withheld }: Accepted, at: Millis): void {
    const { device, room } = place;
    if (withheld === "outside-hours") {
      passOver(device, at);
      return;
    }
    counts.accepted[channel]++;
    if (channel === "birth" && fleet.note(device, { kind: "birth", at, reading }))
      parts.onDevice?.({ kind: "birth", device, room, at, reading });
    else if (channel === "status" && fleet.note(device, { kind: "status", at, reading }))
      parts.onDevice?.({ kind: "status", device, room, at, reading });
    else if (channel === "bands") {
      fleet.note(device, { kind: "heard", at });
      parts.onBands?.(device, reading, at);
    }
  }

  function setAside({ topic, payload, at }: Packet, refused: Refused): Promise<void> {
    const { reason, detail, device, channel, seq } = refused;
    counts.refused[reason]++;
    if (device !== undefined && channel !== undefined) {
      fleet.note(device, { kind: "refused", at, reason });
      complain(device, { reason, channel, ...(seq !== undefined && { seq }) }, at);
    }
    const withheld = refused.withheld || channel === "bands";
    // A copy: what goes to the journal's thread goes with the whole of its memory.
    const kept = withheld ? NOTHING : payload.slice(0, MAX_PAYLOAD_BYTES);
    return journal.quarantine({ topic: topic.slice(0, MAX_TOPIC), payload: kept, reason, detail, receivedAt: at });
  }

  async function reconsider({ topic, payload, receivedAt: at }: Quarantined): Promise<Verdict["kind"]> {
    const verdict = judge(topic, payload, at, circumstances);
    if (verdict.kind === "accepted") await receiveAll([{ topic, payload }], at);
    return verdict.kind;
  }

  async function sweep(): Promise<void> {
    for (;;) {
      await clock.wait(SWEEP_MS, stop.signal);
      fleet.sweep(clock.now());
    }
  }
  sweep().catch(() => {}); // ends by the signal only

  return {
    registry,
    fleet,
    counts: () => counts,
    receive: (packet) => receiveAll([packet], packet.at),
    receiveAll,
    reconsider,
    /** What is under way is made safe and handed on before it resolves. */
    async [Symbol.asyncDispose]() {
      stop.abort();
      if (counts.pending > 0)
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      handOn();
    },
  };
}

type Sequenced = Extract<Accepted, { channel: SequencedChannel }>;
const isSequencedVerdict = (verdict: Accepted): verdict is Sequenced => isSequenced(verdict.channel);

/** Of what is withheld only that it came is kept. */
function messageOf({ place, channel, reading, withheld }: Sequenced, payload: Uint8Array, receivedAt: Millis): Message {
  const { boot, seq, t } = reading;
  return { device: place.device, channel, boot, seq, t, receivedAt, payload: withheld ? NOTHING : payload };
}

type Complaint = z.infer<typeof DeviceError>;

/** Complaints per device and second: enough for an outbox to learn what to give up, too few to drown it. */
const COMPLAINTS_PER_S = 10;
/** Senders that are remembered; a stranger may use any number of names. */
const REMEMBERED = 10_000;

function createComplaints(send: (device: Id, complaint: Complaint) => void) {
  const said = new Map<Id, { since: Millis; count: number }>();
  return (device: Id, complaint: Complaint, at: Millis): void => {
    let of = said.get(device);
    if (!of || at - of.since >= 1000 || at < of.since) {
      if (said.size >= REMEMBERED) said.clear();
      of = { since: at, count: 0 };
      said.set(device, of);
    }
    if (of.count++ < COMPLAINTS_PER_S) send(device, complaint);
  };
}
