/**
 * Moves journalled readings to history and never loses one: a message leaves the journal only after the database has
 * confirmed it and a while has passed. The forwarder's position is a note in the journal; what was under way at a crash
 * is moved again, which changes nothing, because a point's time is the device's.
 */
import type { HistoryTrouble } from "#protocol/api.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { Journal, StoredMessage } from "../journal/journal.ts";
import { backOffMs } from "./back-off.ts";
import {
  advance,
  behindOf,
  type Errand,
  heldThrough,
  type Lane,
  nextErrand,
  type Position,
  parkWhenFarBehind,
  rewind,
  startPosition,
} from "./backlog.ts";
import { type Batch, type MessageSource, type Moment, quarantinedOf, readBatch, type Unfit } from "./batch.ts";
import { type History, HistoryError } from "./history.ts";
import { endedWithin } from "./periodic.ts";
import type { WhereIs } from "./points.ts";
import { createRecordForwarder, type RecordForwarder } from "./record-forwarder.ts";
import { episodeRecords, pairDayRecords, pairMinuteRecords } from "./records.ts";
import { createWriteAround, type WriteAround } from "./write-around.ts";

const BATCH = 5000;
/** Fewer live messages than a batch are collected for this long. */
export const COLLECT_MS = 1000;
/** More live messages than this are parked as backlog, and live goes on behind them. */
export const FAR_BEHIND = 20_000;
/** How long the journal keeps what history has confirmed: a database that was killed may come back without it. */
export const REPLAY_MS = 15 * 60_000;
const SAVE_MS = 1000;
const FORGET_MS = 60_000;
const STOP_LIMIT_MS = 3000;

export interface ForwarderStatus {
  /** `waiting`: the database is tried again by itself · `held`: a person must act. In neither is anything lost. */
  readonly state: "flowing" | "waiting" | "held";
  /** Why it is not flowing, for the log, … */
  readonly reason: string | null;
  /** … and in a word for everybody. */
  readonly trouble: HistoryTrouble | null;
  /** Messages that history has not confirmed. */
  readonly behind: number;
  /** When the oldest of them arrived, as far as they have been read. */
  readonly oldest: Millis | null;
  /** Points that the database has confirmed, since the start. */
  readonly written: number;
  /** What the database will never take, since the start: messages, which are in quarantine, and records. */
  readonly refused: number;
}

export interface Forwarder extends AsyncDisposable {
  status(): ForwarderStatus;
  /** Called when `state` or `reason` changes; returns its own undo. */
  onChange(listener: (status: ForwarderStatus) => void): () => void;
  /** Resolves with true when all that the journal held at the call is in history, with false when stopped before. */
  drain(): Promise<boolean>;
}

/** Who must hear where history has confirmed points, such as rollups. */
export interface Follower {
  /** Of points within a minute one is told. */
  written(points: readonly Moment[]): void;
  /** Makes safe what was heard; awaited before the forwarder's position is saved. */
  save(): Promise<void>;
}

export type ForwardedJournal = Pick<
  Journal,
  "lastId" | "forget" | "quarantine" | "episodes" | "pairMinutes" | "pairDays" | "note" | "setNote"
> &
  MessageSource;

export interface ForwarderOptions {
  readonly journal: ForwardedJournal;
  readonly history: History;
  readonly clock: Clock;
  readonly site: Id;
  readonly whereIs: WhereIs;
  readonly follower?: Follower;
  /** For jitter: 0–1. */
  readonly random?: () => number;
}

/** Whether no message is to be moved before those of an errand. */
const isOldest = ({ pending }: Position, { lane }: Errand): boolean => lane === "backlog" || pending.length === 0;

/** Reads its position and goes on from there, in the background, until disposed. */
export async function startForwarder(options: ForwarderOptions): Promise<Forwarder> {
  const forwarder = new RunningForwarder(options);
  await forwarder.start();
  return forwarder;
}

const NOTE = "forwarder";
interface SavedPosition extends Position {
  /** Saved in good order; otherwise a database on the same machine may have crashed together with us. */
  readonly clean: boolean;
}

type Trouble = Pick<ForwarderStatus, "state" | "reason" | "trouble">;
const noTrouble: Trouble = { state: "flowing", reason: null, trouble: null };

