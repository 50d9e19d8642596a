/** Numbers of the report, from episodes, alerts, rollups and what the days have shown of boundaries. Same input, same answer. */
import type { AlertRule, ReportView } from "#protocol/api.ts";
import { type Interval, measuringIntervals } from "#protocol/calendar.ts";
import type { RoomId } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Room, RoomKind, Site } from "#protocol/site.ts";
import type { Alert } from "../alerts/alert.ts";
import type { Episode } from "../detect/facts.ts";
import type { Point } from "../history/history.ts";
import { openHours, quietHours } from "./background.ts";
import { localHours } from "./local-hours.ts";
import { byPair, pairComparison, pairReport, pairsOf } from "./pairs.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Below this share of measured time the figures are marked as not conclusive. */
const CONCLUSIVE_COVERAGE = 0.9;

/** How long a room's device measured, in some part of the period. */
export interface Measured {
  readonly room: RoomId;
  readonly seconds: number;
}

export interface ReportInput {
  readonly site: Site;
  readonly period: Interval;
  readonly episodes: readonly Episode[];
  readonly alerts: readonly Alert[];
  readonly measured: readonly Measured[];
  /** `boundary` points of the period. */
  readonly days: readonly Point[];
  /** Minutes of talk by what was heard of them: `leak` points and their rollups, of different times. */
  readonly leaks: readonly Point[];
  /** `background_1h` points of the period, and of the spans of four weeks where it is told by them: at least `mean` and `n`. */
  readonly backgrounds: readonly Point[];
  /** Another period to hold the first against, and its `boundary` points. */
  readonly comparison: { readonly period: Interval; readonly days: readonly Point[] } | null;
  /** Version of the software that makes the report. */
  readonly software: string;
}

/** With every room singly, as measured; as others may see it: compose-grouped.ts. */
export function composeReport(input: ReportInput): ReportView {
  const { site, period } = input;
  const spells = input.episodes
    .map((episode) => spellOf(episode, period))
    .filter((spell): spell is Spell => spell !== undefined);
  const kindOf = new Map(site.rooms.map((room) => [room.id, room.kind]));
  const inShared = spells.filter((spell) => kindOf.get(spell.room) === "shared-office");
  const spellsOf = Map.groupBy(spells, (spell) => spell.room);
  const coverage = coveragesOf(input);
  return {
    ...about(input),
    reach: "all",
    rooms: site.rooms.map((room) => roomLine(room, input, spellsOf.get(room.id) ?? [], coverage.of(room))),
    groups: [],
    byKindAndHour: byKindAndHour(spells, kindOf, site.timeZone),
    hoursOf: null,
    hoursSuppressed: null,
    sharedOffices: {
      conversations: inShared.filter((spell) => spell.begins).length,
      minutes: minutes(sum(inShared.map((spell) => spell.until - spell.from))),
      longestMinutes: minutes(inShared.reduce((most, spell) => Math.max(most, spell.until - spell.from), 0)),
    },
    alerts: alertLines(input.alerts, period),
    coverage: coverage.overall,
    pairs: pairLines(input),
    comparison: comparisonOf(input),
  };
}

/** What a report says of itself. */
export const about = ({ site, period, software }: ReportInput) => ({
  site: site.site,
  siteName: site.name,
  timeZone: site.timeZone,
  from: new Date(period.from).toISOString(),
  to: new Date(period.until).toISOString(),
  software,
});

export interface Coverages {
  of(room: Room): number | null;
  readonly overall: ReportView["coverage"];
}

/** How much of what should be measured was: a fact about devices, told to everybody. */
export function coveragesOf({ site, period, measured }: ReportInput): Coverages {
  const expected = expectedSeconds(site, period);
  const seconds = secondsByRoom(measured);
  const of = (room: Room) => coverageOf(room, site, seconds.get(room.id) ?? 0, expected);
  const covered = site.rooms.map(of).filter((share) => share !== null);
  const overall = covered.length > 0 ? round(sum(covered) / covered.length, 3) : null;
  return { of, overall: { overall, conclusive: overall !== null && overall >= CONCLUSIVE_COVERAGE } };
}

function pairLines({ site, period, days, leaks, backgrounds }: ReportInput): ReportView["pairs"] {
  const background = quietHours(backgrounds, openHours(site, period));
  const evidence = { days: byPair(days), minutes: byPair(leaks), background };
  return pairsOf(site).map((pair) => pairReport(pair, evidence));
}

/** Whichever period is earlier: the change is from it to the other. */
function comparisonOf({ site, period, days, comparison }: ReportInput): ReportView["comparison"] {
  if (comparison === null) return null;
  const [own, other] = [byPair(days), byPair(comparison.days)];
  const [earlier, later] = period.from < comparison.period.from ? [own, other] : [other, own];
  return {
    from: new Date(comparison.period.from).toISOString(),
    to: new Date(comparison.period.until).toISOString(),
    pairs: pairsOf(site).map((pair) => pairComparison(pair, earlier, later)),
  };
}

