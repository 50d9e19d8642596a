/**
 * Boundaries for who is not told of talk: as they were when this hour was first asked for. Each conversation moves the
 * figures a little, so that figures of this moment would tell when one has ended.
 */
import type { PairView } from "#protocol/api.ts";
import { withoutTalk } from "../access/sight.ts";
import { pairName } from "../alerts/alert.ts";
import type { HttpParts } from "./parts.ts";

export type HeldPairs = (pair: Pick<PairView, "from" | "to">) => PairView | undefined;

const HOUR_MS = 3_600_000;

export function heldPairs({ live, clock }: Pick<HttpParts, "live" | "clock">): HeldPairs {
  let hour: number | undefined;
  let held: ReadonlyMap<string, PairView> = new Map();
  return ({ from, to }) => {
    const now = Math.floor(clock.now() / HOUR_MS);
    if (hour !== now) {
      hour = now;
      held = new Map(live.pairs().map((pair) => [pairName(pair.from, pair.to), withoutTalk(pair)]));
    }
    return held.get(pairName(from, to));
  };
}
