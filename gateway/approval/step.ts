/**
 * Widening the settings, as a step: a request, a reason and an end; two people of two roles; a notice; in force; and back at
 * its end. Narrowing, at once. Time is an input like any other.
 */
import type { ChangeDenial } from "#protocol/changes.ts";
import type { Millis } from "#protocol/quantities.ts";
import { forbiddenTogether, type Permission, reachOf } from "#protocol/roles.ts";
import { declarationOf } from "./declarations.ts";
import { type Change, changed, type Difference, diff } from "./diff.ts";
import type { Event } from "./events.ts";
import { baseline, followFile } from "./follow-file.ts";
import type { LawProfile } from "./law-profile.ts";
import { narrow } from "./narrow.ts";
import { pass } from "./pass.ts";
import { isAsShown, isInForce, isOpen, type Request, type Shown, seatsTaken, type Who } from "./request.ts";
import type { Plain, Settings } from "./settings.ts";
import { inForce, type State, withRequests } from "./state.ts";

const DAY_MS = 86_400_000;
const MOST_OPEN = 20;
const SHORTEST_REASON = 10;

/** Path → value; null: gone. */
export type Wanted = Readonly<Record<string, Plain | null>>;

interface Asked {
  readonly who: Who;
  readonly reason: string;
  readonly until: Millis | null;
}

export type Input = { readonly at: Millis } & (
  | { readonly kind: "tick" }
  /** What the gateway is started with. The first one ever is agreed as it is. */
  | { readonly kind: "start"; readonly file: Settings }
  /** What of it narrows is done, what widens becomes a request. Neither is, unless both may be. */
  | ({ readonly kind: "ask"; readonly wanted: Wanted } & Asked)
  /** Takes up the file's request, or changes one's own: it begins again. */
  | ({ readonly kind: "revise"; readonly id: number; readonly wanted?: Wanted } & Asked)
  | { readonly kind: "approve"; readonly id: number; readonly who: Who; readonly shown: Shown }
  | { readonly kind: "refuse" | "withdraw"; readonly id: number; readonly who: Who }
);

export interface Step {
  readonly state: State;
  readonly events: readonly Event[];
}

type ByPerson = Exclude<Input, { kind: "tick" | "start" }>;
type Decided = Step | ChangeDenial;

/** The state after an input: first what time has done, then what was wanted, or why not. */
export function step(before: State | undefined, input: Input, law: LawProfile): Step {
  if (before === undefined) {
    if (input.kind !== "start") throw new Error("before the first start there is nothing to change");
    return baseline(input.file, input.at);
  }
  const passed = pass(before, input.at);
  const done = act(passed.state, input, law);
  return { state: done.state, events: [...passed.events, ...done.events] };
}

function act(state: State, input: Input, law: LawProfile): Step {
  if (input.kind === "tick") return { state, events: [] };
  if (input.kind === "start") return followFile(state, input.file, input.at, law.undecidedDays * DAY_MS);
  const decided = forbiddenTogether(input.who.roles) ? "roles-apart" : decide(state, input, law);
  if (typeof decided !== "string") return decided;
  const id = input.kind === "ask" ? null : input.id;
  return { state, events: [{ kind: "denied", at: input.at, who: input.who, why: decided, id }] };
}

function decide(state: State, input: ByPerson, law: LawProfile): Decided {
  if (input.kind === "ask") return ask(state, input, law);
  const request = state.requests.find(({ id }) => id === input.id);
  if (!request) return "unknown-request";
  switch (input.kind) {
    case "revise":
      return revise(state, request, input, law);
    case "approve":
      return approve(state, request, input, law);
    case "refuse":
      return refuse(state, request, input);
    case "withdraw":
      return withdraw(state, request, input);
  }
}

const may = ({ roles, only }: Who, permission: Permission): boolean =>
  (only === undefined || only.includes(permission)) && reachOf(roles, permission).has("all");

function ask(state: State, input: Extract<Input, { kind: "ask" }>, law: LawProfile): Decided {
  const { at, who, wanted } = input;
  const difference = weigh(state, wanted);
  if (typeof difference === "string") return difference;
  const { narrowing, widening } = difference;
  if (narrowing.length > 0 && !may(who, "narrow-setting")) return "not-permitted";
  if (widening.length > 0) {
    if (!may(who, "request-widening")) return "not-permitted";
    if (state.requests.filter(isOpen).length >= MOST_OPEN) return "too-many-requests";
    const fault = faultOf(input, widening, law);
    if (fault) return fault;
  }
  const narrowed = narrow(state, narrowing, at, who);
  if (widening.length === 0) return narrowed;
  const request: Request = { id: state.last + 1, origin: "person", ...asFirst(input, law), changes: widening };
  return {
    state: withRequests(narrowed.state, [request]),
    events: [...narrowed.events, { kind: "requested", at, who, request }],
  };
}

