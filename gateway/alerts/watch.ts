/** The watch over one room: of a shared office which alert is open, what it waits for, and which came before. */
import type { Severity } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { RoomFact } from "../detect/facts.ts";
import type { TalkSource } from "../detect/leakage/facts.ts";
import type { Alert, Transition } from "./alert.ts";
import { acknowledge, fire, pend, resolve } from "./lifecycle.ts";
import { opening, type Past, remember, waitFor } from "./past.ts";
import { VACANT_AFTER_MS, type WatchRule } from "./rules.ts";
import type { Hush } from "./why-notify.ts";

export type Phase =
  | { readonly phase: "quiet" }
  /** A conversation without an alert: nobody is there, or the alert ended when the room was left. */
  | { readonly phase: "unattended" }
  | {
      readonly phase: "open";
      readonly alert: Alert;
      /** When it fires if it is still pending. */
      readonly fireAt: Millis;
      /** Since when nobody has been there; null while somebody is. */
      readonly vacantSince: Millis | null;
    };

export interface Watch {
  readonly phase: Phase;
  /** Known to be on; a room that is not known holds what it waits for. */
  readonly conversing: boolean;
  /** Last known; a hole is no evidence that somebody left. */
  readonly occupied: boolean;
  /** Whether the conversation is known, as far as anything speaks against it, to be the room's own; what is not is not told. */
  readonly own: boolean;
  /** Start of the conversation, until detection says that it ended, or gives it up. */
  readonly talk: Millis | null;
  readonly past: readonly Past[];
}

export interface WatchStep {
  readonly watch: Watch;
  readonly transitions: readonly Transition[];
  readonly hush?: Hush;
}

/** What the watch needs besides its own state. */
export interface Surroundings {
  readonly rule: WatchRule;
  readonly afterMs: Millis;
  /** Of an alert that fires now. */
  readonly severity: Severity;
}

export const newWatch: Watch = {
  phase: { phase: "quiet" },
  conversing: false,
  occupied: false,
  own: true,
  talk: null,
  past: [],
};

/** When the watch changes by itself if nothing happens; Infinity for never. */
export function watchDue({ phase, conversing, own }: Watch): Millis {
  if (phase.phase !== "open") return Number.POSITIVE_INFINITY;
  const left = phase.vacantSince === null ? Number.POSITIVE_INFINITY : phase.vacantSince + VACANT_AFTER_MS;
  const fires = phase.alert.state === "pending" && conversing && own && phase.vacantSince === null;
  return Math.min(left, fires ? phase.fireAt : Number.POSITIVE_INFINITY);
}

/** The wait that ended: the room was left, or the conversation has lasted. Dated at the end of the wait. */
export function due(watch: Watch, { severity }: Surroundings, at: Millis): WatchStep {
  if (watch.phase.phase !== "open") return stays(watch);
  const { alert, vacantSince } = watch.phase;
  if (vacantSince !== null) return close(watch, resolve(alert, "room-vacant", vacantSince), "unattended");
  const transition = fire(alert, severity, at);
  return { watch: { ...watch, phase: { ...watch.phase, alert: transition.alert } }, transitions: [transition] };
}

const stays = (watch: Watch): WatchStep => ({ watch, transitions: [] });

const close = (watch: Watch, transition: Transition, phase: "quiet" | "unattended"): WatchStep => ({
  watch: { ...watch, phase: { phase }, past: remember(watch.past, transition) },
  transitions: [transition],
});

export function hear(before: Watch, fact: RoomFact, surroundings: Surroundings): WatchStep {
  const own = before.own || fact.kind === "conversation-started";
  const watch = { ...before, own, talk: talkAfter(before.talk, fact) };
  switch (fact.kind) {
    case "situation": {
      const { conversation, occupied } = fact.situation;
      const known = { ...watch, conversing: conversation === "on", occupied: occupied ?? watch.occupied };
      if (!surroundings.rule.watched || occupied === null) return stays(known);
      return attended(known, fact.at, surroundings);
    }
    case "conversation-started":
      if (!surroundings.rule.watched) return stays(watch);
      return watch.occupied
        ? open(watch, fact.episode.start, fact.at, surroundings)
        : stays({ ...watch, phase: { phase: "unattended" } });
    case "conversation-ended": {
      if (watch.phase.phase !== "open") return stays({ ...watch, phase: { phase: "quiet" } });
      const why = fact.because === "quiet" ? "conversation-ended" : "room-unknown";
      return close(watch, resolve(watch.phase.alert, why, fact.episode.end ?? fact.at), "quiet");
    }
    case "conversation-recovered":
      return surroundings.rule.watched ? recovered(watch, fact, surroundings) : stays(watch);
  }
}

function talkAfter(talk: Millis | null, fact: RoomFact): Millis | null {
  if (fact.kind === "conversation-started") return fact.episode.start;
  return fact.kind === "conversation-ended" ? null : talk;
}

/** Whose talk it is has become known, or doubtful: what was held meanwhile is told when it is known to be the room's own. */
export function hearSource(watch: Watch, source: TalkSource, at: Millis): WatchStep {
  const own = source === "own";
  const { phase } = watch;
  if (phase.phase !== "open" || !own) return stays({ ...watch, own });
  return stays({ ...watch, own, phase: { ...phase, fireAt: Math.max(phase.fireAt, at) } });
}

/** Somebody came, or everybody left, while a conversation goes on. */
function attended(watch: Watch, at: Millis, surroundings: Surroundings): WatchStep {
  const { phase, occupied, conversing } = watch;
  if (phase.phase === "unattended" && occupied && conversing) return open(watch, at, at, surroundings);
  if (phase.phase !== "open") return stays(watch);
  const vacantSince = occupied ? null : (phase.vacantSince ?? at);
  // A wait that ran out while the room was not known, or nobody was there, ends when the evidence is complete again.
  return stays({ ...watch, phase: { ...phase, vacantSince, fireAt: Math.max(phase.fireAt, at) } });
}

function open(watch: Watch, start: Millis, at: Millis, { rule, afterMs, severity }: Surroundings): WatchStep {
  const { startedAt, fireAt } = opening(watch.past, start, at, afterMs);
  const transition = pend(rule.id, startedAt, severity);
  return {
    watch: { ...watch, phase: { phase: "open", alert: transition.alert, fireAt, vacantSince: null } },
    transitions: [transition],
  };
}

/** The whole life of an alert that nobody could have been told in time. */
function recovered(
  watch: Watch,
  { episode, occupied }: Extract<RoomFact, { kind: "conversation-recovered" }>,
  { rule, afterMs, severity }: Surroundings,
): WatchStep {
  const { start, end } = episode;
  const ongoing = watch.phase.phase === "open" && watch.phase.alert.startedAt === start;
  if (end === null || !occupied || ongoing || watch.past.some((past) => past.start === start)) return stays(watch);
  const fireAt = start + waitFor(watch.past, start, afterMs);
  if (end < fireAt) return stays(watch);
  const pending = pend(rule.id, start, severity);
  const firing = fire(pending.alert, severity, fireAt);
  const resolved = resolve(firing.alert, "conversation-ended", end);
  return {
    watch: { ...watch, past: remember(watch.past, resolved) },
    transitions: [pending, firing, resolved],
    hush: "historical",
  };
}

export function acknowledged(watch: Watch, at: Millis): WatchStep {
  const transition = watch.phase.phase === "open" ? acknowledge(watch.phase.alert, at) : undefined;
  if (watch.phase.phase !== "open" || transition === undefined) return stays(watch);
  return { watch: { ...watch, phase: { ...watch.phase, alert: transition.alert } }, transitions: [transition] };
}
