/** Narrowing: at once, for good, and whatever was asked for or is in force of the same keys. */
import type { Millis } from "#protocol/quantities.ts";
import { type Change, changed, widens } from "./diff.ts";
import type { Event } from "./events.ts";
import { isInForce, isPast, type Request, type Who } from "./request.ts";
import type { Settings } from "./settings.ts";
import { type State, withRequests } from "./state.ts";

/** `changes` narrow what is in force; `who`: null where the file does. */
export function narrow(
  state: State,
  changes: readonly Change[],
  at: Millis,
  who: Who | null,
): { state: State; events: readonly Event[] } {
  if (changes.length === 0) return { state, events: [] };
  const agreed = changed(
    state.agreed,
    changes.filter(({ path, after }) => !widens({ path, before: state.agreed[path] ?? null, after })),
  );
  const values = new Map(changes.map(({ path, after }) => [path, after]));
  const touched = state.requests.filter(
    (request) => !isPast(request) && request.changes.some(({ path }) => values.has(path)),
  );
  const requests = touched.map((request) => cut(request, values, agreed, at));
  const emptied = requests.filter(isPast);
  return {
    state: withRequests({ ...state, agreed }, requests),
    events: [
      { kind: "narrowing", at, who, changes },
      ...emptied.map((request): Event => ({ kind: "narrowed", at, who: null, request })),
    ],
  };
}

/** A request without what was narrowed; what is in force goes no further than it was narrowed to. */
function cut(request: Request, values: ReadonlyMap<string, Change["after"]>, agreed: Settings, at: Millis): Request {
  const changes = request.changes.flatMap((change): Change[] => {
    const { path } = change;
    const value = values.get(path);
    if (value === undefined) return [change];
    if (!isInForce(request)) return [];
    // Of two that are in force, one may have gone less far.
    if (widens({ path, before: change.after, after: value })) return [change];
    const less: Change = { path, before: agreed[path] ?? null, after: value };
    return widens(less) ? [less] : [];
  });
  return { ...request, changes, ...(changes.length === 0 && { phase: { kind: "narrowed", at } as const }) };
}
