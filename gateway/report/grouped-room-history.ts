/** One room's past as those may see it who are told of rooms in groups (PRIVACY §2). */
import type { GroupDays, HistoryView, RoomProfile } from "#protocol/api.ts";
import { dayNumber, type Interval, startOfDayNumber } from "#protocol/calendar.ts";
import type { Room, Site } from "#protocol/site.ts";
import type { Episode } from "../detect/facts.ts";
import {
  BLOCK_DAYS,
  blocksEndingIn,
  type Days,
  delayOf,
  intervalOf,
  isNoDay,
  numbersIn,
  wholeDays,
} from "../display/bins.ts";
import { profilesOf } from "../display/profile.ts";
import type { GroupedSight } from "../display/sight.ts";
import { daysNeeded, type Spell, tellDays } from "../display/talk.ts";
import type { Unit } from "../display/units.ts";
import { behaviourPurgedBefore } from "../history/retention.ts";
import { type Columns, columns, type RoomHistorySources } from "./columns.ts";
import { figure, silenceOf, tellingOf } from "./figures.ts";

const HOUR_MS = 3_600_000;

/** Levels of whole hours that are over, where the room is told singly; days of it, or of the rooms it is told with. */
export async function groupedRoomHistory(
  sources: RoomHistorySources,
  room: Room,
  period: Interval,
  sight: GroupedSight,
): Promise<HistoryView> {
  const { site } = sources;
  const telling = tellingOf(room.id, sight);
  const unit = silenceOf(room.id, sight) === undefined ? (sight.units.of.get(room.id) as Unit) : undefined;
  const first = unit ? sight.firstDayOf(unit) : Number.NEGATIVE_INFINITY;
  const days = since(first, await keptDays(sources, wholeDays(period, site, sight.now)));
  const hours = wholeHours(period, site, sight, first);
  return {
    room: room.id,
    resolution: "1h",
    from: iso(hours.from),
    to: iso(hours.until),
    stepMs: HOUR_MS,
    ...(typeof telling === "string" ? noColumns : await levelsOf(sources, room, hours)),
    conversations: [],
    conversationsFrom: null,
    suppressed: typeof telling === "string" ? telling : null,
    daily: unit ? await dailyOf(sources, unit, days, sight) : null,
    profile: unit?.kind === "conversation-rooms" ? await profileOf(sources, unit, room, days, first) : null,
  };
}

/** Of the others it is not known any more what was. */
async function keptDays({ site, journal }: RoomHistorySources, days: Days): Promise<Days> {
  const kept = await behaviourPurgedBefore(journal);
  const isKept = (from: number) => intervalOf(daysNeeded({ from, until: days.until }), site.timeZone).from >= kept;
  return { from: numbersIn(days).find(isKept) ?? days.until, until: days.until };
}

const iso = (ms: number): string => new Date(ms).toISOString();

const noColumns: Columns = { t: [], laeqDba: [], lafmaxDba: [], l90Dba: [], speechRatio: [], coverage: [] };

/** Of the days before this one it was told otherwise. */
const since = (first: number, { from, until }: Days): Days => ({ from: Math.min(until, Math.max(from, first)), until });

/** From the first day that is told. */
function wholeHours({ from, until }: Interval, site: Site, { now }: GroupedSight, first: number): Interval {
  const last = Math.floor((now - delayOf(site)) / HOUR_MS) * HOUR_MS;
  const end = Math.min(Math.ceil(until / HOUR_MS) * HOUR_MS, last);
  if (first > dayNumber(end, site.timeZone)) return { from: end, until: end };
  const start = first > dayNumber(from, site.timeZone) ? startOfDayNumber(first, site.timeZone) : from;
  return { from: Math.min(Math.floor(start / HOUR_MS) * HOUR_MS, end), until: end };
}

/** Of the speech as much as of minutes: to five of them. */
const STEPS_PER_HOUR = 12;

async function levelsOf({ site, history }: RoomHistorySources, room: Room, hours: Interval): Promise<Columns> {
  const points = await history.select({
    measurement: "level_1h",
    tags: { site: site.site, room: room.id },
    from: hours.from,
    to: hours.until,
  });
  const exact = columns(points, hours.from, hours.until, HOUR_MS);
  const rounded = (ratio: number) => Math.round((100 * Math.round(ratio * STEPS_PER_HOUR)) / STEPS_PER_HOUR) / 100;
  return { ...exact, speechRatio: exact.speechRatio.map((ratio) => (ratio === null ? null : rounded(ratio))) };
}

async function episodesIn({ site, journal }: RoomHistorySources, days: Days): Promise<readonly Episode[]> {
  const { from, until } = intervalOf(days, site.timeZone);
  return journal.episodes(from, until);
}

const spellOf =
  (now: number) =>
  ({ room, start, end }: Episode): Spell => ({ room, from: start, until: end ?? now });

async function dailyOf(sources: RoomHistorySources, unit: Unit, days: Days, { now }: GroupedSight): Promise<GroupDays> {
  const { site } = sources;
  const episodes = isNoDay(days) ? [] : await episodesIn(sources, daysNeeded(days));
  const told = tellDays([unit], episodes.map(spellOf(now)), days, { site, now }).get(unit)!;
  return {
    id: unit.id,
    name: unit.name,
    rooms: [...unit.rooms],
    days: numbersIn(days).map((day) => ({
      day: iso(startOfDayNumber(day, site.timeZone)),
      conversations: figure(told.countOn(day)),
      minutes: figure(told.minutesOn(day)),
    })),
  };
}

/** Of the last span of four weeks that has ended in the days. */
async function profileOf(
  sources: RoomHistorySources,
  unit: Unit,
  room: Room,
  days: Days,
  first: number,
): Promise<RoomProfile | null> {
  const blocks = blocksEndingIn(days);
  if (blocks === undefined || blocks.until - BLOCK_DAYS < first) return null;
  const { timeZone } = sources.site;
  const block = { from: blocks.until - BLOCK_DAYS, until: blocks.until };
  const { from, until } = intervalOf(block, timeZone);
  if (from < (await behaviourPurgedBefore(sources.journal))) return null;
  const spells = (await episodesIn(sources, block)).map(spellOf(until));
  const cells = profilesOf(unit.rooms, spells, block, timeZone).get(room.id) ?? [];
  return {
    from: iso(from),
    to: iso(until),
    cells: cells.map(({ inUse, ...cell }) => ({ ...cell, inUse: figure(inUse) })),
  };
}
