/** Which devices may publish `bands` now: those of a pair in whose first room somebody talks, while the pair needs it. */
import type { Millis } from "#protocol/quantities.ts";
import { canListen, type Ear, isSource } from "./ear.ts";
import type { PairNow } from "./pair.ts";
import type { LeakageRules } from "./rules.ts";

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

/** Indices of the rooms whose ears are to be leased anew or for longer. */
export function leasesDue(
  ears: readonly Ear[],
  pairs: readonly PairNow[],
  rules: LeakageRules,
  at: Millis,
): readonly number[] {
  const wanted = new Set<number>();
  for (const [i, { from, to }] of rules.pairs.entries()) {
    const source = ears[from]!;
    const hearer = ears[to]!;
    if (!isSource(source) || !canListen(source, rules.rooms[from]!) || !canListen(hearer, rules.rooms[to]!)) continue;
    if (needsBands(pairs[i]!, source.talkingSince!, at)) wanted.add(from).add(to);
  }
  return [...wanted].filter((room) => ears[room]!.leasedUntil - at < RENEW_BELOW_MS).sort((a, b) => a - b);
}
