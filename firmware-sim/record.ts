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
/** So much is made ahead of a reader that is busy with what it has: both work at the same time. */
const AHEAD_CHARS = 1 << 25;

export interface Sink {
  /** Calls `taken` when the text is on its way, or with what went wrong. */
  write(text: string, taken: (error?: Error | null) => void): unknown;
  once(event: "error" | "close", listener: (error?: Error) => void): unknown;
  off(event: "error" | "close", listener: (error?: Error) => void): unknown;
}

/** Writes them all, no further ahead of what the sink has taken than `ahead` characters. Returns how many. */
export async function writeRecords(
  publications: Iterable<Publication> | AsyncIterable<Publication>,
  sink: Sink,
  ahead = AHEAD_CHARS,
): Promise<number> {
  using writer = openWriter(sink);
  let count = 0;
  let batch = "";
  for await (const publication of publications) {
    batch += lineOf(publication);
    count += 1;
    if (batch.length < BATCH_CHARS) continue;
    writer.write(batch);
    batch = "";
    await writer.untilWaiting(ahead);
  }
  writer.write(batch);
  await writer.untilWaiting(0);
  return count;
}

function openWriter(sink: Sink) {
  /** Characters that the sink has not taken. */
  let waiting = 0;
  let failure: Error | undefined;
  let wake = () => {};
  const fail = (error?: Error) => {
    failure ??= error ?? new Error("the reader has gone");
    wake();
  };
  const gone = () => fail();
  sink.once("error", fail);
  sink.once("close", gone);
  return {
    write(text: string): void {
      waiting += text.length;
      sink.write(text, (error) => {
        waiting -= text.length;
        if (error) fail(new Error("the reader has gone", { cause: error }));
        else wake();
      });
    },
    /** Resolves when no more than `most` characters wait; throws what the sink has failed with. */
    async untilWaiting(most: number): Promise<void> {
      // Nothing is written before the event loop turns.
      await new Promise(setImmediate);
      while (failure === undefined && waiting > most)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (failure) throw failure;
    },
    [Symbol.dispose](): void {
      sink.off("error", fail);
      sink.off("close", gone);
    },
  };
}
