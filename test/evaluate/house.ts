/** A simulated house over some time, with its truth: what a run is made of. */
import type { Fault } from "#firmware/faults/fault.ts";
import type { SenseRoom } from "#firmware/generate.ts";
import { createLevelsWorld, type WorldOptions } from "#firmware/world/levels-world.ts";
import { createTruth, type Truth } from "#firmware/world/truth.ts";
import type { PairReason } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";

export interface House {
  /** As the gateway knows it. */
  readonly site: Site;
  readonly seed: string;
  readonly from: Millis;
  readonly until: Millis;
  readonly sense: SenseRoom;
  readonly truth: Truth;
  readonly faults: readonly Fault[];
  /** How many months of 30 days of such a house the run stands for: a week is a week though it is closed at night. */
  readonly months: number;
  /** Pairs that are judged each for itself too, by name. */
  readonly lines: readonly Line[];
  readonly trials: readonly Trial[];
}

/** A fault that has to be told of every pair with one of these rooms, as one of these reasons. */
export interface Trial extends Interval {
  readonly name: string;
  readonly rooms: readonly RoomId[];
  readonly reasons: readonly PairReason[];
  /** It shows only while somebody talks. */
  readonly needsTalk: boolean;
}

export interface Line {
  readonly name: string;
  /** Keys as of `pairKey`. */
  readonly pairs: readonly string[];
}

/** Sound and presence of a world, and its truth. */
export function worldOf(options: WorldOptions): Pick<House, "sense" | "truth"> {
  const world = createLevelsWorld(options);
  return {
    sense: (room, t) => ({ second: world.second(room, t), presence: world.presence(room, t) }),
    truth: createTruth({ ...options, timetable: world.timetable }),
  };
}
