/** Marks of a time axis at round local times of a zone, also over the days on which the clocks change. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const steps = [
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  4 * DAY,
  7 * DAY,
];
/** Zones differ by multiples of this. */
const GRAIN = 15 * MINUTE;

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetFormat(timeZone: string): Intl.DateTimeFormat {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  formats.set(timeZone, format);
  return format;
}

/** Local time minus UTC at an instant, ms. */
export function offsetAt(ms: number, timeZone: string): number {
  const parts = offsetFormat(timeZone).formatToParts(ms);
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
}

/** Instants in [fromMs, toMs] whose local time is a multiple of a step; at most `most`, which is at least 2. */
export function ticks(fromMs: number, toMs: number, timeZone: string, most: number): number[] {
  const step = steps.find((length) => (toMs - fromMs) / length <= most) ?? steps.at(-1)!;
  const grain = Math.min(step, GRAIN);
  const found: number[] = [];
  for (let ms = Math.ceil(fromMs / grain) * grain; ms <= toMs; ms += grain)
    if ((ms + offsetAt(ms, timeZone)) % step === 0) found.push(ms);
  return found;
}

/** Whether marks this close need the clock; marks of whole days need only the day. */
export const areDays = (marks: readonly number[]): boolean => marks.length < 2 || marks[1]! - marks[0]! >= DAY - HOUR;
