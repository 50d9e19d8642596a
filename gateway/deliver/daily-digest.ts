/**
 * In a strict house, each local day that is over as one notification, in the place of single alerts (PRIVACY §2): a quarter
 * of an hour late, and so long after a start too, for what devices kept meanwhile to come in first.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { Clock } from "../clock.ts";
import { delayOf, firstOpenDay, intervalOf, measuredDays, numbersIn } from "../display/bins.ts";
import type { ToldFrom } from "../display/regrouping.ts";
import { daysNeeded } from "../display/talk.ts";
import type { Journal } from "../journal/journal.ts";
import { type DigestView, digestOf } from "../report/digest.ts";
import { digestOrders } from "./orders.ts";

/** So often it is looked whether a day is over: the clock may be set, and machines sleep. */
const LOOK_MS = 60_000;
/** What is older when the gateway comes back is no news: the report has it. */
const MOST_DAYS = 7;
/** Name of the journal's note of the newest day that was told. */
const NOTE = "digest";

export interface DailyDigestOptions {
  readonly site: Site;
  readonly journal: Pick<Journal, "episodes" | "alerts" | "note" | "setNote" | "record">;
  readonly clock: Clock;
  readonly channels: readonly string[];
  /** Since when rooms are told together as they are. */
  readonly toldFrom?: ToldFrom;
  /** There is something to send. */
  readonly onOrdered?: () => void;
  /** None could be made; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Days before the first start of this are told by nobody: there was no digest then. */
export function startDailyDigest(options: DailyDigestOptions): AsyncDisposable {
  const { site, journal, clock, channels, onOrdered, onTrouble } = options;
  const startedAt = clock.now();
  const stop = new AbortController();

  const lastOver = (now: Millis) => firstOpenDay(site, now) - 1;

  async function look(): Promise<void> {
    const now = clock.now();
    const note = await journal.note(NOTE);
    // A clock that was far ahead must not silence all the days until then.
    if (note === undefined || Number(note) > lastOver(now)) return journal.setNote(NOTE, String(lastOver(now)));
    if (now < startedAt + delayOf(site)) return;
    const missing = { from: Math.max(Number(note) + 1, lastOver(now) + 1 - MOST_DAYS), until: lastOver(now) + 1 };
    const measured = measuredDays(missing, site);
    for (const day of numbersIn(missing)) {
      if (measured.has(day)) await order(await gather(day, now), now);
      await journal.setNote(NOTE, String(day));
    }
  }

  async function gather(day: number, now: Millis): Promise<DigestView> {
    const { from, until } = intervalOf(daysNeeded({ from: day, until: day + 1 }), site.timeZone);
    const [episodes, alerts] = await Promise.all([journal.episodes(from, until), journal.alerts({ from, to: until })]);
    return digestOf({ site, episodes, alerts }, day, now, options.toldFrom);
  }

  /** Before the note: after a crash between the two the day is ordered again under keys that the journal knows. */
  async function order(digest: DigestView, now: Millis): Promise<void> {
    if (digest.units.length === 0) return;
    await journal.record({ deliveries: digestOrders(digest, channels, now) });
    onOrdered?.();
  }

  async function watch(): Promise<void> {
    while (!stop.signal.aborted) {
      await look().catch((error: unknown) => onTrouble?.(error));
      await clock.wait(LOOK_MS, stop.signal).catch(() => {});
    }
  }
  const watching = watch();

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}
