/**
 * The journal port. The journal is the only thing that makes a message safe: what it has answered survives a crash.
 * It keeps the readings until history holds them; episodes, alerts and deliveries until they are purged; and for good what
 * the days have shown of boundaries, and the audit log.
 * Writes that arrive together are committed and synced together.
 */
import type { Interval } from "#protocol/calendar.ts";
import type { RefusalReason } from "#protocol/commands.ts";
import type { Boot, Id, Millis, RoomId } from "#protocol/quantities.ts";
import type { SequencedChannel } from "#protocol/readings.ts";
import type { Alert, Transition } from "../alerts/alert.ts";
import type { ChainedEntry, Head } from "../audit/chain.ts";
import type { Checkpoint } from "../audit/checkpoint.ts";
import type { AuditEntry } from "../audit/entry.ts";
import type { Episode } from "../detect/facts.ts";
import type { PairDay, PairMinute } from "../detect/leakage/facts.ts";
import type { Packed } from "./packed.ts";

/** A reading on its way in: identity beside the bytes as they came. */
export interface Message {
  readonly device: Id;
  readonly channel: SequencedChannel;
  readonly boot: Boot;
  readonly seq: number;
  readonly t: Millis;
  readonly receivedAt: Millis;
  /** JSON as published; empty for a room whose readings are never kept (PRIVACY §1.3): only the identity is stored. */
  readonly payload: Uint8Array;
}

/** `id` orders what the journal holds; it grows by one per message and is never reused. */
export interface StoredMessage extends Message {
  readonly id: number;
}

/** A message with an empty payload has no row of its own and answers the id of the newest that has. */
export type Appended = { readonly kind: "stored"; readonly id: number } | { readonly kind: "duplicate" };

/** What has been stored of one boot of one device: sorted, disjoint, inclusive runs of sequence numbers. */
export interface Received {
  readonly device: Id;
  readonly boot: Boot;
  readonly runs: readonly (readonly [number, number])[];
}

export interface Quarantined {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly reason: RefusalReason;
  readonly detail: string;
  readonly receivedAt: Millis;
}

/** One notification to one channel; `key` makes it at most one per (alert, transition, channel). */
export interface DeliveryOrder {
  readonly key: string;
  readonly channel: string;
  /** JSON of what is to be sent. */
  readonly body: string;
  readonly createdAt: Millis;
}

export interface PendingDelivery extends DeliveryOrder {
  readonly attempts: number;
  readonly nextAttemptAt: Millis;
}

/** Everything that follows from a run of messages, committed in one transaction; recording it twice changes nothing. */
export interface Decision {
  readonly episodes?: readonly Episode[];
  readonly transitions?: readonly Transition[];
  readonly deliveries?: readonly DeliveryOrder[];
  /** One per pair and minute, whatever is said of it again: the last word counts. None from a silent room is kept. */
  readonly pairMinutes?: readonly PairMinute[];
  /** One per pair and day, the last word too. */
  readonly pairDays?: readonly PairDay[];
  /** With it, alerts that are raised are entered in the audit log, as of then; in recorded time nobody is alerted. */
  readonly enteredAt?: Millis;
  readonly snapshot?: Snapshot;
}

/** State of the pure steps after the message `throughId`, so that a restart resumes exactly. */
export interface Snapshot {
  readonly name: string;
  /** JSON of the state, or of what of it is not in parts. */
  readonly json: string;
  readonly throughId: number;
  /** Parts that the snapshot of this name before had not: rows of their own. */
  readonly parts?: Parts;
  /**
   * Parts that it has no more; it has all others of the one before. Without this it has no parts but its own. Refused
   * when no such snapshot has been recorded since the file was opened, or made anew: parts may be missing then.
   */
  readonly dropped?: readonly number[];
}

export interface KeptSnapshot extends Pick<Snapshot, "json" | "throughId"> {
  /** Those that can be read; after damage there may be some that it has no more. */
  readonly parts: Parts;
}

/** JSON by numbers of which none is given twice. */
export type Parts = readonly (readonly [number: number, json: string])[];

/**
 * When the oldest ended of the episodes and of the alerts that are over, and when the oldest settled delivery was ordered;
 * null where there is none.
 */
export interface OldestBehaviour {
  readonly episode: Millis | null;
  readonly alert: Millis | null;
  readonly delivery: Millis | null;
}

/** What the disk last said. */
export type JournalHealth = { readonly kind: "ok" } | { readonly kind: "failing"; readonly reason: string };

/** What was once safe and can be read no more: the bytes on the disk are not those that were written. */
export interface Damage {
  /** When it was found. */
  readonly at: Millis;
  readonly what: string;
  /** Acknowledged messages that are missing, as far as that can be counted; history may hold them. */
  readonly messages: number;
  /** Rows of everything else that are missing. */
  readonly records: number;
  /** The file that was set aside, in the journal's folder. */
  readonly file: string | null;
}

/** How long a sync took, and how many writes it made safe. */
export interface Sync {
  readonly ms: Millis;
  readonly writes: number;
}

