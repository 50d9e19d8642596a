/** What would have been published, as line-delimited JSON: `{"at":…,"topic":"…","payload":"…"}`, in order of arrival. */
import type { Millis } from "#protocol/quantities.ts";

export interface Publication {
  /** Arrival, ms UTC. */
  readonly at: Millis;
  readonly topic: string;
  /** JSON as published. */
  readonly payload: string;
}

/** Topics hold no character that JSON escapes. */
const lineOf = ({ at, topic, payload }: Publication): string =>
  `{"at":${at},"topic":"${topic}","payload":${JSON.stringify(payload)}}\n`;

const BATCH_CHARS = 1 << 18;

export interface Sink {
  /** False asks the writer to wait for `drain`, as Node's streams do. */
  write(text: string): boolean;
  once(event: "drain" | "error" | "close", listener: (error?: Error) => void): unknown;
  off(event: "drain" | "error" | "close", listener: (error?: Error) => void): unknown;
}

/** Writes them all, no faster than the sink takes them. Returns how many. */
export async function writeRecords(
  publications: Iterable<Publication> | AsyncIterable<Publication>,
  sink: Sink,
): Promise<number> {
  let count = 0;
  let batch = "";
  for await (const publication of publications) {
    batch += lineOf(publication);
    count += 1;
    if (batch.length < BATCH_CHARS) continue;
    await write(sink, batch);
    batch = "";
  }
  if (batch !== "") await write(sink, batch);
  return count;
}

function write(sink: Sink, text: string): Promise<void> {
  if (sink.write(text)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      for (const event of ["drain", "error", "close"] as const) sink.off(event, listeners[event]);
      if (error) reject(error);
      else resolve();
    };
    const listeners = {
      drain: () => settle(),
      error: (error?: Error) => settle(error),
      close: () => settle(new Error("the reader has gone")),
    };
    for (const event of ["drain", "error", "close"] as const) sink.once(event, listeners[event]);
  });
}
