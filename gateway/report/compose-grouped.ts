/**
 * The report as those may see it who are told of rooms in groups (PRIVACY §2): whole days that are over, figures of units
 * alone, hours and hearing as shares of whole spans of four weeks. Pure; the rules are gateway/display's.
 */
import type { AlertRule, PairReport, ReportView, SuppressReason } from "#protocol/api.ts";
import { dayNumber, type Interval } from "#protocol/calendar.ts";
import type { RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { blocksEndingIn, type Days, intervalOf } from "../display/bins.ts";
import { total } from "../display/figure.ts";
import { hourShares, toldShares } from "../display/hours.ts";
import { seenFrom } from "../display/regrouping.ts";
import type { GroupedSight } from "../display/sight.ts";
import { daysNeeded } from "../display/talk.ts";
import { isToldByDay } from "../display/units.ts";
import { openHours, quietHours } from "./background.ts";
import { about, alertLines, coveragesOf, firedIn, type ReportInput } from "./compose.ts";
import { figure, figures, silenceOf, tellingOf } from "./figures.ts";
import { localHours } from "./local-hours.ts";
import { byPair, type Pair, type PairEvidence, pairComparison, pairReport, pairsOf } from "./pairs.ts";
import { behaviourAlerts, figuresOf, kindOf, spellOf, type ToldUnits, tellUnits } from "./told-units.ts";

interface Grouped {
  readonly input: ReportInput;
  /** By day. */
  readonly sight: GroupedSight;
  /** By spans of four weeks. */
  readonly sightOfBlocks: GroupedSight;
  /** Of whole days that are over: the input's period. */
  readonly told: ToldUnits;
  /** The spans of four weeks that end in them. */
  readonly blocks: Interval | undefined;
}

/**
 * `input.period` is of whole local days that are over. Episodes and alerts must be all there are of the weeks they touch and
 * of the spans of four weeks that end in them, `days` likewise; `leaks` are of these spans alone.
 */
export function composeGrouped(input: ReportInput, whole: GroupedSight): ReportView {
  const { site, period } = input;
  const days = daysIn(period, site);
  const sight = seenFrom(whole, daysNeeded(days).from);
  const blockDays = blocksEndingIn(days);
  const sightOfBlocks = blockDays ? seenFrom(whole, blockDays.from) : sight;
  const blocks = blockDays && intervalOf(blockDays, site.timeZone);
  const told = tellUnits(input, sight, days);
  const { talk } = told;
  const grouped: Grouped = { input, sight, sightOfBlocks, told, blocks };
  const coverage = coveragesOf(input);
  const hours = hourLines(grouped);
  const shared = sight.own.filter((unit) => kindOf(unit, site) === "shared-office");
  return {
    ...about(input),
    reach: sight.reach,
    rooms: site.rooms.map((room) => {
      const telling = tellingOf(room.id, sight);
      const own = typeof telling === "string" ? noFigures : figuresOf(telling, told);
      const suppressed = typeof telling === "string" ? telling : null;
      return { id: room.id, name: room.name, kind: room.kind, ...own, suppressed, coverage: coverage.of(room) };
    }),
    groups: sight.own
      .filter((unit) => unit.kind !== "room")
      .map((unit) => ({ id: unit.id, name: unit.name, rooms: [...unit.rooms], ...figuresOf(unit, told) })),
    byKindAndHour: hours,
    hoursOf: blocks ? interval(blocks) : null,
    hoursSuppressed: hours.length > 0 ? null : blocks ? "too-little" : "under-four-weeks",
    sharedOffices: {
      conversations: figure(total(shared.map((unit) => talk.get(unit)!.countIn(days)))),
      minutes: figure(total(shared.map((unit) => talk.get(unit)!.minutesIn(days)))),
      longestMinutes: null,
    },
    alerts: [...behaviourAlerts.flatMap((rule) => alertLine(rule, told)), ...buildingAlerts(input)],
    coverage: coverage.overall,
    pairs: pairLines(grouped),
    comparison: comparisonOf(grouped),
  };
}

const daysIn = ({ from, until }: Interval, { timeZone }: Site): Days => ({
  from: dayNumber(from, timeZone),
  until: dayNumber(until - 1, timeZone) + 1,
});
const interval = ({ from, until }: Interval) => ({
  from: new Date(from).toISOString(),
  to: new Date(until).toISOString(),
});

const noFigures = { conversations: null, minutes: null, alerts: null };

function alertLine(rule: AlertRule, { days, alerts }: ToldUnits): ReportView["alerts"] {
  const told = [...alerts.get(rule)!.values()];
  const fired = figure(total(told.map((one) => one.countIn(days))));
  const lasted = figure(total(told.map((one) => one.minutesIn(days))));
  return told.length === 0 ? [] : [{ rule, fired, minutes: lasted, medianMinutes: null, longestMinutes: null }];
}

/** That a boundary has changed is a fact about the building; singly told it would still say that somebody talked just then. */
function buildingAlerts({ alerts, period }: ReportInput): ReportView["alerts"] {
  const degraded = alerts.filter((alert) => alert.rule === "privacy-degraded" && firedIn(alert, period));
  return alertLines(degraded, period).map((line) => ({ ...line, medianMinutes: null, longestMinutes: null }));
}

function hourLines({ input: { site, episodes }, sightOfBlocks, blocks }: Grouped): ReportView["byKindAndHour"] {
  if (blocks === undefined) return [];
  const inBlocks = episodes.map(spellOf(sightOfBlocks.now)).flatMap(({ room, from, until }) => {
    const clipped = { room, from: Math.max(from, blocks.from), until: Math.min(until, blocks.until) };
    return clipped.from < clipped.until ? [clipped] : [];
  });
  const hourOf = localHours(site.timeZone);
  const kinds = Map.groupBy(sightOfBlocks.own, (unit) => kindOf(unit, site));
  return [...kinds]
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([kind, units]) => {
      const rooms = new Set<RoomId>(units.flatMap((unit) => unit.rooms));
      const shares = hourShares(rooms, inBlocks, hourOf) ?? [];
      return shares.map((share, hour) => ({ kind, hour, conversations: null, minutes: null, share: figure(share) }));
    });
}

