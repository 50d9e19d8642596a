/**
 * The rule `conversation-in-shared-office` over all rooms of a site: `step(state, input, rules) → { state, decided }`.
 *
 * As in detection, time passes only through the inputs and what falls due before one is decided first, dated at the end
 * of its wait; the decisions are the same however often a tick comes between.
 */
import type { Severity } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { RoomFact } from "../detect/facts.ts";
import type { Alert, Transition } from "./alert.ts";
import { resolve } from "./lifecycle.ts";
import { type AlertRules, CRITICAL_STAFF, type WatchRule } from "./rules.ts";
import { acknowledged, due, hear, newWatch, type Watch, type WatchStep, watchDue } from "./watch.ts";
import { type NotifyReason, whyNotify } from "./why-notify.ts";

/** Plain JSON. */
export interface AlertsState {
  readonly version: 1;
  readonly now: Millis;
  /** Nothing is decided by time before this. */
  readonly due: Millis | null;
  /** As the rules' rooms; `room` names it for a restart with another site file. */
  readonly watches: readonly (Watch & { readonly room: string })[];
}

export type AlertsInput =
  | { readonly kind: "fact"; readonly at: Millis; readonly fact: RoomFact }
  | { readonly kind: "tick"; readonly at: Millis }
  /** The gateway listens again: the time in which it did not is not passed through. */
  | { readonly kind: "start"; readonly at: Millis }
  | { readonly kind: "acknowledge"; readonly at: Millis; readonly alert: string };

export interface Decided {
  readonly transition: Transition;
  readonly notify: NotifyReason;
}

export interface AlertsStep {
  readonly state: AlertsState;
  readonly decided: readonly Decided[];
}

const NONE: readonly Decided[] = [];

export const initialAlerts = (rules: AlertRules): AlertsState => ({
  version: 1,
  now: 0,
  due: null,
  watches: rules.rooms.map(({ id }) => ({ ...newWatch, room: id })),
});

export function step(state: AlertsState, input: AlertsInput, rules: AlertRules): AlertsStep {
  if (input.kind === "start") return { state: { ...state, now: Math.max(state.now, input.at) }, decided: NONE };
  const passed = pass(state, input.at, rules);
  if (input.kind === "tick") return passed;
  const index = indexOf(passed.state, input, rules);
  if (index === undefined) return passed;
  const watch = passed.state.watches[index]!;
  const fact = input.kind === "fact" ? input.fact : undefined;
  const taken =
    fact === undefined ? acknowledged(watch, input.at) : hear(watch, fact, surroundings(passed.state, index, rules));
  const next = into(passed.state, index, taken, fact);
  return passed.decided.length === 0 ? next : { state: next.state, decided: [...passed.decided, ...next.decided] };
}

/** Pending, firing and acknowledged alerts, in the order of their rooms. */
export const openAlerts = (state: AlertsState): readonly Alert[] =>
  state.watches.flatMap(({ phase }) => (phase.phase === "open" ? [phase.alert] : []));

function indexOf(
  state: AlertsState,
  input: Extract<AlertsInput, { kind: "fact" | "acknowledge" }>,
  rules: AlertRules,
): number | undefined {
  if (input.kind === "fact") return rules.indexOf.get(roomOf(input.fact));
  const index = state.watches.findIndex(({ phase }) => phase.phase === "open" && phase.alert.id === input.alert);
  return index < 0 ? undefined : index;
}

const roomOf = (fact: RoomFact) => (fact.kind === "situation" ? fact.situation.room : fact.episode.room);

/** Decides, in order of time, whatever falls due up to and at `at`. */
function pass(state: AlertsState, at: Millis, rules: AlertRules): AlertsStep {
  if (at <= state.now) return { state, decided: NONE };
  let decided: readonly Decided[] = NONE;
  while (state.due !== null && state.due <= at) {
    const now = state.due;
    const index = state.watches.findIndex((watch) => watchDue(watch) <= now);
    const step = into(state, index, due(state.watches[index]!, surroundings(state, index, rules), now), undefined);
    state = step.state;
    decided = [...decided, ...step.decided];
  }
  return { state: { ...state, now: at }, decided };
}

function into(state: AlertsState, index: number, { watch, transitions }: WatchStep, cause?: RoomFact): AlertsStep {
  const watches = state.watches.with(index, { ...watch, room: state.watches[index]!.room });
  return {
    state: { ...state, watches, due: earliest(watches) },
    decided: transitions.map((transition) => ({ transition, notify: whyNotify(transition, cause) })),
  };
}

function earliest(watches: readonly Watch[]): Millis | null {
  let due = Number.POSITIVE_INFINITY;
  for (const watch of watches) due = Math.min(due, watchDue(watch));
  return Number.isFinite(due) ? due : null;
}

const surroundings = (state: AlertsState, index: number, rules: AlertRules) => {
  const rule = rules.rooms[index]!;
  return { rule, afterMs: rules.afterMs, severity: severityOf(state, rule) };
};

/** Critical when more can hear it: a larger office, or another conversation where nothing but an opening lies between. */
function severityOf(state: AlertsState, rule: WatchRule): Severity {
  const another = rule.openTo.some((room) => state.watches[room]!.conversing);
  return rule.assigned >= CRITICAL_STAFF || another ? "critical" : "warning";
}

/** A state that was kept, fitted to the site as it is now; alerts of rooms that are no longer watched are resolved. */
export function restoreAlerts(kept: AlertsState, rules: AlertRules): AlertsStep {
  if (kept.version !== 1) return { state: initialAlerts(rules), decided: NONE };
  const byRoom = new Map(kept.watches.map((watch) => [watch.room, watch]));
  const watches = rules.rooms.map(({ id, watched }) => ({
    ...((watched && byRoom.get(id)) || newWatch),
    conversing: byRoom.get(id)?.conversing ?? false,
    room: id,
  }));
  const still = new Set(rules.rooms.flatMap(({ id, watched }) => (watched ? [id] : [])));
  const decided = kept.watches.flatMap(({ room, phase }): Decided[] => {
    if (still.has(room) || phase.phase !== "open") return [];
    const transition = resolve(phase.alert, "room-unknown", kept.now);
    return [{ transition, notify: whyNotify(transition, undefined) }];
  });
  return { state: { ...kept, watches, due: earliest(watches) }, decided };
}
