/** Pairs of rooms as a list of links, each with what is known of it. */
import type { PairView } from "#protocol/api.ts";
import { pathOf } from "../state/route.ts";
import { pairKey } from "../state/store.ts";
import { LeakSummary } from "./leak.tsx";
import { roomName } from "./room-name.ts";

/** `other`: which of the two rooms names an item, where the other one is said already. */
export const PairList = ({ pairs, other }: { pairs: readonly PairView[]; other: "from" | "to" }) => (
  <ul class="pair-list">
    {pairs.map((pair) => (
      <li key={pairKey(pair.from, pair.to)} data-pair={pairKey(pair.from, pair.to)}>
        <a href={pathOf.pair(pair.from, pair.to)}>{roomName(pair[other])}</a>
        <LeakSummary pair={pair} />
      </li>
    ))}
  </ul>
);
