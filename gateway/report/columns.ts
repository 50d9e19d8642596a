/** What is read of one room's past, and levels as columns on an even grid with honest gaps. */
import type { HistoryView } from "#protocol/api.ts";
import { meanLevel } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { History, Point } from "../history/history.ts";
import type { Journal } from "../journal/journal.ts";

/** Seconds that one `level` reading stands for. */
export const LEVEL_S = 10;

export interface RoomHistorySources {
  readonly site: Site;
  readonly history: Pick<History, "select">;
  readonly journal: Pick<Journal, "episodes" | "note">;
}

export type Columns = Pick<HistoryView, "t" | "laeqDba" | "lafmaxDba" | "l90Dba" | "speechRatio" | "coverage">;

/** Puts points on the grid; where a room has several devices the means are energetic, the maximum is the greatest. */
export function columns(points: readonly Point[], from: Millis, to: Millis, ms: number): Columns {
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
