/** What a step works on. */
import type { Millis } from "#protocol/quantities.ts";
import type { Ear } from "./ear.ts";
import type { PairFact } from "./facts.ts";
import type { Frames } from "./frames.ts";
import type { PairNow, Rooms } from "./pair.ts";
import type { LeakageRules } from "./rules.ts";

/** A step in the making, on copies of the lists of the state it starts from. */
export interface Draft {
  readonly rules: LeakageRules;
  readonly now: Millis;
  readonly ears: Ear[];
  readonly frames: readonly Frames[];
  readonly pairs: PairNow[];
  readonly facts: PairFact[];
  changes: number;
}

export const roomsOf = ({ rules, ears, frames }: Draft, i: number): Rooms => {
  const { from, to } = rules.pairs[i]!;
  return { from: ears[from]!, to: ears[to]!, fromFrames: frames[from]!, toFrames: frames[to]! };
};
