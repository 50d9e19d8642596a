/**
 * All rules over all rooms and pairs of a site: `step(state, input, rules) → { state, decided, raised }`.
 *
 * As in detection, time passes only through the inputs and what falls due before one is decided first, dated at the end
 * of its wait; the decisions are the same however often a tick comes between.
 */
import type { Severity } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { RoomFact } from "../detect/facts.ts";
import type { PairFact } from "../detect/leakage/facts.ts";
import { type Alert, pairName, type Transition } from "./alert.ts";
import { graver } from "./hearing.ts";
import { resolve } from "./lifecycle.ts";
import {
  abandoned,
  acknowledgedPair,
  duePair,
  hearPair,
  hearRoomOfPair,
  newPairWatch,
  openOf,
  type PairStep,
  type PairSurroundings,
  type PairWatch,
  pairDue,
  unheard,
} from "./pair-watch.ts";
import { type AlertRules, CRITICAL_STAFF, type WatchRule } from "./rules.ts";
import { acknowledged, due, hear, hearSource, newWatch, type Watch, type WatchStep, watchDue } from "./watch.ts";
import { type Hush, type NotifyReason, whyNotify } from "./why-notify.ts";

type RoomWatch = Watch & { readonly room: RoomId };
type NamedPairWatch = PairWatch & { readonly pair: string };

/** Plain JSON. */
export interface AlertsState {
  readonly version: 2;
  readonly now: Millis;
  /** Nothing is decided by time before this. */
  readonly due: Millis | null;
  /** As the rules' rooms; `room` names it for a restart with another site file. */
  readonly watches: readonly RoomWatch[];
  /** As the rules' pairs. */
  readonly pairs: readonly NamedPairWatch[];
}

/** Kept before what is found of a boundary waited for its hour, it has none that waits. */
type KeptPairWatch = Omit<NamedPairWatch, "boundary"> & Partial<Pick<NamedPairWatch, "boundary">>;

/** The first version is from before there were pairs. */
type KeptState =
  | (Omit<AlertsState, "pairs"> & { readonly pairs: readonly KeptPairWatch[] })
  | (Omit<AlertsState, "version" | "watches" | "pairs"> & {
      readonly version: 1;
      readonly watches: readonly Omit<RoomWatch, "talk">[];
    });

export type AlertsInput =
  | { readonly kind: "fact"; readonly at: Millis; readonly fact: RoomFact | PairFact }
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
  /** Open alerts that got worse without a transition: for whoever watches. The next transition records it. */
  readonly raised: readonly Alert[];
}

const NONE: readonly never[] = [];

export const initialAlerts = (rules: AlertRules): AlertsState => ({
  version: 2,
  now: 0,
  due: null,
  watches: rules.rooms.map(({ id }) => ({ ...newWatch, room: id })),
  pairs: rules.pairs.map(({ pair }) => ({ ...newPairWatch, pair: pairName(...pair) })),
});

export function step(state: AlertsState, input: AlertsInput, rules: AlertRules): AlertsStep {
  if (input.kind === "start") return unchanged(begin(state, Math.max(state.now, input.at)));
  const passed = pass(state, input.at, rules);
  if (input.kind === "tick") return passed;
  return then(passed, (now) =>
    input.kind === "acknowledge" ? acknowledge(now, input.alert, input.at) : hearFact(now, input.fact, rules),
  );
}

const unchanged = (state: AlertsState): AlertsStep => ({ state, decided: NONE, raised: NONE });

function then(before: AlertsStep, go: (state: AlertsState) => AlertsStep): AlertsStep {
  const after = go(before.state);
  if (before.decided.length === 0 && before.raised.length === 0) return after;
  return {
    state: after.state,
    decided: [...before.decided, ...after.decided],
    raised: [...before.raised, ...after.raised],
  };
}

