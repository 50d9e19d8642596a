/**
 * The file that a start brings. What it narrows is so at once. What it widens is not: it becomes a request that is
 * nobody's until somebody gives it a reason and an end.
 */
import type { Millis } from "#protocol/quantities.ts";
import { type Change, diff, widens } from "./diff.ts";
import type { Event } from "./events.ts";
import { narrow } from "./narrow.ts";
import { isInForce, isOpen, isPast, type Request } from "./request.ts";
import type { Settings } from "./settings.ts";
import { heldBack, type State, withRequests } from "./state.ts";

interface Followed {
  readonly state: State;
  readonly events: readonly Event[];
}

/** The first start: what it brings is agreed. */
export const baseline = (file: Settings, at: Millis): Followed => ({
  state: { at, agreedAt: at, agreed: file, file, requests: [], last: 0 },
  events: [{ kind: "baseline", at, keys: Object.keys(file).length }],
});

export function followFile(before: State, file: Settings, at: Millis, undecidedMs: Millis): Followed {
  const state: State = { ...before, file };
  const { narrowing } = diff(state.agreed, file);
  const narrowed = narrow(state, [...narrowing, ...lessThanApproved(state)], at, null);
  const asked = ask(narrowed.state, at, undecidedMs);
  return { state: asked.state, events: [...narrowed.events, ...asked.events] };
}

/** What the file had approved, and now asks for less of, though for more than is agreed. */
const lessThanApproved = ({ requests, agreed, file }: State): readonly Change[] =>
  requests
    .filter((request) => isInForce(request) && request.origin === "file")
    .flatMap(({ changes }) => changes)
    .map(({ path, after }): Change => ({ path, before: after, after: file[path] ?? null }))
    .filter((change) => change.before !== change.after && !widens(change))
    // Otherwise it is among what narrows what is agreed.
    .filter(
      ({ path, after }) => after === (agreed[path] ?? null) || widens({ path, before: agreed[path] ?? null, after }),
    );

/** One request at most is the file's and open; it asks for what the file is not given and nobody else has asked for. */
function ask(state: State, at: Millis, undecidedMs: Millis): Followed {
  const asked = state.requests.filter((request) => isOpen(request) && request.origin === "person");
  const wanted = heldBack(state).filter((change) => !asked.some((request) => asksFor(request, change)));
  const open = state.requests.find((request) => isOpen(request) && request.origin === "file");
  const request = open ? reconsidered(open, wanted, at, undecidedMs) : fresh(state, wanted, at, undecidedMs);
  if (!request || request === open) return { state, events: [] };
  return { state: withRequests(state, [request]), events: eventsOf(open, request, at) };
}

function eventsOf(open: Request | undefined, request: Request, at: Millis): readonly Event[] {
  if (!open) return [{ kind: "requested", at, who: null, request }];
  if (isPast(request)) return [{ kind: "withdrawn", at, who: null, request }];
  return [{ kind: "revised", at, who: null, request }];
}

const asksFor = ({ changes }: Request, { path, after }: Change): boolean =>
  changes.some((change) => change.path === path && change.after === after);

/** Asked for less, a request goes on as it is; asked for anything else, it begins again. */
function reconsidered(open: Request, wanted: readonly Change[], at: Millis, undecidedMs: Millis): Request {
  if (wanted.length === 0) return { ...open, phase: { kind: "withdrawn", at } };
  const isLess = wanted.every((change) => asksFor(open, change));
  if (isLess) return wanted.length === open.changes.length ? open : { ...open, changes: wanted };
  return { ...nobodys(open.id, wanted, at, undecidedMs) };
}

/** What was refused, or is over, is not asked for again by the same file. */
function fresh(state: State, wanted: readonly Change[], at: Millis, undecidedMs: Millis): Request | undefined {
  if (wanted.length === 0) return undefined;
  const last = state.requests.findLast(({ origin }) => origin === "file");
  const isOver = last && isPast(last) && wanted.every((change) => asksFor(last, change));
  return isOver ? undefined : nobodys(state.last + 1, wanted, at, undecidedMs);
}

const nobodys = (id: number, changes: readonly Change[], at: Millis, undecidedMs: Millis): Request => ({
  id,
  origin: "file",
  by: null,
  requestedAt: at,
  changes,
  reason: null,
  until: null,
  approvals: [],
  phase: { kind: "requested", left: undecidedMs },
});
