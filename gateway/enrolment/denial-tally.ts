/**
 * Which denials are told one by one, and how many were not. Everybody who reaches the port can be denied as often as they like;
 * the log and the audit log must not grow with that, nor must strangers hide what is done with a credential. Pure: time comes
 * with the denial.
 */
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Denial } from "./admission.ts";

/** Denials that were not told one by one, of somebody or other. */
export interface DenialSum {
  /** In order of the alphabet. */
  readonly kinds: readonly Denial[];
  readonly count: number;
}

export interface DenialTally {
  /**
   * How often the same was denied since it was last told, when it is to be told now: the first of a kind and device, and then
   * once a minute, as long as the minute's number is not used up. Undefined otherwise.
   */
  tell(denial: Denial, device: Id | undefined, at: Millis): number | undefined;
  /** What has not been told for a minute; at most once a minute for each of the two below. */
  due(at: Millis): DenialSum[];
  /** What has not been told, however short. */
  rest(): DenialSum[];
}

const MINUTE_MS = 60_000;
/** Told one by one in a minute, of strangers and of those with a credential each. */
export const MOST_A_MINUTE = 20;

/**
 * What is denied to who has shown a credential that is right: not crowded out by what is denied to anybody. `client-id` and
 * `will` are none of these, since a claim code is looked at after them.
 */
const ofTheKnown: ReadonlySet<Denial> = new Set(["publish", "subscribe", "namesake"]);

interface Group {
  /** The present minute's. */
  since: Millis;
  told: number;
  readonly untold: Map<Denial, number>;
  /** Of the first that is untold. */
  untoldSince: Millis;
}

export function createDenialTally(): DenialTally {
  const last = new Map<string, { at: Millis; again: number }>();
  const group = (): Group => ({ since: Number.NEGATIVE_INFINITY, told: 0, untold: new Map(), untoldSince: 0 });
  const groups = { strangers: group(), known: group() };

  function sum({ untold }: Group): DenialSum {
    const kinds = [...untold.keys()].sort();
    const count = [...untold.values()].reduce((all, some) => all + some, 0);
    untold.clear();
    return { kinds, count };
  }
  const sums = (which: (group: Group) => boolean): DenialSum[] =>
    [groups.known, groups.strangers].filter((of) => of.untold.size > 0 && which(of)).map(sum);

  return {
    tell(denial, device, at) {
      const of = ofTheKnown.has(denial) ? groups.known : groups.strangers;
      const kind = `${denial} ${device ?? ""}`;
      const before = last.get(kind);
      if (before && !over(before.at, at)) {
        before.again++;
        return undefined;
      }
      if (over(of.since, at)) Object.assign(of, { since: at, told: 0 });
      if (of.told >= MOST_A_MINUTE) {
        if (of.untold.size === 0) of.untoldSince = at;
        of.untold.set(denial, (of.untold.get(denial) ?? 0) + 1);
        return undefined;
      }
      of.told++;
      last.set(kind, { at, again: 0 });
      return before?.again ?? 0;
    },
    due: (at) => sums(({ untoldSince }) => over(untoldSince, at)),
    rest: () => sums(() => true),
  };
}

/** Whether the minute that began at `since` is over; a clock that was set back begins another. */
const over = (since: Millis, at: Millis): boolean => at - since >= MINUTE_MS || at < since;
