/**
 * Recorded messages through the same ingest, in recorded time and as fast as it goes. One record per line:
 * `{"at":1780000000000,"topic":"fortrolig/v1/…","payload":"…"}`, `at` the arrival in ms UTC, `payload` the exact JSON
 * text that was published.
 */
import type { Readable } from "node:stream";
import { z } from "zod";
import { Millis } from "#protocol/quantities.ts";
import { isSequenced } from "#protocol/readings.ts";
import type { HandClock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Published } from "./broker.ts";
import type { Ingest } from "./ingest.ts";

const Recorded = z.strictObject({ at: Millis, topic: z.string(), payload: z.string() });
export type Recorded = z.infer<typeof Recorded>;

export interface ReplayOptions {
  readonly clock: HandClock;
  /** Called after each portion with how many records are through and the recorded time reached. */
  readonly onProgress?: (records: number, at: Millis) => void;
  /** Records under way at one time. */
  readonly portion?: number;
}

const PORTION = 4000;

interface Portion {
  readonly messages: readonly Promise<void>[];
  readonly records: number;
  readonly at: Millis;
}

/**
 * Feeds every record, a portion at a time, and answers how many there were. The clock follows when a portion is safe
 * and handed on, so that nobody who waits on it sees a moment whose messages are still under way.
 * Throws with the line's number on a line that is no record, and with the journal's error when the disk fails.
 */
export async function replay(lines: AsyncIterable<string>, ingest: Ingest, options: ReplayOptions): Promise<number> {
  const { clock, onProgress, portion = PORTION } = options;
  let records = 0;
  let number = 0;
  let at = clock.now();
  let portionNow: Promise<void>[] = [];
  let inPortion = 0;
  /** Arrived together, and not handed to ingest yet. */
  let together: Published[] = [];
  let togetherAt = at;
  let before: Portion | undefined;
  let failure: unknown;
  const failed = (error: unknown) => {
    failure ??= error;
  };
  const settle = async (portion: Portion | undefined) => {
    if (!portion) return;
    await Promise.all(portion.messages);
    if (failure) throw failure;
    clock.advanceTo(portion.at);
    onProgress?.(portion.records, portion.at);
  };
  const handOver = () => {
    if (together.length === 0) return;
    portionNow.push(ingest.receiveAll(together, togetherAt).catch(failed));
    together = [];
  };
  /** The next portion is read and judged while the one before it is made safe. */
  const next = async () => {
    handOver();
    const portion = { messages: portionNow, records, at };
    portionNow = [];
    inPortion = 0;
    await settle(before);
    before = portion;
  };
  for await (const line of lines) {
    number++;
    if (line === "") continue;
    const record = parseRecord(line, number);
    at = Math.max(at, record.at);
    records++;
    // What is not stored is handed on by itself, after the readings that came before it.
    const isAlone = !isSequenced(record.topic.slice(record.topic.lastIndexOf("/") + 1));
    if (isAlone || record.at !== togetherAt) handOver();
    together.push({ topic: record.topic, payload: Buffer.from(record.payload) });
    togetherAt = record.at;
    if (isAlone) handOver();
    if (++inPortion >= portion) await next();
  }
  await next();
  await settle(before);
  return records;
}

/** The lines of a stream of UTF-8, as `replay` takes them. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding("utf8");
  let rest = "";
  for await (const text of stream) {
    const lines = (rest + text).split(LINE_END);
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

const LINE_END = /\r?\n/;

function parseRecord(line: string, number: number): Recorded {
  try {
    return Recorded.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`line ${number}: is no record {"at", "topic", "payload"}`, { cause });
  }
}

/** Judges what is in quarantine once more, as of its arrival, and takes out what is accepted; answers how many. */
export async function replayQuarantine(journal: Journal, ingest: Ingest, limit: number): Promise<number> {
  const held = await journal.quarantined(limit);
  const verdicts = await Promise.all(held.map((refused) => ingest.reconsider(refused)));
  const accepted = held.filter((_, i) => verdicts[i] === "accepted").map(({ id }) => id);
  await journal.release(accepted);
  return accepted.length;
}
