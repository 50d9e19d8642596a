/** How the doors of a house stand from second to second, as the day's plan says. */
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { DoorEvent } from "./day-plan.ts";
import type { DoorState } from "./partitions.ts";
import type { Day, Timetable } from "./timetable.ts";
import type { DoorStates } from "./transmission.ts";

export interface DoorReader {
  /** How they stand at `t`, and since when; reused. Fast when one instant follows another. */
  at(t: Millis): { readonly states: DoorStates; readonly since: Millis };
}

/** A door begins (+1) or ends (−1) to stand so; a door with two reasons to be open closes with the last. */
interface Move {
  readonly at: Millis;
  readonly boundary: number;
  readonly state: DoorEvent["state"];
  readonly by: 1 | -1;
}

export function createDoorReader(site: Site, timetable: Timetable): DoorReader {
  const states: DoorState[] = site.boundaries.map(() => "closed");
  const reasons = site.boundaries.map(() => ({ ajar: 0, open: 0 }));
  const reading = { states, since: 0 };
  let day: Day | undefined;
  let moves: readonly Move[] = [];
  let done = 0;
  let read = Number.POSITIVE_INFINITY;

  const begin = (t: Millis) => {
    if (!day || t < day.from || t >= day.until) {
      day = timetable.day(t);
      moves = movesOf(day, site);
    }
    done = 0;
    reading.since = day.from;
    states.fill("closed");
    for (const reason of reasons) {
      reason.ajar = 0;
      reason.open = 0;
    }
  };
  return {
    at(t) {
      if (t < read || !day || t >= day.until) begin(t);
      read = t;
      for (; done < moves.length && moves[done]!.at <= t; done++) {
        const { at, boundary, state, by } = moves[done]!;
        const reason = reasons[boundary]!;
        reason[state] += by;
        states[boundary] = reason.open > 0 ? "open" : reason.ajar > 0 ? "ajar" : "closed";
        reading.since = at;
      }
      return reading;
    },
  };
}

function movesOf({ plan }: Day, { boundaries }: Site): Move[] {
  const between = new Map<string, number[]>();
  for (const [index, { kind, between: rooms }] of boundaries.entries()) {
    if (kind !== "door") continue;
    const name = rooms.toSorted().join("/");
    between.set(name, [...(between.get(name) ?? []), index]);
  }
  const moves = plan.doors.flatMap((event) =>
    (between.get(event.between.toSorted().join("/")) ?? []).flatMap((boundary): Move[] => [
      { at: event.from, boundary, state: event.state, by: 1 },
      { at: event.until, boundary, state: event.state, by: -1 },
    ]),
  );
  return moves.sort((a, b) => a.at - b.at);
}
