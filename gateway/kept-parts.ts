/**
 * A state kept in parts, so that keeping it again costs what has changed of it, not what it is: the members of its lists,
 * rooms and watches, are parts with a number each, and beside them stands which numbers the lists are made of. For states
 * that are never written in place: in its place the same object is the same part, and what is new gets a new number.
 */
import type { KeptSnapshot, Snapshot } from "./journal/journal.ts";

type KeptState = Pick<Snapshot, "json" | "parts" | "dropped">;

export interface PartKeeper {
  /** What has to be recorded of the state beside what the last one said; it is taken to be recorded. */
  keep(state: object): KeptState;
  /** Nobody knows what is recorded: the next is the whole state. */
  distrust(): void;
}

/** What `json` holds. States that were kept before there were parts hold none of it. */
interface Skeleton {
  /** The highest number that was given. */
  readonly last: number;
  /** Where in `state` lists are made of parts; there stand their numbers, as text. */
  readonly lists: readonly Place[];
  readonly state: Plain;
}
type Place = readonly [name: string, inner: string];
type Plain = Record<string, unknown>;

/** A list as it was kept last. */
interface KeptList {
  readonly members: readonly object[];
  readonly numbers: readonly number[];
  readonly text: string;
}

/** Plain data alone. Numbers go on after `last`, so that none ever means something else. */
export function keepInParts(last = 0): PartKeeper {
  let kept: ReadonlyMap<string, KeptList> | undefined;

  function keep(state: object): KeptState {
    const now = new Map<string, KeptList>();
    const lists: Place[] = [];
    const parts: [number: number, json: string][] = [];
    const dropped: number[] = [];

    const put = (member: object) => {
      parts.push([++last, JSON.stringify(member)]);
      return last;
    };
    const skeleton = mapLists(state, (place, members) => {
      const key = JSON.stringify(place);
      const list = changedList(kept?.get(key), members, put, dropped);
      now.set(key, list);
      lists.push(place);
      return list.text;
    });
    for (const [key, { numbers }] of kept ?? []) if (!now.has(key)) dropped.push(...numbers);
    const isWhole = kept === undefined;
    kept = now;
    const json = JSON.stringify({ last, lists, state: skeleton } satisfies Skeleton);
    return isWhole ? { json, parts } : { json, parts, dropped };
  }

  return {
    keep,
    distrust() {
      kept = undefined;
    },
  };
}

/** The state with every list that is made of objects, two deep in it, in the words of `text`. */
function mapLists(state: object, text: (place: Place, members: readonly object[]) => string): Plain {
  const inner = (name: string, value: object) =>
    Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, isMadeOfObjects(one) ? text([name, key], one) : one]),
    );
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, isPlain(value) ? inner(name, value) : value]),
  );
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isMadeOfObjects = (value: unknown): value is readonly object[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "object" && one !== null);

/** Members that are another object than before, or in another place, are new parts. */
function changedList(
  before: KeptList | undefined,
  members: readonly object[],
  put: (member: object) => number,
  dropped: number[],
): KeptList {
  if (before?.members === members) return before;
  const known = before?.members ?? [];
  const numbers = before?.numbers.slice(0, members.length) ?? [];
  for (let i = 0; i < members.length; i++) {
    if (members[i] === known[i]) continue;
    if (i < known.length) dropped.push(numbers[i]!);
    numbers[i] = put(members[i]!);
  }
  if (before) dropped.push(...before.numbers.slice(members.length));
  return { members, numbers, text: numbers.join() };
}

/**
 * The state, and the highest number that was given. A part that is not there, since it could not be read, is left out of
 * its list: what is known of one room is lost with it, and no more.
 */
export function putTogether({ json, parts }: Pick<KeptSnapshot, "json" | "parts">): {
  readonly state: unknown;
  readonly last: number;
} {
  const kept = JSON.parse(json) as Skeleton | Plain;
  if (!isSkeleton(kept)) return { state: kept, last: 0 };
  const { last, lists, state } = kept;
  const byNumber = new Map(parts);
  for (const [name, inner] of lists) {
    const place = state[name] as Plain;
    place[inner] = String(place[inner])
      .split(",")
      .flatMap((number) => {
        const part = byNumber.get(Number(number));
        return part === undefined ? [] : [JSON.parse(part) as unknown];
      });
  }
  return { state, last };
}

const isSkeleton = (kept: Skeleton | Plain): kept is Skeleton => Array.isArray(kept.lists);
