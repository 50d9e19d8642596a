/**
 * Group commit, on the main thread. While one batch is being synced the next one fills; a batch begins when the event
 * loop has taken in what was there to read, so that no timer delays a lone message.
 * A message's identity is looked up and claimed in memory at once; what may be told to others is only what was synced.
 */
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Appended, Message, Received } from "./journal.ts";
import type { Batch, Contents } from "./message-table.ts";
import { add, pairs, type Runs } from "./runs.ts";
import { bufferFor, SEGMENT_BYTES, type Segment, SegmentWriter } from "./segment.ts";

interface Source {
  readonly id: number;
  readonly device: Id;
  readonly boot: Boot;
  /** Everything taken, whether it is synced or not. */
  claimed: Runs;
  /** What is synced. */
  stored: Runs;
  seen: Millis;
  /** Part of the batch that fills. */
  touched: boolean;
}

/** Messages that were appended together. */
interface Waiting {
  readonly appended: readonly Appended[];
  readonly resolve: (appended: readonly Appended[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Stores a batch; resolves when it is synced. */
export type StoreBatch = (batch: Batch, buffers: ArrayBuffer[]) => Promise<void>;

const SPARE_BUFFERS = 12;
const DUPLICATE: Appended = { kind: "duplicate" };

export class Appender {
  readonly #store: StoreBatch;
  readonly #sources = new Map<Id, Map<Boot, Source>>();
  readonly #spare: ArrayBuffer[] = [];
  #lastSource = 0;
  #givenId: number;
  /** The newest id that is synced, in memory that other threads may look at. */
  readonly head = new BigInt64Array(new SharedArrayBuffer(8));
  #full: Segment[] = [];
  #writer: SegmentWriter | undefined;
  #touched: Source[] = [];
  #waiting: Waiting[] = [];
  #scheduled = false;
  #syncing: Promise<void> | undefined;

  constructor(contents: Contents, store: StoreBatch) {
    this.#store = store;
    this.#givenId = contents.lastId;
    Atomics.store(this.head, 0, BigInt(contents.lastId));
    for (const { id, device, boot, runs, seen } of contents.sources) {
      const source = { id, device, boot, claimed: runs, stored: runs.slice(), seen, touched: false };
      this.#bootsOf(device).set(boot, source);
      this.#lastSource = Math.max(this.#lastSource, id);
    }
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    let isNews = false;
    const appended = messages.map((message): Appended => {
      const source = this.#sourceOf(message.device, message.boot);
      if (!add(source.claimed, message.seq)) return DUPLICATE;
      isNews = true;
      return this.#take(source, message);
    });
    if (!isNews && !this.#syncing && this.#waiting.length === 0) return Promise.resolve(appended);
    const { promise, resolve, reject } = Promise.withResolvers<readonly Appended[]>();
    // Duplicates wait as well: what they repeat may not be synced yet.
    this.#waiting.push({ appended, resolve, reject });
    this.#schedule();
    return promise;
  }

  lastId(): number {
    return Number(Atomics.load(this.head, 0));
  }

  received(device: Id): Received[] {
    const boots = [...(this.#sources.get(device)?.values() ?? [])];
    return boots
      .filter((source) => source.stored.length > 0)
      .sort((a, b) => a.seen - b.seen)
      .map(({ boot, stored }) => ({ device, boot, runs: pairs(stored) }));
  }

  /** Device and boot of the sources with at least this number. */
  sources(from: number): { id: number; device: Id; boot: Boot }[] {
    if (from > this.#lastSource) return [];
    const found = [];
    for (const boots of this.#sources.values())
      for (const { id, device, boot } of boots.values()) if (id >= from) found.push({ id, device, boot });
    return found;
  }

  /** Forgets sources that the journal has dropped, unless they have spoken since. */
  dropSources(ids: readonly number[], useless: Millis): void {
    const dropped = new Set(ids);
    for (const boots of this.#sources.values())
      for (const source of boots.values())
        if (dropped.has(source.id) && source.seen < useless) boots.delete(source.boot);
  }

  /** The file has been made anew, perhaps without some of them: what is known of them here goes with the next batch. */
  storeSourcesAgain(): void {
    for (const boots of this.#sources.values())
      for (const source of boots.values()) {
        if (source.touched || source.stored.length === 0) continue;
        source.touched = true;
        this.#touched.push(source);
      }
  }

  reuse(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers)
      if (this.#spare.length < SPARE_BUFFERS && buffer.byteLength === SEGMENT_BYTES) this.#spare.push(buffer);
  }

  /** Resolves when everything appended so far is synced or has been rejected. */
  async drained(): Promise<void> {
    while (this.#syncing || this.#waiting.length > 0) {
      if (!this.#syncing) this.#begin();
      await this.#syncing;
    }
  }

  /** Without a payload only the identity is stored: such a message shares the id of the newest that has a row. */
  #take(source: Source, message: Message): Appended {
    if (!source.touched) {
      source.touched = true;
      this.#touched.push(source);
    }
    if (message.receivedAt > source.seen) source.seen = message.receivedAt;
    if (message.payload.length === 0) return { kind: "stored", id: this.#givenId };
    const id = ++this.#givenId;
    this.#writerFor(message.payload.length).put(id, source.id, message);
    return { kind: "stored", id };
  }

  #writerFor(payloadLength: number): SegmentWriter {
    if (this.#writer?.fits(payloadLength)) return this.#writer;
    if (this.#writer) this.#full.push(this.#writer.finish());
    const buffer = payloadLength < SEGMENT_BYTES / 2 ? this.#spare.pop() : undefined;
    this.#writer = new SegmentWriter(buffer ?? bufferFor(payloadLength));
    return this.#writer;
  }

  #schedule(): void {
    if (this.#scheduled || this.#syncing) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#syncing && this.#waiting.length > 0) this.#begin();
    });
  }

  #begin(): void {
    this.#syncing = this.#commit().finally(() => {
      this.#syncing = undefined;
      if (this.#waiting.length > 0) this.#begin();
    });
  }

  async #commit(): Promise<void> {
    const waiting = this.#waiting;
    const touched = this.#touched;
    const segments = this.#writer ? [...this.#full, this.#writer.finish()] : this.#full;
    this.#waiting = [];
    this.#touched = [];
    this.#full = [];
    this.#writer = undefined;
    const sources = touched.map((source) => {
      source.touched = false;
      return {
        id: source.id,
        device: source.device,
        boot: source.boot,
        runs: source.claimed.slice(),
        seen: source.seen,
      };
    });
    try {
      const buffers = segments.map((segment) => segment.buffer);
      // Only duplicates: what they repeat was synced by the batch before.
      if (sources.length > 0) await this.#store({ segments, sources }, buffers);
    } catch (error) {
      this.#fail(touched, waiting, error);
      return;
    }
    for (const [i, source] of touched.entries()) source.stored = sources[i]!.runs;
    const newest = segments.at(-1);
    if (newest) Atomics.store(this.head, 0, BigInt(newest.lastId));
    for (const { appended, resolve } of waiting) resolve(appended);
  }

  /** Also what has come in meanwhile is rejected: it may repeat what was just lost. Its claims are given up. */
  #fail(touched: readonly Source[], waiting: readonly Waiting[], error: unknown): void {
    const rejected = [...waiting, ...this.#waiting];
    for (const source of [...touched, ...this.#touched]) {
      source.claimed = source.stored.slice();
      source.touched = false;
    }
    this.#waiting = [];
    this.#touched = [];
    this.#full = [];
    this.#writer = undefined;
    for (const { reject } of rejected) reject(error);
  }

  #sourceOf(device: Id, boot: Boot): Source {
    const boots = this.#bootsOf(device);
    const known = boots.get(boot);
    if (known) return known;
    const source = { id: ++this.#lastSource, device, boot, claimed: [], stored: [], seen: 0, touched: false };
    boots.set(boot, source);
    return source;
  }

  #bootsOf(device: Id): Map<Boot, Source> {
    const known = this.#sources.get(device);
    if (known) return known;
    const boots = new Map<Boot, Source>();
    this.#sources.set(device, boots);
    return boots;
  }
}
