/** Work that is done again and again, until it is disposed of. */
import type { Clock } from "../clock.ts";

const STOP_LIMIT_MS = 1000;

/** The first time at once. `work` catches what it can answer; what it throws ends up in `failed`, and the next period comes all the same. */
export function startPeriodic(
  clock: Clock,
  everyMs: number,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): AsyncDisposable {
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      await work().catch(failed);
      await clock.wait(everyMs, stop.signal).catch(() => {});
    }
  };
  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await endedWithin(clock, STOP_LIMIT_MS, running);
    },
  };
}

/** Waits for work that is ending, but not for ever: a database that does not answer must not hold up a shutdown. */
export async function endedWithin(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const limit = new AbortController();
  await Promise.race([work, clock.wait(ms, limit.signal).catch(() => {})]);
  limit.abort();
}
