/** Words for timelines of alerts in tests: what detection says in, decisions as short lines out. */
import type { Hearing, PairReason } from "#protocol/api.ts";
import type { RoomId } from "#protocol/quantities.ts";
import type { Hint } from "#protocol/readings.ts";
import { Site } from "#protocol/site.ts";
import type { RoomFact, Situation } from "../detect/facts.ts";
import type { PairFact, PairSituation, TalkSource } from "../detect/leakage/facts.ts";
import { at, site as demo, EIGHT } from "../detect/story.fixture.ts";
import { alertRules } from "./rules.ts";
import { type AlertsInput, type AlertsState, type Decided, initialAlerts, step } from "./step.ts";

/** The small site with more walls: K1 next to K2, V1 and the silent K6. */
export const site: Site = Site.parse({
  ...demo,
  boundaries: [
    ...demo.boundaries,
    { between: ["K1", "K2"], kind: "wall", rw: 40 },
    { between: ["K1", "V1"], kind: "wall", rw: 30 },
    { between: ["K1", "K6"], kind: "wall", rw: 30 },
  ],
});
export const rules = alertRules(site);
const hint: Hint = "dialogue";

export const fact = (f: RoomFact | PairFact): AlertsInput => ({ kind: "fact", at: f.at, fact: f });
export const tick = (t: number): AlertsInput => ({ kind: "tick", at: at(t) });
export const start = (t: number): AlertsInput => ({ kind: "start", at: at(t) });

export const situation = (
  t: number,
  conversation: Situation["conversation"],
  occupied: boolean | null,
  room = "K1",
): AlertsInput =>
  fact({
    kind: "situation",
    at: at(t),
    situation: { room, conversation, reason: conversation === "unknown" ? "offline" : null, occupied, since: at(t) },
  });

export const source = (t: number, whose: TalkSource, room = "K1"): AlertsInput =>
  fact({ kind: "talk-source", at: at(t), room, source: whose });

export const on = (t: number, since = t, room = "K1", occupied = true): AlertsInput[] => [
  situation(t, "on", occupied, room),
  fact({ kind: "conversation-started", at: at(t), episode: { room, start: at(since), end: null, hint } }),
];

export const ended = (
  t: number,
  since: number,
  end: number,
  because: "quiet" | "unknown" = "quiet",
  room = "K1",
): AlertsInput =>
  fact({ kind: "conversation-ended", at: at(t), episode: { room, start: at(since), end: at(end), hint }, because });

export const off = (t: number, since: number, end = t, room = "K1"): AlertsInput[] => [
  situation(t, "off", true, room),
  ended(t, since, end, "quiet", room),
];

export const recovered = (t: number, since: number, end: number, occupied = true): AlertsInput =>
  fact({
    kind: "conversation-recovered",
    at: at(t),
    episode: { room: "K1", start: at(since), end: at(end), hint },
    occupied,
  });

/** What is said of a pair written `K1>V1`. */
export interface Pair {
  overheard(t: number, hearing?: Hearing): AlertsInput;
  /** Understood with a probability that is too small to say that it is. */
  probably(t: number, probability: number, hearing?: Hearing): AlertsInput;
  private(t: number): AlertsInput;
  unknown(t: number, reason?: PairReason): AlertsInput;
  degraded(t: number, dropDb: number): AlertsInput;
  restored(t: number): AlertsInput;
}

export function pair(name: string): Pair {
  const [from, to] = name.split(">") as [RoomId, RoomId];
  const say = (t: number, said: Pick<PairSituation, "state" | "reason">, probability?: number, hearing?: Hearing) =>
    fact({
      kind: "pair",
      at: at(t),
      situation: {
        from,
        to,
        ...said,
        reasonRoom: null,
        link: null,
        audibility:
          probability === undefined
            ? null
            : { snr: -5, sigma: 2.5, sii5: 0.4, probability, hearing: hearing ?? "partly" },
      },
    });
  return {
    overheard: (t, hearing = "intelligible") => say(t, { state: "overheard", reason: null }, 0.95, hearing),
    probably: (t, p, hearing = "partly") => say(t, { state: "unknown", reason: "uncertain" }, p, hearing),
    private: (t) => say(t, { state: "private", reason: null }, 0.02, "audible"),
    unknown: (t, reason = "offline") => say(t, { state: "unknown", reason }),
    degraded: (t, dropDb) => fact({ kind: "pair-degraded", at: at(t), from, to, dropDb }),
    restored: (t) => fact({ kind: "pair-restored", at: at(t), from, to }),
  };
}

export function decide(inputs: readonly AlertsInput[], state: AlertsState = initialAlerts(rules)): Decided[] {
  const decided: Decided[] = [];
  for (const input of inputs) {
    const next = step(state, input, rules);
    decided.push(...next.decided);
    state = next.state;
  }
  return decided;
}

/** The state after a timeline, as it comes back from the journal. */
export const keptAfter = (inputs: readonly AlertsInput[]): AlertsState =>
  JSON.parse(JSON.stringify(inputs.reduce((state, input) => step(state, input, rules).state, initialAlerts(rules))));

/**
 * `70 K1@10 firing critical: raised`: seconds after eight, room or pair and start of the alert, the step, why it is told
 * or not. Of `overheard` what can be heard as well, of `privacy-degraded` how many dB are missing.
 */
export function line({ transition: { to, at: when, alert }, notify }: Decided): string {
  const place = `${alert.pair?.join(">") ?? alert.room}@${(alert.startedAt - EIGHT) / 1000}`;
  const heard = alert.hearing === undefined ? "" : ` ${alert.hearing}`;
  const less = alert.dropDb === undefined ? "" : ` −${alert.dropDb} dB`;
  const what = to === "resolved" ? `resolved ${alert.reason}` : `${to} ${alert.severity}`;
  return `${(when - EIGHT) / 1000} ${place} ${what}${heard}${less}: ${notify}`;
}

export const timeline = (...inputs: (AlertsInput | AlertsInput[])[]): string[] => decide(inputs.flat()).map(line);
