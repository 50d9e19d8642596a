/** Which devices may publish `bands` now: those of a pair in whose first room somebody talks, while the pair needs it. */
import type { Millis } from "#protocol/quantities.ts";
import type { Draft } from "./draft.ts";
import { canListen, isSource } from "./ear.ts";
import { inOrder } from "./looks.ts";
import type { PairNow } from "./pair.ts";

/** A lease lasts this long, far below the 15 minutes of the protocol, and is renewed when less than this is left. */
export const LEASE_MS = 120_000;
const RENEW_BELOW_MS = 50_000;
/** Of a conversation this much is always listened to, s: a door may stand open that was closed the last time. */
const ALWAYS_S = 300;
/** Of a boundary that is known to keep the talk in, so many minutes of ten are enough. */
const SAMPLED_MIN = 2;
const SAMPLE_OF_MIN = 10;
const MINUTE = 60_000;

function needsBands(pair: PairNow, talkingSince: Millis, at: Millis): boolean {
  if (pair.jointSeconds < ALWAYS_S || pair.situation.state !== "private") return true;
  return Math.floor((at - talkingSince) / MINUTE) % SAMPLE_OF_MIN < SAMPLED_MIN;
}

/** Indices of the rooms whose ears are to be leased anew or for longer, since somebody talks in one of these rooms. */
export function leasesDue({ ears, pairs, rules, now }: Draft, rooms: readonly number[]): readonly number[] {
  const wanted = new Set<number>();
  for (const from of rooms) {
    const source = ears[from]!;
    if (!isSource(source) || !canListen(source, rules.rooms[from]!)) continue;
    for (const i of rules.rooms[from]!.pairsFrom) {
      const { to } = rules.pairs[i]!;
      if (canListen(ears[to]!, rules.rooms[to]!) && needsBands(pairs[i]!, source.talkingSince!, now))
        wanted.add(from).add(to);
    }
  }
  return inOrder([...wanted].filter((room) => ears[room]!.leasedUntil - now < RENEW_BELOW_MS));
}