function revise(state: State, request: Request, input: Extract<Input, { kind: "revise" }>, law: LawProfile): Decided {
  const { at, who, wanted } = input;
  if (!isOpen(request)) return "not-open";
  if (!may(who, "request-widening")) return "not-permitted";
  if (request.by !== null && request.by !== who.id) return "not-yours";
  if (wanted && request.origin === "file") return "of-the-file";
  const difference = wanted ? weigh(state, wanted) : { narrowing: [], widening: request.changes };
  if (typeof difference === "string") return difference;
  // What narrows is asked for by itself, and done at once.
  if (difference.narrowing.length > 0 || difference.widening.length === 0) return "nothing-changes";
  const fault = faultOf(input, difference.widening, law);
  if (fault) return fault;
  const revised: Request = { ...request, ...asFirst(input, law), changes: difference.widening };
  return { state: withRequests(state, [revised]), events: [{ kind: "revised", at, who, request: revised }] };
}

/** A request as it begins, or begins again. */
const asFirst = ({ at, who, reason, until }: Asked & { at: Millis }, law: LawProfile) => ({
  by: who.id,
  requestedAt: at,
  reason: reason.trim(),
  until,
  approvals: [],
  phase: { kind: "requested", left: law.undecidedDays * DAY_MS } as const,
});

/** What of it narrows and what widens, as the settings are now; or why it cannot be asked for. */
export function weigh(state: State, wanted: Wanted): Difference | ChangeDenial {
  const now = inForce(state);
  const paths = Object.keys(wanted);
  if (paths.some((path) => now[path] === undefined && state.file[path] === undefined)) return "unknown-setting";
  const difference = diff(
    now,
    changed(
      now,
      paths.map((path): Change => ({ path, before: now[path] ?? null, after: wanted[path] ?? null })),
    ),
  );
  return difference.narrowing.length + difference.widening.length === 0 ? "nothing-changes" : difference;
}

function faultOf(
  { at, reason, until }: Asked & { at: Millis },
  widening: readonly Change[],
  law: LawProfile,
): ChangeDenial | undefined {
  if (reason.trim().length < SHORTEST_REASON) return "reason-missing";
  if (until === null || until <= at + noticeOf(widening, law)) return "ends-too-soon";
  return until > at + law.longestDays * DAY_MS ? "lasts-too-long" : undefined;
}

/** How long changes are told beforehand, ms: the longest that one of them needs. */
export const noticeOf = (changes: readonly Change[], law: LawProfile): Millis =>
  Math.max(...changes.map(({ path }) => law.noticeDays[declarationOf(path).notice])) * DAY_MS;

function approve(
  state: State,
  request: Request,
  { at, who, shown }: Extract<Input, { kind: "approve" }>,
  law: LawProfile,
): Decided {
  const { approvals, by, reason, until, phase, changes } = request;
  if (phase.kind !== "requested") return "not-open";
  if (!may(who, "approve-widening")) return "not-permitted";
  if (by === who.id) return "own-request";
  if (!isAsShown(request, shown)) return "revised-since";
  if (by === null || reason === null || until === null) return "reason-missing";
  if (approvals.some(({ id }) => id === who.id)) return "already-approved";
  const all = [...approvals, { id: who.id, roles: who.roles, at }];
  const taken = seatsTaken(all, law.approvers);
  if (taken < all.length) return "role-already-approved";
  const notice = noticeOf(changes, law);
  if (until <= at + notice) return "ends-too-soon";
  const isAgreed = taken === law.approvers.length;
  const approved: Request = {
    ...request,
    approvals: all,
    phase: isAgreed ? { kind: "notice", left: notice } : phase,
  };
  const events: Event[] = [{ kind: "approved", at, who, request: approved }];
  if (isAgreed) events.push({ kind: "notice", at, who: null, request: approved });
  return { state: withRequests(state, [approved]), events };
}

type Deed = Extract<Input, { kind: "refuse" | "withdraw" }>;

/** Also one that is approved, until it is in force. */
function refuse(state: State, request: Request, { at, who }: Deed): Decided {
  if (!isOpen(request)) return "not-open";
  if (!may(who, "approve-widening")) return "not-permitted";
  return ended(state, request, "refused", at, who);
}

/** Also what is in force: it narrows. */
function withdraw(state: State, request: Request, { at, who }: Deed): Decided {
  if (!isOpen(request) && !isInForce(request)) return "not-open";
  if (request.by !== who.id && !may(who, "narrow-setting")) return "not-permitted";
  return ended(state, request, "withdrawn", at, who);
}

function ended(state: State, request: Request, kind: "refused" | "withdrawn", at: Millis, who: Who): Step {
  const over: Request = { ...request, phase: { kind, at } };
  return { state: withRequests(state, [over]), events: [{ kind, at, who, request: over }] };
}
