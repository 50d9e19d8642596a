/** One room's levels and conversations over a period, as columns on an even grid with honest gaps. */
import type { HistoryView, Resolution } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import { meanLevel } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Room, Site } from "#protocol/site.ts";
import type { Episode } from "../detect/facts.ts";
import type { History, Point } from "../history/history.ts";
import type { Measurement } from "../history/measurements.ts";
import type { Journal } from "../journal/journal.ts";

const LEVEL_S = 10;
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

export interface RoomHistorySources {
  readonly site: Site;
  readonly history: Pick<History, "select">;
  readonly journal: Pick<Journal, "episodes">;
}

export async function roomHistory(
  { site, history, journal }: RoomHistorySources,
  room: Room,
  period: Interval,
  resolution: Resolution,
): Promise<HistoryView> {
  const { ms, measurement } = steps[resolution];
  const from = Math.floor(period.from / ms) * ms;
  const to = Math.ceil(period.until / ms) * ms;
  const [points, episodes] = await Promise.all([
    history.select({ measurement, tags: { site: site.site, room: room.id }, from, to }),
    journal.episodes(from, to),
  ]);
  return {
    room: room.id,
    resolution,
    from: iso(from),
    to: iso(to),
    stepMs: ms,
    ...columns(points, from, to, ms),
    conversations: episodes.filter((episode) => episode.room === room.id).map(conversation),
  };
}

const iso = (ms: Millis): string => new Date(ms).toISOString();
const conversation = ({ start, end }: Episode) => ({ start: iso(start), end: end === null ? null : iso(end) });

type Columns = Pick<HistoryView, "t" | "laeqDba" | "lafmaxDba" | "l90Dba" | "speechRatio" | "coverage">;

/** Puts points on the grid; where a room has several devices the means are energetic, the maximum is the greatest. */
function columns(points: readonly Point[], from: Millis, to: Millis, ms: number): Columns {
  const windows = Map.groupBy(points, (point) => Math.floor(point.t / ms) * ms);
  const grid = Array.from({ length: Math.round((to - from) / ms) }, (_, i) => from + i * ms);
  const column = (of: (inWindow: Point[]) => number): (number | null)[] =>
    grid.map((t) => {
      const inWindow = windows.get(t);
      return inWindow ? of(inWindow) : null;
    });
  const values = (inWindow: Point[], field: string) => inWindow.map((point) => Number(point.fields[field]));
  const devices = Math.max(1, new Set(points.map((point) => point.tags.device)).size);
  return {
    t: grid,
    laeqDba: column((w) => round1(meanLevel(values(w, "laeq")))),
    lafmaxDba: column((w) => Math.max(...values(w, "lafmax"))),
    l90Dba: column((w) => round1(meanLevel(values(w, "l90")))),
    speechRatio: column((w) => Math.round(100 * mean(values(w, "speechRatio"))) / 100),
    coverage: grid.map((t) => Math.min(1, (measuredSeconds(windows.get(t) ?? []) * 1000) / (devices * ms))),
  };
}

const measuredSeconds = (points: readonly Point[]): number =>
  points.reduce((sum, point) => sum + LEVEL_S * Number(point.fields.n ?? 1), 0);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const round1 = (value: number): number => Math.round(value * 10) / 10;
