/** Reads what a report is made of from the journal and the history. */
import type { ReportView } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Site } from "#protocol/site.ts";
import type { History } from "../history/history.ts";
import { hearings, type Measurement } from "../history/measurements.ts";
import type { Journal } from "../journal/journal.ts";
import { composeReport } from "./compose.ts";
import { softwareVersion } from "./version.ts";

/** Seconds that one `level` reading stands for. */
const SECONDS_PER_LEVEL = 10;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface ReportSources {
  readonly site: Site;
  readonly journal: Pick<Journal, "episodes" | "alerts">;
  readonly history: Pick<History, "select">;
}

export async function gatherReport(
  { site, journal, history }: ReportSources,
  period: Interval,
  compared: Interval | null = null,
): Promise<ReportView> {
  const select = (measurement: Measurement, { from, until }: Interval, fields?: readonly string[]) =>
    history.select({ measurement, tags: { site: site.site }, from, to: until, ...(fields && { fields }) });
  const inSpans = async (spans: readonly Span[], fields: readonly string[]) =>
    (await Promise.all(spans.map((span) => select(span.measurement, span, fields)))).flat();
  const [episodes, alerts, levels, days, leaks, backgrounds, comparedDays] = await Promise.all([
    journal.episodes(period.from, period.until),
    journal.alerts({ from: period.from, to: period.until }),
    inSpans(levelSpans(period), ["n"]),
    select("boundary", period),
    inSpans(leakSpans(period), hearings),
    select("background_1h", period, ["n"]),
    compared && select("boundary", compared),
  ]);
  const measured = levels.map((point) => ({
    room: point.tags.room ?? "",
    seconds: Number(point.fields.n) * SECONDS_PER_LEVEL,
  }));
  const comparison = compared && { period: compared, days: comparedDays ?? [] };
  return composeReport({
    site,
    period,
    episodes,
    alerts,
    measured,
    days,
    leaks,
    backgrounds,
    comparison,
    software: softwareVersion,
  });
}

interface Span extends Interval {
  readonly measurement: Measurement;
}

/** Whole hours from the hourly rollups; what lies beside them, and the last hour, which may be incomplete, by minutes. */
const levelSpans = (period: Interval): Span[] =>
  coarse(period, HOUR, "level_1h", (rest) => [{ ...rest, measurement: "level_1m" }]);

/** Whole UTC days from the daily rollups; beside them, and in the last day, by hours; beside these by minutes. */
export const leakSpans = (period: Interval): Span[] =>
  coarse(period, DAY, "leak_1d", (rest) =>
    coarse(rest, HOUR, "leak_1h", (least) => [{ ...least, measurement: "leak" }]),
  );

/** Whole windows by their rollup, except the last, which may not be computed yet; what is left, more finely. */
function coarse(
  { from, until }: Interval,
  windowMs: number,
  measurement: Measurement,
  finely: (rest: Interval) => Span[],
): Span[] {
  const first = Math.min(until, Math.ceil(from / windowMs) * windowMs);
  const last = Math.max(first, Math.floor(until / windowMs) * windowMs - windowMs);
  const beside = (rest: Interval) => (rest.from < rest.until ? finely(rest) : []);
  const whole = first < last ? [{ measurement, from: first, until: last }] : [];
  return [...beside({ from, until: first }), ...whole, ...beside({ from: last, until })];
}
