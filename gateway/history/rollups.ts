/**
 * Keeps the rollups equal to what a computation from everything they are made of would give. Every stored point makes the
 * windows dirty that it lies in; a dirty window is computed anew from what history holds of it, once it is over. An hour of
 * levels follows from its minutes in the same way. Late points do the same, so there is nothing to catch up and no order
 * to keep.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import { rollUpBackground } from "./background-rollup.ts";
import type { Moment } from "./batch.ts";
import type { Follower } from "./forwarder.ts";
import type { History, Point } from "./history.ts";
import { rollUpLeaks } from "./leak-rollup.ts";
import type { Measurement } from "./measurements.ts";
import { startPeriodic } from "./periodic.ts";
import { purgedBefore } from "./retention.ts";
import { rollUp } from "./rollup.ts";
import { type Runs, runsOf, windowsOf } from "./windows.ts";
import { createWriteAround, type WriteAround } from "./write-around.ts";

/** After its end a window waits for its last reading to come through. */
const GRACE_MS = 5000;
const PERIOD_MS = 30_000;
/** While a backlog is moved, its windows are computed this often: most would be dirty again at once. */
const PRESSED_PERIOD_MS = 10 * 60_000;
/** Points to read at a time, about; the span that is read adapts to how many devices there are. */
const READ_POINTS = 40_000;
const MOST_WINDOWS = 360;
const WRITE_POINTS = 5000;
const NOTE = "rollups";

interface Rollup {
  readonly name: RollupName;
  readonly from: Measurement;
  readonly windowMs: number;
  /** From all points that history holds of some windows to their rollups. */
  readonly compute: (points: readonly Point[]) => Point[];
}

/** In the order in which they follow from each other. A name is also that of its dirty windows in the journal's note. */
const rollupKinds: readonly Rollup[] = [
  { name: "minutes", from: "level", windowMs: 60_000, compute: (points) => rollUp(points, "level_1m") },
  { name: "hours", from: "level_1m", windowMs: 3_600_000, compute: (points) => rollUp(points, "level_1h") },
  { name: "backgroundHours", from: "spectrum", windowMs: 3_600_000, compute: rollUpBackground },
  { name: "leakHours", from: "leak", windowMs: 3_600_000, compute: (points) => rollUpLeaks(points, "leak_1h") },
  { name: "leakDays", from: "leak_1h", windowMs: 86_400_000, compute: (points) => rollUpLeaks(points, "leak_1d") },
];
type RollupName = "minutes" | "hours" | "backgroundHours" | "leakHours" | "leakDays";

export interface RollupStatus {
  /** Windows that wait to be computed anew. */
  readonly dirty: Readonly<Record<RollupName, number>>;
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
  readonly history: Pick<History, "prepare" | "select" | "write">;
  readonly clock: Clock;
  /** Whether a backlog is being moved into history. */
  readonly isPressed?: () => boolean;
}

