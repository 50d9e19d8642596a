/**
 * Keeps the rollups equal to what a computation from all readings would give. Every stored reading makes its minute
 * dirty; a dirty minute is computed anew from the readings in history once it is over, and makes its hour dirty, which is
 * computed anew from its minutes. Late readings do the same, so there is nothing to catch up and no order to keep.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Follower } from "./forwarder.ts";
import type { History, Point } from "./history.ts";
import type { Measurement } from "./measurements.ts";
import { startPeriodic } from "./periodic.ts";
import { purgedBefore } from "./retention.ts";
import { type Rollup, rollUp, windowMs } from "./rollup.ts";
import { type Runs, runsOf, windowsOf } from "./windows.ts";
import { writeAround } from "./write-around.ts";

/** After its end a window waits for its last reading to come through. */
const GRACE_MS = 5000;
const PERIOD_MS = 30_000;
/** Points to read at a time, about; the span that is read adapts to how many devices there are. */
const READ_POINTS = 40_000;
const MOST_WINDOWS = 360;
const WRITE_POINTS = 5000;
const NOTE = "rollups";

export interface RollupStatus {
  /** Windows that wait to be computed anew. */
  readonly dirty: { readonly minutes: number; readonly hours: number };
  /** Rollups that the database will never take, since the start. */
  readonly refused: number;
  /** Why the last attempt failed; null when it did not. */
  readonly reason: string | null;
}

export interface Rollups extends Follower, AsyncDisposable {
  status(): RollupStatus;
  /** Computes every dirty window that is over; resolves when they are in history. Throws HistoryError. */
  settle(): Promise<void>;
}

export interface RollupOptions {
  readonly journal: Pick<Journal, "note" | "setNote">;
  readonly history: Pick<History, "select" | "write">;
  readonly clock: Clock;
}

/** Reads which windows are dirty, and settles them twice a minute until disposed. */
export async function startRollups(options: RollupOptions): Promise<Rollups> {
  const { journal, clock } = options;
  const saved = await journal.note(NOTE);
  const { minutes, hours } = saved
    ? (JSON.parse(saved) as Record<"minutes" | "hours", Runs>)
    : { minutes: [], hours: [] };
  const levels: DirtyWindows = {
    rollup: "level_1m",
    from: "level",
    windows: windowsOf(minutes),
    busy: new Set(),
    refused: 0,
  };
  const hourly: DirtyWindows = {
    rollup: "level_1h",
    from: "level_1m",
    windows: windowsOf(hours),
    busy: new Set(),
    refused: 0,
  };
  let changed = false;
  let reason: string | null = null;

  const mark = (dirty: DirtyWindows, points: readonly Point[]) => {
    for (const { measurement, t } of points) {
      if (measurement !== dirty.from) continue;
      const window = Math.floor(t / windowMs[dirty.rollup]);
      if (dirty.windows.has(window)) continue;
      dirty.windows.add(window);
      changed = true;
    }
  };
  /** What is being computed counts as dirty until it is written: a crash must find it again. */
  const save = async () => {
    if (!changed) return;
    changed = false;
    const [minutes, hours] = [levels, hourly].map(({ windows, busy }) => runsOf(new Set([...windows, ...busy])));
    await journal.setNote(NOTE, JSON.stringify({ minutes, hours }));
  };

  const compute = async () => {
    dropBefore(levels, await purgedBefore(journal, "level"));
    await settleWindows(options, levels, (written) => {
      changed = true;
      mark(hourly, written);
    });
    await settleWindows(options, hourly, () => {
      changed = true;
    });
    await save();
    reason = null;
  };
  let settling = Promise.resolve();
  const settle = (): Promise<void> => {
    settling = settling.catch(() => {}).then(compute);
    return settling;
  };

  const periodic = startPeriodic(clock, PERIOD_MS, settle, (error) => {
    reason = (error as Error).message;
  });
  return {
    written: (points) => mark(levels, points),
    save,
    settle,
    status: () => ({
      dirty: { minutes: levels.windows.size, hours: hourly.windows.size },
      refused: levels.refused + hourly.refused,
      reason,
    }),
    [Symbol.asyncDispose]: () => periodic[Symbol.asyncDispose](),
  };
}

interface DirtyWindows {
  readonly rollup: Rollup;
  readonly from: Measurement;
  /** Numbers of the windows: start divided by length. */
  readonly windows: Set<number>;
  /** Those being computed at this moment. */
  readonly busy: Set<number>;
  /** Points that the database would not take. */
  refused: number;
}

/** A window of which readings have been purged keeps the value it had: what is left of it would give a wrong one. */
function dropBefore({ rollup, windows }: DirtyWindows, before: Millis): void {
  for (const window of windows) if (window * windowMs[rollup] < before) windows.delete(window);
}

async function settleWindows(
  { history, clock }: RollupOptions,
  dirty: DirtyWindows,
  written: (points: readonly Point[]) => void,
): Promise<void> {
  const length = windowMs[dirty.rollup];
  const over = (window: number) => (window + 1) * length + GRACE_MS <= clock.now();
  let span = 10;
  for (const [first, end] of runsOf([...dirty.windows].filter(over))) {
    for (let from = first; from < end; ) {
      const to = Math.min(end, from + span);
      const found = await settleSpan(history, dirty, from, to, written);
      const perWindow = Math.max(1, found / (to - from));
      span = Math.min(MOST_WINDOWS, Math.max(1, Math.floor(READ_POINTS / perWindow)));
      from = to;
    }
  }
}

/** Computes the windows [from, to) anew; answers how many points they were computed from. */
async function settleSpan(
  history: RollupOptions["history"],
  dirty: DirtyWindows,
  from: number,
  to: number,
  written: (points: readonly Point[]) => void,
): Promise<number> {
  const length = windowMs[dirty.rollup];
  // A reading that is stored from here on makes its window dirty again.
  for (let window = from; window < to; window++) {
    dirty.windows.delete(window);
    dirty.busy.add(window);
  }
  try {
    const points = await history.select({ measurement: dirty.from, from: from * length, to: to * length });
    const rolled = rollUp(points, dirty.rollup);
    for (let i = 0; i < rolled.length; i += WRITE_POINTS)
      dirty.refused += (await writeAround(history, rolled.slice(i, i + WRITE_POINTS))).length;
    written(rolled);
    return points.length;
  } catch (error) {
    for (let window = from; window < to; window++) dirty.windows.add(window);
    throw error;
  } finally {
    for (let window = from; window < to; window++) dirty.busy.delete(window);
  }
}
