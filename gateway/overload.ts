/**
 * How hard pressed the gateway is, judged from a few figures twice a second. What it means: `busy` sheds reports and long
 * histories, `overloaded` also what dashboards ask for (http/shed.ts), and ingest holds back senders by itself. Going up is
 * quick, coming down slow, so that what was shed does not come back all at once. Pure, except `watchLoad`.
 */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Millis } from "#protocol/quantities.ts";

/** From the least to the most. */
export const loads = ["ease", "busy", "overloaded"] as const;
export type Load = (typeof loads)[number];

export const isAtLeast = (load: Load, least: Load): boolean => loads.indexOf(load) >= loads.indexOf(least);

export interface Figures {
  /** Mean delay of the main thread's event loop since the figures before, ms: what everything that arrives waits. */
  readonly delay: number;
  /** Messages on their way into the journal. */
  readonly ingest: number;
  /** Stored messages that are not decided yet. */
  readonly lane: number;
  /** Resident memory, as a share of what the gateway may take. Counts while messages are in hand that take more of it. */
  readonly memory: number;
}
export type Figure = keyof Figures;

/** From where on a figure makes the gateway busy, and overloaded; what it must fall below to be no reason any more. */
interface Limit {
  readonly busy: number;
  readonly overloaded: number;
  /** Share of a limit. */
  readonly calm: number;
}

const limits: Readonly<Record<Figure, Limit>> = {
  delay: { busy: 250, overloaded: 1000, calm: 0.7 },
  ingest: { busy: 5000, overloaded: 20_000, calm: 0.5 },
  lane: { busy: 10_000, overloaded: 50_000, calm: 0.5 },
  memory: { busy: 0.85, overloaded: 0.95, calm: 0.95 },
};
const figures = Object.keys(limits) as Figure[];

/** With fewer messages in hand memory is what the allocators keep for later: waiting does not give it back. */
const IN_HAND = 1000;
/** So long everything must have been calm before one step down. */
const CALM_MS = 3000;

export interface Pressure {
  readonly load: Load;
  /** What keeps it there, or did before it was calm; empty at ease. */
  readonly reasons: readonly Figure[];
  /** What the figures before asked for: one look alone may be a pause of the garbage collector. */
  readonly asked: Load;
  /** Since when the figures have been calm enough for less; null while they are not. */
  readonly calmSince: Millis | null;
}

export const atEase: Pressure = { load: "ease", reasons: [], asked: "ease", calmSince: null };

export function stepPressure(before: Pressure, now: Figures, at: Millis): Pressure {
  const asked = demandedBy(figures, now);
  // Memory that is taken is not a moment's matter: it is believed at once.
  const demanded = greater(lesser(asked, before.asked), demandedBy(["memory"], now));
  if (isAbove(demanded, before.load)) return pressed(demanded, now, asked);
  const kept = demandedBy(figures, now, true);
  if (!isAbove(before.load, kept)) return { ...pressed(before.load, now, asked), load: before.load };
  const calmSince = before.calmSince ?? at;
  if (at - calmSince < CALM_MS) return { ...before, asked, calmSince };
  const load = loads[loads.indexOf(before.load) - 1]!;
  return load === "ease" ? { ...atEase, asked } : { ...before, load, asked, calmSince: at };
}

const pressed = (load: Load, now: Figures, asked: Load): Pressure => ({
  load,
  reasons: figures.filter((figure) => load !== "ease" && isAtLeast(demandedBy([figure], now, true), "busy")),
  asked,
  calmSince: null,
});

/** The load that the gravest of some figures asks for; `calm`: that they do not let go of yet. */
function demandedBy(some: readonly Figure[], now: Figures, calm = false): Load {
  let demanded: Load = "ease";
  for (const figure of some) {
    if (figure === "memory" && now.ingest + now.lane < IN_HAND) continue;
    const limit = limits[figure];
    const value = calm ? now[figure] / limit.calm : now[figure];
    if (value >= limit.overloaded) return "overloaded";
    if (value >= limit.busy) demanded = "busy";
  }
  return demanded;
}

const isAbove = (one: Load, other: Load): boolean => loads.indexOf(one) > loads.indexOf(other);
const greater = (one: Load, other: Load): Load => (isAbove(one, other) ? one : other);
const lesser = (one: Load, other: Load): Load => (isAbove(one, other) ? other : one);

export interface LoadWatch extends Disposable {
  pressure(): Pressure;
}

const LOOK_EVERY_MS = 500;

export interface LoadOptions {
  /** Messages under way. */
  readonly pending: () => Pick<Figures, "ingest" | "lane">;
  /** Resident memory that the gateway may take, bytes. */
  readonly ceiling: number;
  /** Called when the load has changed. */
  readonly onChange: (pressure: Pressure, figures: Figures) => void;
}

/** Looks twice a second until disposed. */
export function watchLoad({ pending, ceiling, onChange }: LoadOptions): LoadWatch {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  let pressure = atEase;
  const look = () => {
    const now: Figures = {
      ...pending(),
      delay: delays.count === 0 ? 0 : delays.mean / 1e6,
      memory: process.memoryUsage.rss() / ceiling,
    };
    delays.reset();
    const before = pressure.load;
    pressure = stepPressure(pressure, now, performance.now());
    if (pressure.load !== before) onChange(pressure, now);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return {
    pressure: () => pressure,
    [Symbol.dispose]() {
      clearInterval(timer);
      delays.disable();
    },
  };
}
