/** Who and what is taken when: desks and rooms by name. */
import type { Interval } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";

/** Whether whoever sits at the desk is still there meanwhile. */
export type Whereabouts = "present" | "away";

export interface Agenda {
  isFree(key: string, from: Millis, until: Millis): boolean;
  reserve(key: string, from: Millis, until: Millis, whereabouts?: Whereabouts): void;
  /** What is left of [from, until) when the entries of these whereabouts are taken out. */
  gaps(key: string, from: Millis, until: Millis, whereabouts: Whereabouts): Interval[];
}

export function createAgenda(): Agenda {
  const entries = new Map<string, (Interval & { whereabouts: Whereabouts })[]>();
  const of = (key: string) => entries.get(key) ?? [];
  return {
    isFree: (key, from, until) => !of(key).some((entry) => entry.from < until && entry.until > from),
    reserve(key, from, until, whereabouts = "present") {
      entries.set(key, [...of(key), { from, until, whereabouts }]);
    },
    gaps(key, from, until, whereabouts) {
      const taken = of(key).filter((entry) => entry.whereabouts === whereabouts);
      const gaps: Interval[] = [];
      let start = from;
      for (const entry of taken.sort((a, b) => a.from - b.from)) {
        if (entry.from > start) gaps.push({ from: start, until: Math.min(until, entry.from) });
        start = Math.max(start, entry.until);
      }
      if (start < until) gaps.push({ from: start, until });
      return gaps;
    },
  };
}