/** Pending, firing and acknowledged alerts, in the order of their rooms, then of their pairs. */
export const openAlerts = (state: AlertsState): readonly Alert[] => [
  ...state.watches.flatMap(({ phase }) => (phase.phase === "open" ? [phase.alert] : [])),
  ...state.pairs.flatMap(openOf),
];

function begin(state: AlertsState, at: Millis): AlertsState {
  const pairs = state.pairs.map((watch) => ({ ...unheard(watch, at), pair: watch.pair }));
  // Whose talk it is will be said again where anything speaks against the room's own.
  const watches = state.watches.map((watch) => ({ ...watch, own: true }));
  return { ...state, now: at, watches, pairs, due: earliest(watches, pairs) };
}

function hearFact(state: AlertsState, fact: RoomFact | PairFact, rules: AlertRules): AlertsStep {
  switch (fact.kind) {
    case "situation":
      return hearRoom(state, fact.situation.room, fact, rules);
    case "conversation-started":
    case "conversation-ended":
    case "conversation-recovered":
      return hearRoom(state, fact.episode.room, fact, rules);
    case "talk-source":
      return hearOfSource(state, fact, rules);
    case "pair":
      return hearOfPair(state, fact.situation, fact, rules);
    case "pair-degraded":
    case "pair-restored":
      return hearOfPair(state, fact, fact, rules);
    default:
      return unchanged(state);
  }
}

/** The room first, then the pairs that it is one of. */
function hearRoom(state: AlertsState, room: RoomId, fact: RoomFact, rules: AlertRules): AlertsStep {
  const index = rules.indexOf.get(room);
  if (index === undefined) return unchanged(state);
  const heard = intoRoom(state, index, hear(state.watches[index]!, fact, surroundings(state, index, rules)));
  return rules.rooms[index]!.pairs.reduce(
    (before, pair) =>
      then(before, (now) => intoPair(now, pair, hearRoomOfPair(now.pairs[pair]!, fact, around(now, pair, rules)))),
    heard,
  );
}

function hearOfSource(
  state: AlertsState,
  { room, source, at }: Extract<PairFact, { kind: "talk-source" }>,
  rules: AlertRules,
): AlertsStep {
  const index = rules.indexOf.get(room);
  return index === undefined ? unchanged(state) : intoRoom(state, index, hearSource(state.watches[index]!, source, at));
}

function hearOfPair(
  state: AlertsState,
  { from, to }: { readonly from: RoomId; readonly to: RoomId },
  fact: PairFact,
  rules: AlertRules,
): AlertsStep {
  const index = rules.pairIndexOf.get(pairName(from, to));
  if (index === undefined) return unchanged(state);
  return intoPair(state, index, hearPair(state.pairs[index]!, fact, around(state, index, rules)));
}

function acknowledge(state: AlertsState, id: string, at: Millis): AlertsStep {
  const room = state.watches.findIndex(({ phase }) => phase.phase === "open" && phase.alert.id === id);
  if (room >= 0) return intoRoom(state, room, acknowledged(state.watches[room]!, at));
  const pair = state.pairs.findIndex((watch) => openOf(watch).some((alert) => alert.id === id));
  if (pair >= 0) return intoPair(state, pair, acknowledgedPair(state.pairs[pair]!, id, at));
  return unchanged(state);
}

/** Decides, in order of time, whatever falls due up to and at `at`. */
function pass(state: AlertsState, at: Millis, rules: AlertRules): AlertsStep {
  if (at <= state.now) return unchanged(state);
  let step = unchanged(state);
  while (step.state.due !== null && step.state.due <= at) step = then(step, (now) => dueNow(now, now.due!, rules));
  return { ...step, state: { ...step.state, now: at } };
}

function dueNow(state: AlertsState, now: Millis, rules: AlertRules): AlertsStep {
  const room = state.watches.findIndex((watch) => watchDue(watch) <= now);
  if (room >= 0) return intoRoom(state, room, due(state.watches[room]!, surroundings(state, room, rules), now));
  const pair = state.pairs.findIndex((watch) => pairDue(watch) <= now);
  return intoPair(state, pair, duePair(state.pairs[pair]!, around(state, pair, rules), now));
}

