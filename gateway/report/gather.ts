/** Reads what a report is made of from the journal and the history. */
import type { ReportView } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Site } from "#protocol/site.ts";
import { blocksEndingIn, intervalOf, isNoDay, wholeDays } from "../display/bins.ts";
import type { GroupedSight, Sight } from "../display/sight.ts";
import { daysNeeded } from "../display/talk.ts";
import type { History, Point } from "../history/history.ts";
import { hearings, type Measurement } from "../history/measurements.ts";
import type { Journal } from "../journal/journal.ts";
import { composeReport, type ReportInput } from "./compose.ts";
import { composeGrouped } from "./compose-grouped.ts";
import { assertKept } from "./kept.ts";
import { PeriodError } from "./period.ts";
import { softwareVersion } from "./version.ts";

/** Seconds that one `level` reading stands for. */
const SECONDS_PER_LEVEL = 10;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface ReportSources {
  readonly site: Site;
  readonly journal: Pick<Journal, "episodes" | "alerts" | "note">;
  readonly history: Pick<History, "select" | "sums">;
}

/**
 * As `sight` may see it. Throws PeriodError where it sees whole days that are over, and the period touches none; and where
 * conversations are not kept any more, since none would be told where it is not known.
 */
export async function gatherReport(
  { site, journal, history }: ReportSources,
  period: Interval,
  compared: Interval | null,
  sight: Sight,
): Promise<ReportView> {
  const reading = sight.reach === "all" ? asGiven(period, compared) : byWholeDays(period, compared, site, sight);
  await assertKept(journal, reading.around.from);
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
    journal.episodes(reading.around.from, reading.around.until),
    journal.alerts({ from: reading.around.from, to: reading.around.until }),
    Promise.all(levelSpans(reading.period).map((span) => sums(span, ["n"]))),
    select("boundary", reading.around),
    Promise.all(reading.leaks.map(leaksIn)),
    select("background_1h", reading.around, ["n"]),
    reading.compared && select("boundary", reading.compared.around),
  ]);
  const measured = levels.flat().map(({ tags, sums }) => ({
    room: tags.room ?? "",
    seconds: sums.n! * SECONDS_PER_LEVEL,
  }));
  const input: ReportInput = {
    site,
    period: reading.period,
    episodes,
    alerts,
    measured,
    days,
    leaks: leaks.flat(),
    backgrounds,
    comparison: reading.compared && { period: reading.compared.period, days: comparedDays ?? [] },
    software: softwareVersion,
  };
  return sight.reach === "all" ? composeReport(input) : composeGrouped(input, sight);
}

/** What is read for a report. */
interface Reading {
  readonly period: Interval;
  /** The period, and what must be known beside it to say what may be told of it. */
  readonly around: Interval;
  readonly leaks: readonly Span[];
  readonly compared: { readonly period: Interval; readonly around: Interval } | null;
}

const asGiven = (period: Interval, compared: Interval | null): Reading => ({
  period,
  around: period,
  leaks: leakSpans(period),
  compared: compared && { period: compared, around: compared },
});

function byWholeDays(period: Interval, compared: Interval | null, site: Site, { now }: GroupedSight): Reading {
  const snapped = (given: Interval) => {
    const days = wholeDays(given, site, now);
    if (isNoDay(days)) throw new PeriodError("figures are told of whole days that are over, and the period has none");
    const blocks = blocksEndingIn(days);
    const needed = [days, daysNeeded(days), ...(blocks ? [blocks] : [])].map((span) => intervalOf(span, site.timeZone));
    const around = {
      from: Math.min(...needed.map(({ from }) => from)),
      until: Math.max(...needed.map(({ until }) => until)),
    };
    return { period: intervalOf(days, site.timeZone), around, blocks: blocks && intervalOf(blocks, site.timeZone) };
  };
  const own = snapped(period);
  return { ...own, leaks: own.blocks ? leakSpans(own.blocks) : [], compared: compared && snapped(compared) };
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
