/** Times, ages and numbers in words of a locale. Times are local to the site, not to the reader's browser. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const DATE = { weekday: "short", day: "numeric", month: "short" } as const;

/** Local date of an instant, for comparing and for date fields: 2026-11-01. */
export const isoDate = (ms: number, timeZone: string): string =>
  formatter("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit", timeZone }).format(ms);

export const clock = (ms: number, locale: string, timeZone: string): string =>
  formatter(locale, { ...CLOCK, timeZone }).format(ms);

export const clockWithSeconds = (ms: number, locale: string, timeZone: string): string =>
  formatter(locale, { ...CLOCK, second: "2-digit", timeZone }).format(ms);

export const day = (ms: number, locale: string, timeZone: string): string =>
  formatter(locale, { ...DATE, timeZone }).format(ms);

/** A day that may lie in another year. */
export const date = (ms: number, locale: string, timeZone: string): string =>
  formatter(locale, { dateStyle: "medium", timeZone }).format(ms);

/** The clock; with the day when that is another than today. */
export function moment(ms: number, nowMs: number, locale: string, timeZone: string): string {
  const time = clock(ms, locale, timeZone);
  return isoDate(ms, timeZone) === isoDate(nowMs, timeZone) ? time : `${day(ms, locale, timeZone)} ${time}`;
}

/**
 * A length of time in its one or two greatest units: 8 s, 3 min, 2 h 5 min, 4 days. A negative one counts as none.
 * Within a sentence the units are best written out.
 */
export function age(lengthMs: number, locale: string, written: "short" | "long" = "short"): string {
  const length = Math.max(0, lengthMs);
  const unit = (value: number, name: "second" | "minute" | "hour" | "day") =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: name === "day" ? "long" : written,
      maximumFractionDigits: 0,
    }).format(Math.floor(value));
  if (length < MINUTE) return unit(length / SECOND, "second");
  if (length < HOUR) return unit(length / MINUTE, "minute");
  if (length >= 2 * DAY) return unit(length / DAY, "day");
  const minutes = Math.floor((length % HOUR) / MINUTE);
  const hours = unit(length / HOUR, "hour");
  return minutes === 0 ? hours : `${hours} ${unit(minutes, "minute")}`;
}

/** A text of its own as the rest of a sentence. */
export const withinSentence = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** SPC in whole dB, never better than it is: 69.8 is below the class that begins at 70. */
export const spc = (value: number, locale: string): string => number(Math.floor(value), locale);

export const number = (value: number, locale: string, digits = 0): string =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** A change: more than nothing has a plus. */
export const signed = (value: number, locale: string, digits = 0): string =>
  new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: "exceptZero",
  }).format(value);

/** A share from 0 to 1. Only the whole is called 100 %, only nothing 0 %. */
export function percent(share: number, locale: string): string {
  const rounded = Math.round(share * 100);
  const honest = share < 1 ? Math.min(99, share > 0 ? Math.max(1, rounded) : 0) : 100;
  return new Intl.NumberFormat(locale, { style: "percent" }).format(honest / 100);
}

/** How long ago, in one unit and in words: 2 days ago. Of what lies ahead it says that it is now. */
export function ago(ms: number, nowMs: number, locale: string): string {
  const length = Math.max(0, nowMs - ms);
  const [unitMs, unit] =
    length >= DAY
      ? ([DAY, "day"] as const)
      : length >= HOUR
        ? ([HOUR, "hour"] as const)
        : ([MINUTE, "minute"] as const);
  return new Intl.RelativeTimeFormat(locale, { style: "long" }).format(-Math.floor(length / unitMs), unit);
}
