/** One room's levels and conversations over a period, as columns on an even grid with honest gaps. */
import type { HistoryView, Resolution } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Room } from "#protocol/site.ts";
import type { Episode } from "../detect/facts.ts";
import type { Sight } from "../display/sight.ts";
import type { Measurement } from "../history/measurements.ts";
import { behaviourPurgedBefore } from "../history/retention.ts";
import { columns, LEVEL_S, type RoomHistorySources } from "./columns.ts";
import { groupedRoomHistory } from "./grouped-room-history.ts";

const steps: Readonly<Record<Resolution, { ms: number; measurement: Measurement }>> = {
  raw: { ms: LEVEL_S * 1000, measurement: "level" },
  "1m": { ms: 60_000, measurement: "level_1m" },
  "1h": { ms: 3_600_000, measurement: "level_1h" },
};
/** No answer has more points than a screen can show. */
const MAX_POINTS = 2000;

/** The finest resolution that stays within `MAX_POINTS`; an hour when none does. */
export const resolutionFor = ({ from, until }: Interval): Resolution =>
  (["raw", "1m"] as const).find((resolution) => (until - from) / steps[resolution].ms <= MAX_POINTS) ?? "1h";

/** As `sight` may see it; whoever is told of rooms in groups sees whole hours, whatever the resolution. */
export async function roomHistory(
  sources: RoomHistorySources,
  room: Room,
  period: Interval,
  resolution: Resolution,
  sight: Sight,
): Promise<HistoryView> {
  if (sight.reach === "all") return exactHistory(sources, room, period, resolution);
  return groupedRoomHistory(sources, room, period, sight);
}

async function exactHistory(
  { site, history, journal }: RoomHistorySources,
  room: Room,
  period: Interval,
  resolution: Resolution,
): Promise<HistoryView> {
  const { ms, measurement } = steps[resolution];
  const from = Math.floor(period.from / ms) * ms;
  const to = Math.ceil(period.until / ms) * ms;
  const [points, episodes, kept] = await Promise.all([
    history.select({ measurement, tags: { site: site.site, room: room.id }, from, to }),
    journal.episodes(from, to),
    behaviourPurgedBefore(journal),
  ]);
  return {
    room: room.id,
    resolution,
    from: iso(from),
    to: iso(to),
    stepMs: ms,
    ...columns(points, from, to, ms),
    conversations: episodes.filter((episode) => episode.room === room.id).map(conversation),
    conversationsFrom: kept > from ? iso(kept) : null,
    suppressed: null,
    daily: null,
    profile: null,
  };
}

const iso = (ms: Millis): string => new Date(ms).toISOString();
const conversation = ({ start, end }: Episode) => ({ start: iso(start), end: end === null ? null : iso(end) });
