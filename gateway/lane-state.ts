/** What the lane knows: the state of the pure steps, and one step through all of them. No IO. */
import type { Boot, Id, Millis, RoomId } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import { isPrivateRoom } from "#protocol/rooms.ts";
import type { Site } from "#protocol/site.ts";
import type { Alert } from "./alerts/alert.ts";
import type { FreeRooms } from "./alerts/nearest-free.ts";
import { type AlertRules, alertRules } from "./alerts/rules.ts";
import {
  type AlertsInput,
  type AlertsState,
  type Decided,
  initialAlerts,
  restoreAlerts,
  step as stepAlerts,
} from "./alerts/step.ts";
import { isFree } from "./deliver/room-view.ts";
import {
  concerns,
  type DetectInput,
  type DetectState,
  initialDetect,
  situations,
  step as stepDetect,
} from "./detect/conversation.ts";
import type { RoomFact } from "./detect/facts.ts";
import type { PairFact } from "./detect/leakage/facts.ts";
import type { LeakageInput } from "./detect/leakage/hear.ts";
import { step as stepLeakage } from "./detect/leakage/leakage.ts";
import { type LeakageRules, leakageRules } from "./detect/leakage/rules.ts";
import { initialLeakage, type KeptLeakage, type LeakageState, restoreLeakage } from "./detect/leakage/state.ts";
import { restoreDetect } from "./detect/restore.ts";
import { type DetectRules, detectRules } from "./detect/rules.ts";
import type { StoredReading } from "./ingest/stored-reading.ts";

export interface LaneState {
  readonly detect: DetectState;
  /** Holds one-second levels: of it only `keptLeakage` may ever leave memory (DESIGN §4). */
  readonly leakage: LeakageState;
  readonly alerts: AlertsState;
  /** Alerts of which word has gone out that they fire: only of these the end is told too. */
  readonly announced: readonly string[];
}

/** What is kept of a lane, as plain JSON; knowledge of the pairs is kept apart, since it changes seldom and is large. */
export type KeptLane = Omit<LaneState, "leakage">;
export const keptLane = ({ leakage: _memory, ...kept }: LaneState): KeptLane => kept;

export interface LaneRules {
  readonly site: Site;
  readonly detect: DetectRules;
  readonly leakage: LeakageRules;
  readonly alerts: AlertRules;
}

/** Beside readings: what comes from outside the journal. */
export type LaneInput =
  | { readonly kind: "reading"; readonly reading: StoredReading }
  | {
      readonly kind: "status";
      readonly at: Millis;
      readonly device: Id;
      readonly boot: Boot;
      readonly status: "online" | "offline";
    }
  /** Never journalled: a restart goes on without them. */
  | { readonly kind: "bands"; readonly at: Millis; readonly device: Id; readonly reading: Readings["bands"] }
  | { readonly kind: "acknowledge"; readonly at: Millis; readonly alert: string }
  | { readonly kind: "start" | "tick"; readonly at: Millis };

export interface LaneStep {
  readonly state: LaneState;
  readonly facts: readonly RoomFact[];
  readonly pairFacts: readonly PairFact[];
  readonly decided: readonly Decided[];
  /** Open alerts that have become graver without a transition. */
  readonly raised: readonly Alert[];
}

export const laneRules = (site: Site): LaneRules => ({
  site,
  detect: detectRules(site),
  leakage: leakageRules(site),
  alerts: alertRules(site),
});

export const initialLane = (rules: LaneRules): LaneState => ({
  detect: initialDetect(rules.detect),
  leakage: initialLeakage(rules.leakage),
  alerts: initialAlerts(rules.alerts),
  announced: [],
});

/** A kept state, fitted to the site; what the fitting itself decides comes with it. */
export function restoreLane(kept: KeptLane, knowledge: KeptLeakage | undefined, rules: LaneRules): LaneStep {
  const { state: alerts, decided } = restoreAlerts(kept.alerts, rules.alerts);
  const detect = restoreDetect(kept.detect, rules.detect);
  const leakage = restoreLeakage(knowledge, situations(detect), rules.leakage);
  return { ...UNCHANGED, state: { ...kept, detect, leakage, alerts }, decided };
}

/** When anything happens by itself at the earliest. */
export const laneDue = ({ detect, leakage, alerts }: LaneState): Millis =>
  Math.min(
    detect.due ?? Number.POSITIVE_INFINITY,
    leakage.due ?? Number.POSITIVE_INFINITY,
    alerts.due ?? Number.POSITIVE_INFINITY,
  );

