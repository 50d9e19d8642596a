/**
 * The one table that figures of behaviour are told from: how much there was in each unit on each local day. Pure.
 *
 * What is told of a unit and a day is told of no smaller span and no part of the unit; sums are sums of what is told. Days
 * with fewer than five are told as such; how many they were together is told once a week, if that leaves each of them
 * everything from none to four.
 */
import type { Interval } from "#protocol/calendar.ts";
import type { RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { byWeek, type Days, edgesOf, firstOpenDay, measuredDays, numbersIn, weeksAround } from "./bins.ts";
import {
  exactly,
  FEW,
  fewCount,
  isFew,
  nothing,
  plus,
  type Told,
  times,
  toldCount,
  toldMinutes,
  total,
} from "./figure.ts";
import type { Unit } from "./units.ts";

/** Something that happened in a room: a conversation, an alert. Counted where it begins. */
export interface Spell extends Interval {
  readonly room: RoomId;
}

/** What happened in one unit, exactly; for this folder alone. */
interface Row {
  readonly counts: Float64Array;
  readonly ms: Float64Array;
}

/** Days of one unit as they are told. */
export interface ToldDays {
  /** Of one day. */
  readonly countOn: (day: number) => Told;
  readonly minutesOn: (day: number) => Told;
  /** Of several. */
  readonly countIn: (days: Days) => Told;
  readonly minutesIn: (days: Days) => Told;
}

/**
 * The table of the weeks that `days` touch; `spells` must hold all there is of them (`spellsNeeded`). `now` says which of the
 * days are over.
 */
export function tellDays(
  units: readonly Unit[],
  spells: Iterable<Spell>,
  days: Days,
  { site, now }: { readonly site: Site; readonly now: number },
): ReadonlyMap<Unit, ToldDays> {
  const weeks = weeksAround(days);
  const rows = count(units, spells, weeks, site.timeZone);
  const measured = measuredDays(weeks, site);
  const over = firstOpenDay(site, now);
  return new Map(units.map((unit) => [unit, toldDays(rows.get(unit)!, weeks, measured, over)]));
}

/** The days of which `tellDays` must be given everything. */
export const daysNeeded = weeksAround;

function count(units: readonly Unit[], spells: Iterable<Spell>, days: Days, timeZone: string): Map<Unit, Row> {
  const length = days.until - days.from;
  const rows = new Map(units.map((unit) => [unit, { counts: new Float64Array(length), ms: new Float64Array(length) }]));
  const rowOf = new Map(units.flatMap((unit) => unit.rooms.map((room) => [room, rows.get(unit)!] as const)));
  const edges = edgesOf(days, timeZone);
  for (const spell of spells) {
    const row = rowOf.get(spell.room);
    if (row) addTo(row, spell, edges);
  }
  return rows;
}

const DAY_MS = 86_400_000;

function addTo({ counts, ms }: Row, { from, until }: Spell, edges: readonly number[]): void {
  const last = edges.length - 2;
  // A guess that a change of the clocks puts wrong by a day at most.
  let day = Math.max(0, Math.min(last, Math.floor((from - edges[0]!) / DAY_MS)));
  while (day > 0 && edges[day]! > from) day--;
  while (day < last && edges[day + 1]! <= from) day++;
  if (from >= edges[day]! && from < edges[day + 1]!) counts[day]! += 1;
  for (; day <= last && edges[day]! < until; day++)
    ms[day]! += Math.max(0, Math.min(until, edges[day + 1]!) - Math.max(from, edges[day]!));
}

function toldDays({ counts, ms }: Row, { from }: Days, measured: ReadonlySet<number>, over: number): ToldDays {
  const countOf = (day: number) => counts[day - from]!;
  // Where sensors sleep all day, none is no news; whatever one that was awake has heard is not told.
  const countOn = (day: number) => (measured.has(day) ? toldCount(countOf(day)) : nothing);
  const minutesOn = (day: number) => (measured.has(day) ? toldMinutes(ms[day - from]!) : nothing);
  const openDays = (days: Days) => numbersIn(days).filter((day) => measured.has(day));
  const countInWeek = (days: Days): Told => {
    const own = openDays(days);
    const few = own.filter((day) => isFew(countOf(day)));
    const others = total(own.filter((day) => !few.includes(day)).map((day) => exactly(countOf(day))));
    return plus(others, remainder(few, days));
  };
  /** What the days with fewer than five come to: told where all such days of a week that is over are among them. */
  const remainder = (few: readonly number[], days: Days): Told => {
    const week = weeksAround(days);
    const inWeek = openDays(week).filter((day) => isFew(countOf(day)));
    const isWhole = week.until <= over && inWeek.length === few.length;
    const sum = few.reduce((all, day) => all + countOf(day), 0);
    return isWhole ? toldRemainder(sum, few.length) : times(fewCount, few.length);
  };
  return {
    countOn,
    minutesOn,
    countIn: (days) => total(byWeek(days).map(countInWeek)),
    minutesIn: (days) => total(numbersIn(days).map(minutesOn)),
  };
}

/**
 * The sum of some days' counts, each from 0 to 4, so that each of them may still be any: few, or nearly as many as there can
 * be, are told as such.
 */
export function toldRemainder(sum: number, days: number): Told {
  const [nearly, most] = [(FEW - 1) * (days - 1), (FEW - 1) * days];
  if (nearly <= FEW) return { least: 0, most };
  if (isFew(sum)) return fewCount;
  return sum < nearly ? exactly(sum) : { least: nearly, most };
}