function intoRoom(state: AlertsState, index: number, { watch, transitions, hush }: WatchStep): AlertsStep {
  const watches = state.watches.with(index, { ...watch, room: state.watches[index]!.room });
  return {
    state: { ...state, watches, due: earliest(watches, state.pairs) },
    decided: decide(transitions, hush),
    raised: NONE,
  };
}

function intoPair(state: AlertsState, index: number, { watch, transitions, hush, raised }: PairStep): AlertsStep {
  if (watch === state.pairs[index]) return unchanged(state);
  const pairs = state.pairs.with(index, { ...watch, pair: state.pairs[index]!.pair });
  return {
    state: { ...state, pairs, due: earliest(state.watches, pairs) },
    decided: decide(transitions, hush),
    raised: raised === undefined ? NONE : [raised],
  };
}

const decide = (transitions: readonly Transition[], hush?: Hush): readonly Decided[] =>
  transitions.map((transition) => ({ transition, notify: whyNotify(transition, hush) }));

function earliest(watches: readonly Watch[], pairs: readonly PairWatch[]): Millis | null {
  let due = Number.POSITIVE_INFINITY;
  for (const watch of watches) due = Math.min(due, watchDue(watch));
  for (const watch of pairs) due = Math.min(due, pairDue(watch));
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

function around(state: AlertsState, index: number, rules: AlertRules): PairSurroundings {
  const rule = rules.pairs[index]!;
  const told = rules.rooms[rule.from]!.pairs.filter((other) => rules.pairs[other]!.from === rule.from).reduce(
    (gravest: Severity | null, other) => graver(gravest, state.pairs[other]!.overhearing?.told ?? null),
    null,
  );
  return { rule, told, talk: state.watches[rule.from]!.talk, occupied: state.watches[rule.to]!.occupied };
}

/** A state that was kept, fitted to the site as it is now; alerts of what is no longer watched are resolved. */
export function restoreAlerts(kept: KeptState, rules: AlertRules): AlertsStep {
  if (kept.version !== 1 && kept.version !== 2) return unchanged(initialAlerts(rules));
  const keptPairs = kept.version === 1 ? [] : kept.pairs;
  const watches = restoreRooms(kept.watches, rules);
  const byName = new Map(keptPairs.map((watch) => [watch.pair, watch]));
  const pairs = initialAlerts(rules).pairs.map((fresh) => ({ ...fresh, ...byName.get(fresh.pair) }));
  const state: AlertsState = { version: 2, now: kept.now, due: earliest(watches, pairs), watches, pairs };
  const rooms = new Set(rules.rooms.flatMap(({ id, watched }) => (watched ? [id] : [])));
  const decided = [
    ...kept.watches.flatMap(({ room, phase }) =>
      rooms.has(room) || phase.phase !== "open" ? [] : decide([resolve(phase.alert, "room-unknown", kept.now)]),
    ),
    ...keptPairs
      .filter(({ pair }) => !rules.pairIndexOf.has(pair))
      .flatMap((watch) => abandoned({ ...newPairWatch, ...watch }, kept.now))
      .flatMap(({ transitions, hush }) => decide(transitions, hush)),
  ];
  return { state, decided, raised: NONE };
}

function restoreRooms(kept: KeptState["watches"], rules: AlertRules): readonly RoomWatch[] {
  const byRoom = new Map(kept.map((watch): [RoomId, RoomWatch] => [watch.room, { ...newWatch, ...watch }]));
  return rules.rooms.map(({ id, watched }) => {
    const { phase, past, ...known } = byRoom.get(id) ?? { ...newWatch, room: id };
    return watched ? { ...known, phase, past } : { ...newWatch, ...known };
  });
}
