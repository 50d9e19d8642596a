/**
 * Boundaries for who is not told of talk: as they were when this day was first asked for, from rooms whose talk is told by
 * day, and when this week was, from the others (PRIVACY §2). Each conversation moves the figures a little, so that figures
 * of this moment would tell when one has ended. Until something is known of a boundary it is asked for every day.
 */
import type { PairView } from "#protocol/api.ts";
import { dayNumber } from "#protocol/calendar.ts";
import { withoutTalk } from "../access/sight.ts";
import { pairName } from "../alerts/alert.ts";
import { isToldByDay, unitsOf } from "../display/units.ts";
import type { HttpParts } from "./parts.ts";

export type HeldPairs = (pair: Pick<PairView, "from" | "to">) => PairView | undefined;

const WEEK = 7;

interface Held {
  /** Day or week, by number. */
  readonly span: number;
  readonly view: PairView;
}

export function heldPairs({ live, clock, site }: Pick<HttpParts, "live" | "clock" | "site">): HeldPairs {
  const units = unitsOf(site);
  const held = new Map<string, Held>();
  return ({ from, to }) => {
    const name = pairName(from, to);
    const before = held.get(name);
    const today = dayNumber(clock.now(), site.timeZone);
    const spanOf = ({ ld }: PairView) => (isToldByDay(units, from) || ld === null ? today : Math.floor(today / WEEK));
    if (before && before.span === spanOf(before.view)) return before.view;
    const now = live.pairs().find((pair) => pair.from === from && pair.to === to);
    if (now === undefined) return undefined;
    const coarse = withoutTalk(now);
    const view = isToldByDay(units, from) ? coarse : { ...coarse, learnedAt: null };
    held.set(name, { span: spanOf(view), view });
    return view;
  };
}
