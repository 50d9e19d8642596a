/** What a person may write for a period → an interval of instants. */
import type { Interval } from "#protocol/calendar.ts";
import { startOfDay } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";

const DAY = 86_400_000;
const LONGEST_PERIOD_MS = 5 * 366 * DAY;
/** Without bounds a report covers the last four weeks. */
const DEFAULT_PERIOD_MS = 28 * DAY;

export class PeriodError extends Error {
  override readonly name = "PeriodError";
}

/**
 * `2026-11-01` is the start of that local day; otherwise RFC 3339 with its offset. `to` is exclusive, but a date given
 * as `to` includes that day; what lies after `now` is cut off.
 */
export function parsePeriod(
  given: { from?: string | undefined; to?: string | undefined },
  timeZone: string,
  now: Millis,
  defaultMs = DEFAULT_PERIOD_MS,
): Interval {
  const until = Math.min(now, given.to === undefined ? now : instant(given.to, "to", timeZone, "end"));
  const from = given.from === undefined ? until - defaultMs : instant(given.from, "from", timeZone, "start");
  if (from >= until) throw new PeriodError("from must lie before to, and before now");
  if (until - from > LONGEST_PERIOD_MS) throw new PeriodError("the period is longer than five years");
  return { from, until };
}

/** Another period to hold `period` against: both bounds or neither, and nothing in common with it. */
export function parseCompared(
  given: { compareFrom?: string | undefined; compareTo?: string | undefined },
  period: Interval,
  timeZone: string,
  now: Millis,
): Interval | null {
  const { compareFrom: from, compareTo: to } = given;
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined) throw new PeriodError("compareFrom and compareTo go together");
  const compared = parsePeriod({ from, to }, timeZone, now);
  if (compared.from < period.until && period.from < compared.until)
    throw new PeriodError("the two periods to compare overlap");
  return compared;
}

/** Whether it is a date or a time, as `from` and `to` take them. */
export const isBound = (text: string): boolean => readBound(text) !== undefined;

/** A date is read as its noon UTC. */
function readBound(text: string): { readonly isDate: boolean; readonly ms: Millis } | undefined {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = isDate ? Date.parse(`${text}T12:00:00Z`) : Date.parse(text);
  return (isDate || isTime) && !Number.isNaN(ms) ? { isDate, ms } : undefined;
}

function instant(text: string, key: string, timeZone: string, edge: "start" | "end"): Millis {
  const read = readBound(text);
  if (!read)
    throw new PeriodError(`${key}: "${text}" is neither a date (2026-11-01) nor a time (2026-11-01T08:00:00Z)`);
  const { isDate, ms } = read;
  if (!isDate) return ms;
  // Noon UTC lies on the named day in zones from −12 to +11; beyond, the date in the zone is one later.
  const start = startOfDay(ms, timeZone);
  return edge === "start" ? start : startOfDay(start + 1.5 * DAY, timeZone);
}