/** The part of an episode that lies in the period; `begins` when its start does. */
interface Spell extends Interval {
  readonly room: RoomId;
  readonly begins: boolean;
}

function spellOf(episode: Episode, period: Interval): Spell | undefined {
  const from = Math.max(episode.start, period.from);
  const until = Math.min(episode.end ?? period.until, period.until);
  return from < until ? { room: episode.room, from, until, begins: episode.start >= period.from } : undefined;
}

function roomLine(
  room: Room,
  input: ReportInput,
  own: readonly Spell[],
  coverage: number | null,
): ReportView["rooms"][number] {
  const silent = isSilent(room);
  return {
    id: room.id,
    name: room.name,
    kind: room.kind,
    conversations: silent ? null : own.filter((spell) => spell.begins).length,
    minutes: silent ? null : minutes(sum(own.map((spell) => spell.until - spell.from))),
    alerts: input.alerts.filter((alert) => alert.room === room.id && firedIn(alert, input.period)).length,
    suppressed: silent ? "one-person" : null,
    coverage,
  };
}

/** How long a device has to measure in the period. */
function expectedSeconds(site: Site, period: Interval): number {
  const hours = measuringIntervals(site, period.from, period.until);
  return sum(hours.map(({ from, until }) => until - from)) / 1000;
}

function secondsByRoom(measured: readonly Measured[]): ReadonlyMap<RoomId, number> {
  const byRoom = new Map<RoomId, number>();
  for (const { room, seconds } of measured) byRoom.set(room, (byRoom.get(room) ?? 0) + seconds);
  return byRoom;
}

/** Share of the hours in which the site measures that the room's device did measure. */
function coverageOf(room: Room, site: Site, seconds: number, expected: number): number | null {
  const expectsNothing = expected === 0 || isSilent(room) || !site.devices.some((device) => device.room === room.id);
  return expectsNothing ? null : round(Math.min(1, seconds / expected), 3);
}

interface Cell {
  readonly kind: RoomKind;
  readonly hour: number;
  conversations: number;
  ms: number;
}

/** Minutes of conversation and conversations begun, by kind of room and local hour of day. */
function byKindAndHour(
  spells: readonly Spell[],
  kindOf: ReadonlyMap<RoomId, RoomKind>,
  timeZone: string,
): ReportView["byKindAndHour"] {
  const hourOf = localHours(timeZone);
  /** By hour. */
  const cells = new Map<RoomKind, Cell[]>();
  const cell = (kind: RoomKind, hour: number): Cell => {
    let ofKind = cells.get(kind);
    if (ofKind === undefined) {
      ofKind = [];
      cells.set(kind, ofKind);
    }
    ofKind[hour] ??= { kind, hour, conversations: 0, ms: 0 };
    return ofKind[hour];
  };
  for (const spell of spells) {
    const kind = kindOf.get(spell.room);
    if (kind === undefined) continue;
    if (spell.begins) cell(kind, hourOf(spell.from)).conversations += 1;
    for (let from = spell.from; from < spell.until; ) {
      // Every zone's offset is a multiple of a quarter of an hour, so local hours begin on UTC quarters.
      const until = Math.min(spell.until, (Math.floor(from / (HOUR / 4)) + 1) * (HOUR / 4));
      cell(kind, hourOf(from)).ms += until - from;
      from = until;
    }
  }
  return [...cells.values()]
    .flatMap((ofKind) => Object.values(ofKind))
    .sort((a, b) => a.kind.localeCompare(b.kind) || a.hour - b.hour)
    .map(({ ms, ...rest }) => ({ ...rest, minutes: minutes(ms), share: null }));
}

export const firedIn = (alert: Alert, { from, until }: Interval): boolean =>
  alert.firedAt !== null && alert.firedAt >= from && alert.firedAt < until;

export function alertLines(alerts: readonly Alert[], period: Interval): ReportView["alerts"] {
  const rules = Map.groupBy(
    alerts.filter((alert) => firedIn(alert, period)),
    (alert) => alert.rule,
  );
  return [...rules].sort(([a], [b]) => a.localeCompare(b)).map(([rule, fired]) => alertLine(rule, fired, period));
}

function alertLine(rule: AlertRule, fired: readonly Alert[], period: Interval): ReportView["alerts"][number] {
  const lasted = fired
    .map((alert) => Math.min(alert.resolvedAt ?? period.until, period.until) - alert.firedAt!)
    .sort((a, b) => a - b);
  return {
    rule,
    fired: fired.length,
    minutes: minutes(sum(lasted)),
    medianMinutes: lasted.length > 0 ? minutes(median(lasted)) : null,
    longestMinutes: lasted.length > 0 ? minutes(lasted.at(-1)!) : null,
  };
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
const minutes = (ms: number): number => round(ms / MINUTE, 1);
