/** Reads what a report is made of from the journal and the history. */
import type { ReportView } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Site } from "#protocol/site.ts";
import type { History, Point } from "../history/history.ts";
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
  readonly history: Pick<History, "select" | "sums">;
}

export async function gatherReport(
  { site, journal, history }: ReportSources,
  period: Interval,
  compared: Interval | null = null,
): Promise<ReportView> {
  const select = (measurement: Measurement, { from, until }: Interval, fields?: readonly string[]) =>
    history.select({ measurement, tags: { site: site.site }, from, to: until, ...(fields && { fields }) });
  const sums = ({ measurement, from, until }: Span, fields: readonly string[]) =>
    history.sums({ measurement, tags: { site: site.site }, from, to: until, fields });
  /** The sums of a span as one point: of counts a report needs no more. Minutes say in a word what was heard. */
  const leaksIn = async (span: Span): Promise<Point[]> =>
    span.measurement === "leak"
      ? select("leak", span, hearings)
      : (await sums(span, hearings)).map(({ tags, sums: fields }) => ({ ...span, tags, fields, t: span.from }));
  const [episodes, alerts, levels, days, leaks, backgrounds, comparedDays] = await Promise.all([
    journal.episodes(period.from, period.until),
    journal.alerts({ from: period.from, to: period.until }),
    Promise.all(levelSpans(period).map((span) => sums(span, ["n"]))),
    select("boundary", period),
    Promise.all(leakSpans(period).map(leaksIn)),
    select("background_1h", period, ["n"]),
    compared && select("boundary", compared),
  ]);
  const measured = levels.flat().map(({ tags, sums }) => ({
    room: tags.room ?? "",
    seconds: sums.n! * SECONDS_PER_LEVEL,
  }));
  const comparison = compared && { period: compared, days: comparedDays ?? [] };
  return composeReport({
    site,
    period,
    episodes,
    alerts,
    measured,
    days,
    leaks: leaks.flat(),
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
