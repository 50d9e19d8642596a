/**
 * Recorded messages through the same ingest, in recorded time and as fast as it goes. One record per line:
 * `{"at":1780000000000,"topic":"fortrolig/v1/…","payload":"…"}`, `at` the arrival in ms UTC, `payload` the exact JSON
 * text that was published.
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";
import { Millis } from "#protocol/quantities.ts";
import type { HandClock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
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
  /** The next portion is read and judged while the one before it is made safe. */
  const next = async () => {
    const portion = { messages: portionNow, records, at };
    portionNow = [];
    await settle(before);
    before = portion;
  };
  for await (const line of lines) {
    number++;
    if (line === "") continue;
    const record = parseRecord(line, number);
    at = Math.max(at, record.at);
    records++;
    const packet = { topic: record.topic, payload: Buffer.from(record.payload), at: record.at };
    portionNow.push(ingest.receive(packet).catch(failed));
    if (portionNow.length >= portion) await next();
  }
  await next();
  await settle(before);
  return records;
}

/** The lines of a stream of bytes, as `replay` takes them. */
export const linesOf = (stream: Readable): AsyncIterable<string> =>
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });

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