/** Reads which windows are dirty, and settles them twice a minute until disposed, under pressure less often. */
export async function startRollups(options: RollupOptions): Promise<Rollups> {
  const { journal, history, clock, isPressed = () => false } = options;
  const sources: Sources = { select: history.select, write: createWriteAround(history), clock };
  const saved = await journal.note(NOTE);
  const noted = saved ? (JSON.parse(saved) as Partial<Record<RollupName, Runs>>) : {};
  const rollups = rollupKinds.map(
    (kind): DirtyWindows => ({ ...kind, windows: windowsOf(noted[kind.name] ?? []), busy: new Set(), refused: 0 }),
  );
  let changed = false;
  let reason: string | null = null;

  const madeOf = new Map(rollups.map((rollup) => [rollup.from, rollup]));
  const mark = (points: readonly Moment[]) => {
    for (const { measurement, t } of points) {
      const rollup = madeOf.get(measurement);
      if (!rollup) continue;
      const window = Math.floor(t / rollup.windowMs);
      if (rollup.windows.has(window)) continue;
      rollup.windows.add(window);
      changed = true;
    }
  };
  /** What is being computed counts as dirty until it is written: a crash must find it again. */
  const save = async () => {
    if (!changed) return;
    changed = false;
    const runs = rollups.map(({ name, windows, busy }) => [name, runsOf(new Set([...windows, ...busy]))]);
    await journal.setNote(NOTE, JSON.stringify(Object.fromEntries(runs)));
  };

  const compute = async () => {
    for (const rollup of rollups) {
      dropBefore(rollup, await purgedBefore(journal, rollup.from));
      await settleWindows(sources, rollup, (written) => {
        changed = true;
        mark(written);
      });
    }
    await save();
    reason = null;
  };
  let settling = Promise.resolve();
  const settle = (): Promise<void> => {
    settling = settling.catch(() => {}).then(compute);
    return settling;
  };

  let settledAt = clock.now();
  const settleInTime = async () => {
    if (isPressed() && clock.now() < settledAt + PRESSED_PERIOD_MS) return;
    settledAt = clock.now();
    await settle();
  };
  const periodic = startPeriodic(clock, PERIOD_MS, settleInTime, (error) => {
    reason = (error as Error).message;
  });
  return {
    written: mark,
    save,
    settle,
    status: () => ({
      dirty: Object.fromEntries(rollups.map(({ name, windows }) => [name, windows.size])) as RollupStatus["dirty"],
      refused: rollups.reduce((sum, { refused }) => sum + refused, 0),
      reason,
    }),
    [Symbol.asyncDispose]: () => periodic[Symbol.asyncDispose](),
  };
}

interface DirtyWindows extends Rollup {
  /** Numbers of the windows: start divided by length. */
  readonly windows: Set<number>;
  /** Those being computed at this moment. */
  readonly busy: Set<number>;
  /** Points that the database would not take. */
  refused: number;
}

/** A window of which points have been purged keeps the value it had: what is left of it would give a wrong one. */
function dropBefore({ windowMs, windows }: DirtyWindows, before: Millis): void {
  for (const window of windows) if (window * windowMs < before) windows.delete(window);
}

interface Sources extends Pick<History, "select">, Pick<RollupOptions, "clock"> {
  readonly write: WriteAround;
}

async function settleWindows(
  sources: Sources,
  dirty: DirtyWindows,
  written: (points: readonly Point[]) => void,
): Promise<void> {
  const length = dirty.windowMs;
  const over = (window: number) => (window + 1) * length + GRACE_MS <= sources.clock.now();
  let span = 1;
  for (const [first, end] of runsOf([...dirty.windows].filter(over))) {
    for (let from = first; from < end; ) {
      const to = Math.min(end, from + span);
      const found = await settleSpan(sources, dirty, from, to, written);
      const perWindow = Math.max(1, found / (to - from));
      span = Math.min(MOST_WINDOWS, Math.max(1, Math.floor(READ_POINTS / perWindow)));
      from = to;
    }
  }
}

/** Computes the windows [from, to) anew; answers how many points they were computed from. */
async function settleSpan(
  { select, write }: Sources,
  dirty: DirtyWindows,
  from: number,
  to: number,
  written: (points: readonly Point[]) => void,
): Promise<number> {
  const length = dirty.windowMs;
  // A reading that is stored from here on makes its window dirty again.
  for (let window = from; window < to; window++) {
    dirty.windows.delete(window);
    dirty.busy.add(window);
  }
  try {
    const points = await select({ measurement: dirty.from, from: from * length, to: to * length });
    const rolled = dirty.compute(points);
    for (let i = 0; i < rolled.length; i += WRITE_POINTS)
      dirty.refused += (await write(rolled.slice(i, i + WRITE_POINTS))).length;
    written(rolled);
    return points.length;
  } catch (error) {
    for (let window = from; window < to; window++) dirty.windows.add(window);
    throw error;
  } finally {
    for (let window = from; window < to; window++) dirty.busy.delete(window);
  }
}