const UNCHANGED: Omit<LaneStep, "state"> = { facts: [], pairFacts: [], decided: [], raised: [] };

export function stepLane(state: LaneState, input: LaneInput, rules: LaneRules): LaneStep {
  if (input.kind === "acknowledge") return decide(state, [], [], input, rules);
  const heard = detectInput(input, state, rules);
  const listened = leakageInput(input);
  if (heard === undefined && listened === undefined) return { ...UNCHANGED, state };
  const at = (heard ?? listened)!.at;
  const { state: detect, facts } =
    heard === undefined
      ? { state: state.detect, facts: UNCHANGED.facts }
      : stepDetect(state.detect, heard, rules.detect);
  const { leakage, pairFacts } = listen(state.leakage, facts, listened, at, rules.leakage);
  const next = { ...state, detect, leakage };
  if (heard?.kind === "start") return decide(next, facts, pairFacts, { kind: "start", at }, rules);
  const isDue = next.alerts.due !== null && next.alerts.due <= at;
  if (facts.length === 0 && pairFacts.length === 0 && !isDue) return { ...UNCHANGED, state: next };
  return decide(next, facts, pairFacts, { kind: "tick", at }, rules);
}

/** Readings that say nothing of a conversation only bring the time, and that only when something falls due. */
function detectInput(
  input: Exclude<LaneInput, { kind: "acknowledge" }>,
  state: LaneState,
  rules: LaneRules,
): DetectInput | undefined {
  if (input.kind === "bands") return undefined;
  if (input.kind !== "reading") return input;
  const { channel, device, reading, receivedAt: at } = input.reading;
  if (channel === "state") return { kind: "state", at, device, reading };
  if (channel === "health") return { kind: "health", at, device, reading };
  if (channel === "level" && concerns(state.detect, device, reading, rules.detect))
    return { kind: "level", at, device, reading };
  return at >= laneDue(state) ? { kind: "tick", at } : undefined;
}

function leakageInput(input: Exclude<LaneInput, { kind: "acknowledge" }>): LeakageInput | undefined {
  if (input.kind === "bands" || input.kind === "start") return input;
  if (input.kind !== "reading") return undefined;
  const { channel, device, reading, receivedAt: at } = input.reading;
  if (channel === "stats") return { kind: "stats", at, device, reading };
  return channel === "health" ? { kind: "health", at, device, t: reading.t } : undefined;
}

/** What is so in the rooms first, then what is said of their sound, then whatever falls due by now. */
function listen(
  leakage: LeakageState,
  facts: readonly RoomFact[],
  input: LeakageInput | undefined,
  at: Millis,
  rules: LeakageRules,
): { leakage: LeakageState; pairFacts: readonly PairFact[] } {
  const inputs: LeakageInput[] = facts.map((fact) => ({ kind: "room", at: fact.at, fact }));
  if (input !== undefined) inputs.push(input);
  else if (leakage.due !== null && leakage.due <= at) inputs.push({ kind: "tick", at });
  let pairFacts: readonly PairFact[] = UNCHANGED.pairFacts;
  for (const one of inputs) {
    const next = stepLeakage(leakage, one, rules);
    leakage = next.state;
    if (next.facts.length > 0) pairFacts = [...pairFacts, ...next.facts];
  }
  return { leakage, pairFacts };
}

/** A start comes before the facts it makes, everything else after those that came before it. */
function decide(
  state: LaneState,
  facts: readonly RoomFact[],
  pairFacts: readonly PairFact[],
  input: AlertsInput,
  rules: LaneRules,
): LaneStep {
  const heard = [...facts, ...pairFacts]
    .map((fact): AlertsInput => ({ kind: "fact", at: fact.at, fact }))
    .sort((a, b) => a.at - b.at);
  let alerts = state.alerts;
  let decided: Decided[] = [];
  let raised: Alert[] = [];
  for (const one of input.kind === "start" ? [input, ...heard] : [...heard, input]) {
    const next = stepAlerts(alerts, one, rules.alerts);
    alerts = next.state;
    if (next.decided.length > 0) decided = [...decided, ...next.decided];
    if (next.raised.length > 0) raised = [...raised, ...next.raised];
  }
  return { state: { ...state, alerts }, facts, pairFacts, decided, raised };
}

/** The conversation rooms that are free in this state. */
export const freeRooms = ({ detect }: LaneState, { site, leakage: { indexOf } }: LaneRules): FreeRooms => ({
  has(id: RoomId) {
    const room = indexOf.get(id);
    return room !== undefined && isPrivateRoom(site.rooms[room]!) && isFree(detect.rooms[room]!.situation) === true;
  },
});
