/** What the lane knows: the state of the pure steps, and one step through all of them. No IO. */
import type { RoomView } from "#protocol/api.ts";
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { type AlertRules, alertRules } from "./alerts/rules.ts";
import {
  type AlertsInput,
  type AlertsState,
  type Decided,
  initialAlerts,
  openAlerts,
  restoreAlerts,
  step as stepAlerts,
} from "./alerts/step.ts";
import { roomView } from "./deliver/room-view.ts";
import { type DetectInput, type DetectState, initialDetect, step as stepDetect } from "./detect/conversation.ts";
import type { RoomFact } from "./detect/facts.ts";
import { restoreDetect } from "./detect/restore.ts";
import { type DetectRules, detectRules } from "./detect/rules.ts";
import type { StoredReading } from "./ingest/stored-reading.ts";

export interface LaneState {
  readonly detect: DetectState;
  readonly alerts: AlertsState;
  /** Alerts of which word has gone out that they fire: only of these the end is told too. */
  readonly announced: readonly string[];
}

export interface LaneRules {
  readonly site: Site;
  readonly detect: DetectRules;
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
  | { readonly kind: "acknowledge"; readonly at: Millis; readonly alert: string }
  | { readonly kind: "start" | "tick"; readonly at: Millis };

export interface LaneStep {
  readonly state: LaneState;
  readonly facts: readonly RoomFact[];
  readonly decided: readonly Decided[];
}

export const laneRules = (site: Site): LaneRules => ({
  site,
  detect: detectRules(site),
  alerts: alertRules(site),
});

export const initialLane = (rules: LaneRules): LaneState => ({
  detect: initialDetect(rules.detect),
  alerts: initialAlerts(rules.alerts),
  announced: [],
});

/** A kept state, fitted to the site; what the fitting itself decides comes with it. */
export function restoreLane(kept: LaneState, rules: LaneRules): LaneStep {
  const { state: alerts, decided } = restoreAlerts(kept.alerts, rules.alerts);
  return { state: { ...kept, detect: restoreDetect(kept.detect, rules.detect), alerts }, facts: [], decided };
}

/** When anything happens by itself at the earliest. */
export const laneDue = ({ detect, alerts }: LaneState): Millis =>
  Math.min(detect.due ?? Number.POSITIVE_INFINITY, alerts.due ?? Number.POSITIVE_INFINITY);

const NO_FACTS: readonly RoomFact[] = [];
const NOTHING: readonly Decided[] = [];

export function stepLane(state: LaneState, input: LaneInput, rules: LaneRules): LaneStep {
  if (input.kind === "acknowledge") return decide(state, NO_FACTS, input, rules);
  const heard = detectInput(input, state);
  if (heard === undefined) return { state, facts: NO_FACTS, decided: NOTHING };
  const { state: detect, facts } = stepDetect(state.detect, heard, rules.detect);
  const next = { ...state, detect };
  if (heard.kind === "start") return decide(next, facts, { kind: "start", at: heard.at }, rules);
  const isDue = next.alerts.due !== null && next.alerts.due <= heard.at;
  if (facts.length === 0 && !isDue) return { state: next, facts, decided: NOTHING };
  return decide(next, facts, { kind: "tick", at: heard.at }, rules);
}

/** Readings that say nothing of a conversation only bring the time, and that only when something falls due. */
function detectInput(input: Exclude<LaneInput, { kind: "acknowledge" }>, state: LaneState): DetectInput | undefined {
  if (input.kind !== "reading") return input;
  const { channel, device, reading, receivedAt: at } = input.reading;
  if (channel === "state") return { kind: "state", at, device, reading };
  if (channel === "health") return { kind: "health", at, device, reading };
  return at >= laneDue(state) ? { kind: "tick", at } : undefined;
}

/** A start comes before the facts it makes, everything else after those that came before it. */
function decide(state: LaneState, facts: readonly RoomFact[], input: AlertsInput, rules: LaneRules): LaneStep {
  const heard = facts.map((fact): AlertsInput => ({ kind: "fact", at: fact.at, fact }));
  let alerts = state.alerts;
  let decided: Decided[] = [];
  for (const one of input.kind === "start" ? [input, ...heard] : [...heard, input]) {
    const next = stepAlerts(alerts, one, rules.alerts);
    alerts = next.state;
    if (next.decided.length > 0) decided = [...decided, ...next.decided];
  }
  return { state: { ...state, alerts }, facts, decided };
}

/** The rooms as everybody sees them in this state. */
export function roomsOf({ detect, alerts }: LaneState, site: Site): RoomView[] {
  const overheard = new Set(openAlerts(alerts).flatMap(({ state, room }) => (state === "pending" ? [] : [room])));
  return site.rooms.map((room, i) => roomView(room, detect.rooms[i]!.situation, overheard.has(room.id)));
}