/** Of an hour that was talked through there is none, so that it is by day only of rooms whose talk is told by day. */
function backgroundOf({ input: { site, period, backgrounds }, sight, blocks }: Grouped): PairEvidence["background"] {
  const quietIn = (span: Interval | undefined) => (span ? [...quietHours(backgrounds, openHours(site, span))] : []);
  return new Map([
    ...quietIn(period).filter(([room]) => isToldByDay(sight.units, room)),
    ...quietIn(blocks).filter(([room]) => !isToldByDay(sight.units, room)),
  ]);
}

function evidenceOf(grouped: Grouped): { byDay: PairEvidence; byBlock: PairEvidence } {
  const { period, days, leaks } = grouped.input;
  const { blocks } = grouped;
  const background = backgroundOf(grouped);
  const minutes = byPair(leaks);
  const within = (span: Interval | undefined) =>
    byPair(span ? days.filter(({ t }) => t >= span.from && t < span.until) : []);
  return {
    byDay: { days: within(period), minutes, background },
    byBlock: { days: within(blocks), minutes, background },
  };
}

function pairLines(grouped: Grouped): ReportView["pairs"] {
  const { byDay, byBlock } = evidenceOf(grouped);
  return pairsOf(grouped.input.site).map((pair) => {
    const daily = isToldByDay(grouped.sight.units, pair.from.id);
    const exact = pairReport(pair, daily ? byDay : byBlock);
    return { ...exact, ...(daily ? {} : { episodes: null, days: null }), ...heardIn(pair, exact, grouped) };
  });
}

type Heard = Pick<PairReport, "minutes" | "shares" | "suppressed" | "coverage">;

function heardIn(pair: Pair, exact: PairReport, { sightOfBlocks, blocks }: Grouped): Heard {
  const untold = (suppressed: SuppressReason): Heard => ({ minutes: null, shares: null, suppressed, coverage: null });
  const reason = silenceOf(pair.from.id, sightOfBlocks);
  if (reason !== undefined) return untold(reason);
  if (blocks === undefined) return untold("under-four-weeks");
  const shares = exact.minutes && toldShares(exact.minutes);
  if (!shares) return untold("too-little");
  return { minutes: null, shares: figures(shares), suppressed: null, coverage: inTwentieths(exact.coverage) };
}

const inTwentieths = (share: number | null): number | null => (share === null ? null : Math.round(share * 20) / 20);

function comparisonOf({ input, sight, blocks }: Grouped): ReportView["comparison"] {
  const { site, period, days, comparison } = input;
  if (comparison === null) return null;
  const otherDays = daysIn(comparison.period, site);
  const otherBlocks = blocksEndingIn(otherDays);
  const { units } = seenFrom(sight, daysNeeded(otherDays).from);
  const within = (points: ReportInput["days"], span: Interval | undefined) =>
    byPair(span ? points.filter(({ t }) => t >= span.from && t < span.until) : []);
  const other = otherBlocks && intervalOf(otherBlocks, site.timeZone);
  const daily = [within(days, period), within(comparison.days, comparison.period)] as const;
  const blockwise = [within(days, blocks), within(comparison.days, other)] as const;
  const isFirst = period.from < comparison.period.from;
  return {
    ...interval(comparison.period),
    pairs: pairsOf(site).map((pair) => {
      const [own, others] = isToldByDay(units, pair.from.id) ? daily : blockwise;
      return pairComparison(pair, isFirst ? own : others, isFirst ? others : own);
    }),
  };
}
