/** At which hours of the day there is talk: shares of what there was in whole spans of four weeks. Pure. */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { FEW, type Told } from "./figure.ts";
import type { Spell } from "./talk.ts";

/** Below this there is too little to speak of hours, ms. */
const LEAST_MS = 60 * 60_000;
const STEP_PERCENT = 5;
const HOURS = 24;
/** Every zone's offset is a multiple of it, so that local hours begin on UTC quarters. */
const QUARTER_MS = 15 * 60_000;

/** Time by local hour of day. */
export function addHours(ms: Float64Array, { from, until }: Spell, hourOf: (t: Millis) => number): void {
  for (let at = from; at < until; ) {
    const next = Math.min(until, (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS);
    ms[hourOf(at)]! += next - at;
    at = next;
  }
}

/**
 * Percent of the talk in some rooms by hour of day, to the nearest five. Being shares they say nothing of how much there
 * was, on which day or in which of the rooms. Undefined where there was too little.
 */
export function hourShares(
  rooms: ReadonlySet<RoomId>,
  spells: Iterable<Spell>,
  hourOf: (t: Millis) => number,
): readonly Told[] | undefined {
  const ms = new Float64Array(HOURS);
  for (const spell of spells) if (rooms.has(spell.room)) addHours(ms, spell, hourOf);
  const all = ms.reduce((sum, hour) => sum + hour, 0);
  return all < LEAST_MS ? undefined : Array.from(ms, (hour) => toldPercent((100 * hour) / all));
}

/** Parts as percents of their sum, told as hours are; undefined where `minutes` come to less than an hour. */
export function toldShares<K extends string>(minutes: Readonly<Record<K, number>>): Record<K, Told> | undefined {
  const entries = Object.entries(minutes) as [K, number][];
  const all = entries.reduce((sum, [, part]) => sum + part, 0);
  if (all * 60_000 < LEAST_MS) return undefined;
  return Object.fromEntries(entries.map(([key, part]) => [key, toldPercent((100 * part) / all)])) as Record<K, Told>;
}

function toldPercent(percent: number): Told {
  if (percent < FEW) return { least: 0, most: FEW };
  const rounded = Math.round(percent / STEP_PERCENT) * STEP_PERCENT;
  return { least: rounded, most: rounded };
}