/** Parts of the message sequence that history does not hold yet, as half-open id ranges, oldest first. */
export type Backlog = readonly (readonly [from: number, to: number])[];

export interface Journal extends AsyncDisposable {
  /** Resolves after the message is synced to disk. Same (device, boot, seq) again: `duplicate`, stored once. */
  append(message: Message): Promise<Appended>;
  /** The same for messages that came together: all are stored or none is; answers in their order. */
  appendAll(messages: readonly Message[]): Promise<readonly Appended[]>;
  /** Id of the newest message; 0 when there is none. */
  lastId(): number;
  /** `lastId` in shared memory, for other threads. */
  readonly head: BigInt64Array;
  /** Messages with id > `after`, oldest first, at most `limit`. */
  messagesAfter(after: number, limit: number): Promise<StoredMessage[]>;
  /** The same for another thread to unpack, with the sources whose number is at least `sourcesFrom`. */
  packedAfter(after: number, limit: number, sourcesFrom?: number): Promise<Packed>;
  /** Removes messages with id ≤ `through` received before `before`; what was received stays known for duplicates. */
  forget(through: number, before: Millis): Promise<number>;
  /** What is synced, per boot; the boot that was heard last comes last. */
  received(device: Id): readonly Received[];
  /** `failing` from a write that could not be synced until one that could. */
  health(): JournalHealth;
  /** Called when it changes; returns its own undo. */
  onHealth(listener: (health: JournalHealth) => void): () => void;
  /** Damage that was found, oldest first, for as long as what is left of it is kept. */
  damage(): readonly Damage[];
  /** Called with what is found from now on; returns its own undo. */
  onDamage(listener: (damage: Damage) => void): () => void;
  /** Called after each sync; returns its own undo. */
  onSync(listener: (sync: Sync) => void): () => void;

  quarantine(refused: Quarantined): Promise<void>;
  quarantined(limit: number): Promise<readonly (Quarantined & { id: number })[]>;
  /** How many messages are set aside. */
  quarantineSize(): Promise<number>;
  /** Removes refused messages that have been accepted since, or that nobody wants to keep. */
  release(ids: readonly number[]): Promise<void>;
  /** Removes what is older, and what is left of damage that was found before. */
  purgeQuarantine(before: Millis): Promise<number>;

  record(decision: Decision): Promise<void>;
  snapshot(name: string): Promise<KeptSnapshot | undefined>;
  /** Episodes that overlap [from, to), in order of start. */
  episodes(from: Millis, to: Millis): Promise<Episode[]>;
  /** Alerts that overlap [from, to), in order of start; without bounds all that are open. */
  alerts(range?: { from: Millis; to: Millis }): Promise<Alert[]>;
  transitions(alertId: string): Promise<Transition[]>;
  /** Minutes that begin in [from, to), in order of time, then of pair. */
  pairMinutes(from: Millis, to: Millis): Promise<PairMinute[]>;
  /** Days whose midnight lies in [from, to), in order of time, then of pair. */
  pairDays(from: Millis, to: Millis): Promise<PairDay[]>;
  /** Removes minutes that began before; answers how many. Days stay: they are building facts. */
  purgePairMinutes(before: Millis): Promise<number>;
  /**
   * Removes episodes and alerts that were over before, with their transitions, and settled deliveries ordered before; of
   * each at most `limit`. Answers how many. What goes on, and what is still to be delivered, stays.
   */
  purgeBehaviour(before: Millis, limit: number): Promise<number>;
  oldestBehaviour(): Promise<OldestBehaviour>;

  dueDeliveries(now: Millis, limit: number): Promise<PendingDelivery[]>;
  /** Puts the outcome of an attempt: done, or to be tried again at `nextAttemptAt`, or given up. */
  settleDelivery(key: string, outcome: "done" | "given-up" | { readonly nextAttemptAt: Millis }): Promise<void>;

  /** A named small value, such as the forwarder's position. */
  note(name: string): Promise<string | undefined>;
  setNote(name: string, value: string): Promise<void>;
  /** The same with the entries that say why, in one transaction: neither is ever there without the others. */
  setNoteAudited(name: string, value: string, entries: readonly AuditEntry[]): Promise<void>;

  /** Rooms of which from now on nothing of the talk is recorded, besides those given when it was opened (PRIVACY §1.3). */
  silence(rooms: readonly RoomId[]): Promise<void>;

  /** Synced before it resolves; behaviour data is answered only after it (PRIVACY §1.9). */
  audit(entry: AuditEntry): Promise<void>;
  auditHead(): Promise<Head>;
  /** The first entries with a number > `seq`, in order. */
  auditAfter(seq: number, limit: number): Promise<readonly ChainedEntry[]>;
  /** The last entries of a period, newest first; only those before the entry `seq` when it is given. */
  auditBefore(period: Interval, seq: number | null, limit: number): Promise<readonly ChainedEntry[]>;
  keepCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** Oldest first. */
  checkpoints(): Promise<readonly Checkpoint[]>;
}
