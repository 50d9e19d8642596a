/** One pair's past as those may see it who are told of rooms in groups (PRIVACY §2). */
import type { PairHistoryView, SuppressReason } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Site } from "#protocol/site.ts";
import { BLOCK_DAYS, blocksEndingIn, type Days, intervalOf, isNoDay, wholeDays } from "../display/bins.ts";
import { toldShares } from "../display/hours.ts";
import { seenFrom } from "../display/regrouping.ts";
import type { GroupedSight } from "../display/sight.ts";
import { daysNeeded } from "../display/talk.ts";
import { isToldByDay } from "../display/units.ts";
import type { History, Point } from "../history/history.ts";
import { noiseByHour } from "./background.ts";
import { figures, silenceOf } from "./figures.ts";
import { differenceOf } from "./level-difference.ts";
import { localHours } from "./local-hours.ts";
import { dayIn, minutesOf, type Pair, targetOf } from "./pairs.ts";
import { PeriodError } from "./period.ts";

export interface PairHistorySources {
  readonly site: Site;
  readonly history: Pick<History, "select">;
}

/**
 * No minutes: shares of whole spans of four weeks. The boundary by day only where the talk that says so is told by day; the
 * background too, since of an hour that was talked through there is none.
 */
export async function groupedPairHistory(
  { site, history }: PairHistorySources,
  pair: Pair,
  period: Interval,
  sight: GroupedSight,
): Promise<PairHistoryView> {
  const { from, to } = pair;
  const days = wholeDays(period, site, sight.now);
  if (isNoDay(days)) throw new PeriodError("figures are told of whole days that are over, and the period has none");
  const blocks = blocksEndingIn(days);
  const own = intervalOf(days, site.timeZone);
  const within = blocks && intervalOf(blocks, site.timeZone);
  const silence = silenceOf(from.id, blocks ? seenFrom(sight, blocks.from) : sight);
  const byDay = seenFrom(sight, daysNeeded(days).from).units;
  const daily = isToldByDay(byDay, from.id);
  const span = daily ? own : within;
  const quiet = isToldByDay(byDay, to.id) ? own : within;
  const tags = { site: site.site, from: from.id, to: to.id };
  const [hourly, boundaries, hours] = await Promise.all([
    within && silence === undefined
      ? history.select({ measurement: "leak_1h", tags, from: within.from, to: within.until })
      : [],
    span ? history.select({ measurement: "boundary", tags, from: span.from, to: span.until }) : [],
    quiet
      ? history.select({
          measurement: "background_1h",
          tags: { site: site.site, room: to.id },
          from: quiet.from,
          to: quiet.until,
        })
      : [],
  ]);
  const shares = toldShares(minutesOf(pair, hourly));
  const untold: SuppressReason = blocks ? "too-little" : "under-four-weeks";
  return {
    from: from.id,
    to: to.id,
    targetRw: targetOf(pair),
    period: { from: iso(own.from), to: iso(own.until) },
    minutes: { t: [], hearing: [], snr: [], sii5: [] },
    byHearing: null,
    shares: shares ? figures(shares) : null,
    suppressed: silence ?? (shares ? null : untold),
    noiseByHour: noiseByHour(hours, localHours(site.timeZone)),
    days: daily ? boundaries.map(dayOf) : spansOf(boundaries, blocks, site.timeZone),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

function dayOf(point: Point): PairHistoryView["days"][number] {
  const { episodes, ld, sigma, bound } = dayIn(point);
  return { day: iso(point.t), episodes, ld: [...ld], sigma: [...sigma], bound: [...bound] };
}

/** A value for each four weeks in which anything was learned, under the day on which they begin. */
function spansOf(points: readonly Point[], blocks: Days | undefined, timeZone: string): PairHistoryView["days"] {
  if (blocks === undefined) return [];
  const starts = Array.from(
    { length: (blocks.until - blocks.from) / BLOCK_DAYS },
    (_, i) => blocks.from + i * BLOCK_DAYS,
  );
  return starts.flatMap((start) => {
    const { from, until } = intervalOf({ from: start, until: start + BLOCK_DAYS }, timeZone);
    const inBlock = points.filter(({ t }) => t >= from && t < until);
    if (inBlock.length === 0) return [];
    const { ld, sigma, limited } = differenceOf(inBlock.map(dayIn));
    return {
      day: iso(from),
      episodes: null,
      ld: ld.map((value, k) => (limited[k] ? null : tenth(value))),
      sigma: sigma.map(tenth),
      bound: ld.map((value, k) => (limited[k] ? tenth(value) : null)),
    };
  });
}

const tenth = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10);
