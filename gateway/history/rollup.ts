/**
 * Levels of a longer window from readings, or from the rollups of shorter windows: the same function, and the same
 * answer to the last bit. Pure.
 *
 * A reading's levels are multiples of 0.5 dB (protocol, LevelDb), so a histogram with bins of 0.5 dB loses nothing, and
 * whatever a window's fields say is computed from its two histograms:
 * - `laeqHistogram`: the LAeq,10s. `laeq` is its energy mean (ACOUSTICS, conventions), never a mean of decibels.
 * - `l90Histogram`: the L90 that the device measures over 60 s and says every 10 s. `l90` is the value that 90 % of them
 *   reach. A percentile of LAeq,10s would lie above the background in a room where people talk, because the pauses
 *   between words are shorter than 10 s; this lies at or a little below it.
 * Neither depends on the order in which readings arrive or windows are merged. `lafmax` is the greatest, `speechRatio`
 * the mean (a reading's is a multiple of 0.1, summed as whole tenths), `n` the number of readings of 10 s.
 */
import { meanLevel } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Point } from "./history.ts";

export type LevelRollup = "level_1m" | "level_1h";
const windowMs: Readonly<Record<LevelRollup, number>> = { level_1m: 60_000, level_1h: 3_600_000 };

/** Levels in half decibels and how often each occurred. */
type Histogram = Map<number, number>;

interface Summary {
  readonly laeqs: Histogram;
  readonly l90s: Histogram;
  lafmax: number;
  speechTenths: number;
  n: number;
}

/**
 * One point per device and window that has any. `points` are `level` or finer rollups, of any devices and in any order;
 * they must hold everything there is of each window they touch.
 */
export function rollUp(points: readonly Point[], into: LevelRollup): Point[] {
  const windows = new Map<string, { readonly t: Millis; readonly of: Point; readonly summary: Summary }>();
  for (const point of points) {
    const t = point.t - (point.t % windowMs[into]);
    const { site, room, device } = point.tags;
    const key = `${t} ${site} ${room} ${device}`;
    let window = windows.get(key);
    if (!window) {
      window = { t, of: point, summary: emptySummary() };
      windows.set(key, window);
    }
    addTo(window.summary, point);
  }
  return Array.from(windows.values(), ({ t, of, summary }) => ({
    measurement: into,
    tags: of.tags,
    fields: fieldsOf(summary),
    t,
  }));
}

const emptySummary = (): Summary => ({
  laeqs: new Map(),
  l90s: new Map(),
  lafmax: Number.NEGATIVE_INFINITY,
  speechTenths: 0,
  n: 0,
});

function addTo(summary: Summary, { measurement, fields }: Point): void {
  const { laeq, l90, lafmax, speechRatio, laeqHistogram, l90Histogram } = fields;
  const n = measurement === "level" ? 1 : (fields.n as number);
  if (measurement === "level") {
    count(summary.laeqs, halfDecibels(laeq as number), 1);
    count(summary.l90s, halfDecibels(l90 as number), 1);
  } else {
    addHistogram(summary.laeqs, laeqHistogram as string);
    addHistogram(summary.l90s, l90Histogram as string);
  }
  summary.lafmax = Math.max(summary.lafmax, lafmax as number);
  summary.speechTenths += Math.round((speechRatio as number) * n * 10);
  summary.n += n;
}

function fieldsOf({ laeqs, l90s, lafmax, speechTenths, n }: Summary): Point["fields"] {
  const levels = sorted(laeqs);
  return {
    laeq: meanLevel(
      levels.map(([half]) => half / 2),
      levels.map(([, times]) => times),
    ),
    lafmax,
    l90: exceededBy90Percent(sorted(l90s)),
    speechRatio: speechTenths / (10 * n),
    n,
    laeqHistogram: textOf(levels),
    l90Histogram: textOf(sorted(l90s)),
  };
}

const halfDecibels = (levelDb: number): number => Math.round(levelDb * 2);
const count = (histogram: Histogram, half: number, times: number): void => {
  histogram.set(half, (histogram.get(half) ?? 0) + times);
};

type Bins = readonly (readonly [halfDecibels: number, times: number])[];
const sorted = (histogram: Histogram): Bins => [...histogram].sort(([a], [b]) => a - b);

/** The greatest level that at least 90 % of the values reach, dB. */
function exceededBy90Percent(bins: Bins): number {
  const n = bins.reduce((sum, [, times]) => sum + times, 0);
  let below = Math.floor(n / 10);
  for (const [half, times] of bins) {
    if (below < times) return half / 2;
    below -= times;
  }
  return Number.NaN;
}

/** `38.5:4 40:2`: level in dB and how often, rising. */
const textOf = (bins: Bins): string => bins.map(([half, times]) => `${half / 2}:${times}`).join(" ");

function addHistogram(histogram: Histogram, text: string): void {
  for (const bin of text.split(" ")) {
    const colon = bin.indexOf(":");
    count(histogram, halfDecibels(Number(bin.slice(0, colon))), Number(bin.slice(colon + 1)));
  }
}