class RunningForwarder implements Forwarder {
  readonly #options: ForwarderOptions;
  readonly #write: WriteAround;
  readonly #records: readonly RecordForwarder[];
  readonly #listeners = new Set<(status: ForwarderStatus) => void>();
  readonly #drains: { readonly through: number; resolve(all: boolean): void }[] = [];
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  #rest: { readonly wakeable: boolean; readonly alarm: AbortController } | undefined;

  #position: Position = startPosition;
  #lane: Lane = "live";
  #trouble: Trouble = noTrouble;
  #oldest: Millis | null = null;
  #written = 0;
  #refused = 0;

  #prepared = false;
  /** Failures since the last success. */
  #attempts = 0;
  /** The database was out of reach: it may have crashed. */
  #mayHaveLost = false;
  #unsaved = false;
  #nextLiveAt = 0;
  #nextSaveAt = 0;
  #nextForgetAt = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { site, journal, history, clock } = options;
    this.#write = createWriteAround(history);
    const recordOptions = { ...options, write: this.#write };
    this.#records = [
      createRecordForwarder(pairMinuteRecords(site, journal), recordOptions),
      createRecordForwarder(pairDayRecords(site, journal), recordOptions),
      createRecordForwarder(episodeRecords(site, journal, clock), recordOptions),
    ];
  }

  status(): ForwarderStatus {
    const behind = behindOf(this.#position, this.#options.journal.lastId());
    const oldest = behind === 0 ? null : this.#oldest;
    return { ...this.#trouble, behind, oldest, written: this.#written, refused: this.#refused };
  }

  onChange(listener: (status: ForwarderStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  drain(): Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#drains.push({ through: this.#options.journal.lastId(), resolve });
      if (this.#rest?.wakeable) this.#rest.alarm.abort();
    });
  }

  async start(): Promise<void> {
    const saved = await this.#options.journal.note(NOTE);
    if (saved !== undefined) {
      const { pending, next, clean } = JSON.parse(saved) as SavedPosition;
      this.#position = clean ? { pending, next } : await this.#rewound({ pending, next });
    }
    await this.#save();
    this.#running = this.#run();
  }

  /** Ends after the batch under way, or without it when the database does not answer in time. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#rest?.alarm.abort();
    await endedWithin(this.#options.clock, STOP_LIMIT_MS, this.#running);
    await this.#save(!this.#mayHaveLost);
    for (const drain of this.#drains) drain.resolve(false);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#round();
      } catch (error) {
        await this.#backOff(error);
      }
    }
  }

  async #round(): Promise<void> {
    if (!this.#prepared) await this.#options.history.prepare();
    this.#prepared = true;
    const asked = this.#drains.length;
    await this.#flow();
    for (const records of this.#records) this.#refused += await records.forward(asked > 0);
    this.#recovered();
    await this.#keepHouse();
    this.#settleDrains(asked);
    if (this.#drains.length > 0) return;
    const collecting = this.#nextLiveAt - this.#options.clock.now();
    await this.#pause(collecting > 0 ? Math.min(collecting, COLLECT_MS) : COLLECT_MS, true);
  }

  /** Moves batch after batch while there are any; the next is read and encoded while the database stores the present one. */
  async #flow(): Promise<void> {
    this.#position = this.#parked(this.#position);
    let batch = await this.#read(this.#position, this.#lane);
    while (batch && !this.#stopped) {
      if (batch.errand.lane === "live") this.#nextLiveAt = this.#options.clock.now() + COLLECT_MS;
      if (isOldest(this.#position, batch.errand)) this.#oldest = batch.oldest ?? this.#oldest;
      const after = this.#parked(advance(this.#position, batch.errand, batch.reached));
      const upcoming = this.#read(after, batch.errand.lane);
      upcoming.catch(() => {});
      await this.#put(batch);
      const replaying = this.#mayHaveLost;
      this.#position = replaying ? await this.#rewound(after) : after;
      if (behindOf(this.#position, this.#options.journal.lastId()) === 0) this.#oldest = null;
      this.#lane = batch.errand.lane;
      this.#unsaved = true;
      this.#recovered();
      if (this.#options.clock.now() >= this.#nextSaveAt) await this.#save();
      batch = replaying ? await this.#read(this.#position, this.#lane) : await upcoming;
    }
  }

  async #read(position: Position, previous: Lane): Promise<Batch | undefined> {
    const { journal, history, whereIs } = this.#options;
    const errand = nextErrand(position, journal.lastId(), previous, this.#liveIsDue() ? 1 : BATCH);
    return errand && readBatch(journal, errand, BATCH, whereIs, history);
  }

  #liveIsDue(): boolean {
    return this.#drains.length > 0 || this.#options.clock.now() >= this.#nextLiveAt;
  }

  #parked(position: Position): Position {
    return parkWhenFarBehind(position, this.#options.journal.lastId(), FAR_BEHIND);
  }

  /** Stores a batch; what the database refuses goes to quarantine, so that it neither blocks nor is lost. */
  async #put(batch: Batch): Promise<void> {
    const { journal, site, follower } = this.#options;
    const refused = await this.#write(batch);
    const origins = refused.length > 0 ? batch.origins() : [];
    const rejected = refused.map(
      ({ index, why }): Unfit => ({ message: origins[index]!, reason: "schema", detail: why }),
    );
    const unfit = [...batch.unfit, ...rejected];
    await Promise.all(unfit.map((message) => journal.quarantine(quarantinedOf(site, message))));
    follower?.written(batch.touched);
    this.#written += batch.count - refused.length;
    this.#refused += unfit.length;
  }

  /** Back to the oldest message that the journal still has; moving messages again changes nothing. */
  async #rewound(position: Position): Promise<Position> {
    const first = await this.#firstAfter(0);
    this.#mayHaveLost = false;
    for (const records of this.#records) records.again();
    return first ? rewind(position, first.id) : position;
  }

  async #save(clean = false): Promise<void> {
    const { journal, follower, clock } = this.#options;
    await follower?.save();
    await journal.setNote(NOTE, JSON.stringify({ ...this.#position, clean } satisfies SavedPosition));
    this.#unsaved = false;
    this.#nextSaveAt = clock.now() + SAVE_MS;
  }

  async #keepHouse(): Promise<void> {
    const { journal, clock } = this.#options;
    if (this.#unsaved) await this.#save();
    if (clock.now() < this.#nextForgetAt) return;
    this.#nextForgetAt = clock.now() + FORGET_MS;
    await journal.forget(heldThrough(this.#position), clock.now() - REPLAY_MS);
  }

  /** Only those that were there when the round began: the others have not seen their records written. */
  #settleDrains(asked: number): void {
    for (const drain of this.#drains.slice(0, asked)) {
      if (heldThrough(this.#position) < drain.through) continue;
      this.#drains.splice(this.#drains.indexOf(drain), 1);
      drain.resolve(true);
    }
  }

  #recovered(): void {
    this.#attempts = 0;
    this.#changeTo(noTrouble);
  }

  async #backOff(error: unknown): Promise<void> {
    const known = error instanceof HistoryError ? error : undefined;
    this.#prepared = false;
    this.#mayHaveLost ||= known?.unreachable ?? false;
    this.#oldest = await this.#oldestKept();
    // `refused` ends up here when it is no points that are refused.
    const state = known === undefined || known.failure === "unavailable" ? "waiting" : "held";
    this.#changeTo({ state, reason: (error as Error).message, trouble: known?.trouble ?? "other" });
    const random = this.#options.random ?? Math.random;
    await this.#pause(backOffMs(this.#attempts++, random(), known?.retryAfterMs), false);
  }

  /** A journal that does not answer either is told by its own health. */
  async #oldestKept(): Promise<Millis | null> {
    const first = await this.#firstAfter(heldThrough(this.#position)).catch(() => undefined);
    return first?.receivedAt ?? null;
  }

  async #firstAfter(id: number): Promise<StoredMessage | undefined> {
    const [first] = await this.#options.journal.messagesAfter(id, 1);
    return first;
  }

  #changeTo(trouble: Trouble): void {
    if (trouble.state === this.#trouble.state && trouble.reason === this.#trouble.reason) return;
    this.#trouble = trouble;
    for (const listener of this.#listeners) listener(this.status());
  }

  async #pause(ms: number, wakeable: boolean): Promise<void> {
    if (this.#stopped) return;
    const alarm = new AbortController();
    this.#rest = { wakeable, alarm };
    await this.#options.clock.wait(ms, alarm.signal).catch(() => {});
    this.#rest = undefined;
  }
}
