/**
 * How much each conversation room is used, by weekday and hour over four weeks: what rooms are needed, not who was in one
 * when. Pure.
 *
 * The days of all conversation rooms together are told too (talk.ts). So a weekday is told in quarters of its hours, and only
 * when use could be exchanged between two rooms and two of its dates without any told figure changing.
 */
import { localTime } from "#protocol/calendar.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { Weekday } from "#protocol/site.ts";
import { BLOCK_DAYS, type Days, edgesOf } from "./bins.ts";
import type { Told } from "./figure.ts";
import type { Spell } from "./talk.ts";

const WEEKDAYS = 7;
const WEEKS = BLOCK_DAYS / WEEKDAYS;
const HOURS = 24;
const HOUR_MS = 3_600_000;
const QUARTER_PERCENT = 25;
const QUARTER_MS = HOUR_MS / 4;
/** A room was used on a day when at least this much could be exchanged with another. */
const USED_MS = 10 * 60_000;

export interface ProfileCell {
  readonly weekday: Weekday;
  /** Local. */
  readonly hour: number;
  /** Percent of the time. */
  readonly inUse: Told;
}

/** Of each room the cells of the weekdays that may be told. `block` is four whole weeks, `spells` all there is of them. */
export function profilesOf(
  rooms: readonly RoomId[],
  spells: Iterable<Spell>,
  block: Days,
  timeZone: string,
): ReadonlyMap<RoomId, readonly ProfileCell[]> {
  const use = usesOf(rooms, spells, edgesOf(block, timeZone), timeZone);
  const told = Weekday.options.filter((_, weekday) => isExchangeable(use, weekday));
  return new Map(rooms.map((room, i) => [room, told.flatMap((weekday) => cellsOf(use[i]!, weekday))]));
}

/** Of one room, ms. */
interface Use {
  readonly days: Float64Array;
  /** By weekday and hour of day. */
  readonly hours: Float64Array;
}

function usesOf(rooms: readonly RoomId[], spells: Iterable<Spell>, edges: readonly Millis[], timeZone: string): Use[] {
  const uses = rooms.map(() => ({ days: new Float64Array(BLOCK_DAYS), hours: new Float64Array(WEEKDAYS * HOURS) }));
  const useOf = new Map(rooms.map((room, i) => [room, uses[i]!]));
  for (const spell of spells) {
    const use = useOf.get(spell.room);
    if (use) addUse(use, spell, edges, timeZone);
  }
  return uses;
}

function addUse(use: Use, spell: Spell, edges: readonly Millis[], timeZone: string): void {
  const end = Math.min(spell.until, edges.at(-1)!);
  for (let at = Math.max(spell.from, edges[0]!); at < end; ) {
    const next = Math.min(end, (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS);
    const { weekday, hour } = localTime(at, timeZone);
    const day = edges.findLastIndex((edge) => edge <= at);
    use.days[day]! += next - at;
    use.hours[Weekday.options.indexOf(weekday) * HOURS + hour]! += next - at;
    at = next;
  }
}

/**
 * Whether of every room that was used on the weekday, and every of its dates, some use can be moved to another date while
 * another room's is moved back: then dates and rooms add up as before, and it is not known which room was used when.
 */
function isExchangeable(uses: readonly Use[], weekday: number): boolean {
  const dates = Array.from({ length: WEEKS }, (_, week) => week * WEEKDAYS + weekday);
  const used = uses.map(({ days }) => dates.map((day) => days[day]! >= USED_MS));
  const inUse = used.filter((own) => own.includes(true));
  if (inUse.length < 2) return false;
  const others = (own: readonly boolean[], date: number) => inUse.some((other) => other !== own && other[date]);
  const canMove = (own: readonly boolean[], date: number) =>
    dates.some(
      (_, other) => other !== date && ((own[date] && others(own, other)) || (own[other] && others(own, date))),
    );
  return inUse.every((own) => dates.every((_, date) => canMove(own, date)));
}

function cellsOf({ hours }: Use, weekday: Weekday): ProfileCell[] {
  const row = Weekday.options.indexOf(weekday) * HOURS;
  return Array.from({ length: HOURS }, (_, hour) => {
    const percent = (100 * hours[row + hour]!) / (WEEKS * HOUR_MS);
    const quarter = Math.min(3, Math.floor(percent / QUARTER_PERCENT));
    const least = quarter * QUARTER_PERCENT;
    return { weekday, hour, inUse: { least, most: least + QUARTER_PERCENT } };
  });
}
