/** What devices publish in recorded time, through the gateway's own pipeline, as fast as it goes. */
import pino from "pino";
import { handClock } from "#gateway/clock.ts";
import { readConfig } from "#gateway/config.ts";
import { replay } from "#gateway/ingest/replay.ts";
import { createLog, openLogger } from "#gateway/log.ts";
import { openPipeline, type Pipeline, type PipelineOptions } from "#gateway/pipeline.ts";

export interface RecordedTime extends AsyncDisposable {
  readonly pipeline: Pipeline;
  /** Takes in records, one JSON text each, and resolves to their number when all is decided, stored and rolled up at `until`. */
  feed(lines: AsyncIterable<string>, until: number): Promise<number>;
}

export async function openRecordedTime(
  settings: { readonly data: string; readonly history?: string; readonly site?: string },
  from: number,
  publish: PipelineOptions["publish"] = () => {},
  onLine?: (line: string) => void,
): Promise<RecordedTime> {
  const clock = handClock(from);
  const log = createLog(onLine ? pino({ level: "debug" }, { write: onLine }) : openLogger("silent"));
  const pipeline = await openPipeline({
    config: readConfig({}, settings),
    clock,
    log,
    publish,
    time: "data",
    // Every decision has its line, as in a gateway that runs.
    onRecorded: log.decision,
  });
  await pipeline.history.prepare();
  return {
    pipeline,
    async feed(lines, until) {
      const records = await replay(lines, pipeline.ingest, { clock });
      clock.advanceTo(until);
      await pipeline.settled();
      return records;
    },
    [Symbol.asyncDispose]: () => pipeline[Symbol.asyncDispose](),
  };
}

const DAY = 86_400_000;

/** The last whole day (UTC) that was this weekday, 1 Monday … 7 Sunday: recent enough for every tier of history. */
export function lastWhole(weekday: number): { readonly from: number; readonly until: number } {
  let from = Math.floor(Date.now() / DAY) * DAY - DAY;
  while ((new Date(from).getUTCDay() + 6) % 7 !== weekday - 1) from -= DAY;
  return { from, until: from + DAY };
}
