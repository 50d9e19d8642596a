/** The watch over one ordered pair: is what is said in `from` overheard in `to`, and does the boundary still keep in what it did. */
import type { Hearing, Severity } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { RoomFact } from "../detect/facts.ts";
import type { PairFact, PairSituation } from "../detect/leakage/facts.ts";
import { HISTORICAL_AFTER_MS } from "../detect/rules.ts";
import type { Alert, Transition } from "./alert.ts";
import { type Heard, heardAs, isGraver, isWorse, least, worst } from "./hearing.ts";
import { acknowledge, fire, pendDegraded, pendOverheard, resolve } from "./lifecycle.ts";
import { opening, type Past, remember } from "./past.ts";
import {
  FADED_AFTER_MS,
  fullHourAfter,
  HELD_FROM,
  OVERHEARD_AFTER_MS,
  PAIR_UNKNOWN_AFTER_MS,
  type PairRule,
  WORSE_AFTER_MS,
} from "./rules.ts";
import type { Hush } from "./why-notify.ts";

/** What detection last said of the pair, as the rule takes it. */
export interface Evidence {
  /** `held` is too little to open an alert and too much to close one. */
  readonly kind: "overheard" | "held" | "faded" | "unknown";
  readonly since: Millis;
  readonly hearing: Hearing | null;
}

interface Worse extends Heard {
  readonly since: Millis;
}

export interface Overhearing {
  /** As it is now: raised since its last transition if it got worse. */
  readonly alert: Alert;
  /** When it fires if it is still pending. */
  readonly fireAt: Millis;
  /** As how grave it was told when it fired; null if as much was told of the same conversation already. */
  readonly told: Severity | null;
  /** The least that could be heard beyond what the alert says, since when. */
  readonly worse: Worse | null;
}

/** What was found of the boundary since the last full hour, and is told at the next. */
export interface Found {
  /** A full hour: when it was found is kept nowhere. */
  readonly at: Millis;
  /** How much less it keeps in, dB; null when it keeps in as much again. */
  readonly dropDb: number | null;
}

export interface PairWatch {
  readonly evidence: Evidence;
  /** The open alert `overheard`. */
  readonly overhearing: Overhearing | null;
  /** The open alert `privacy-degraded`: of the boundary, whoever talks. */
  readonly degraded: Alert | null;
  /** What will open or resolve it; null while that stands as it was told. */
  readonly boundary: Found | null;
  /** Of `overheard`. */
  readonly past: readonly Past[];
}

export interface PairStep {
  readonly watch: PairWatch;
  readonly transitions: readonly Transition[];
  readonly hush?: Hush;
  /** Got worse, without a transition. */
  readonly raised?: Alert;
}

/** What the watch needs besides its own state. */
export interface PairSurroundings {
  readonly rule: PairRule;
  /** Start of the conversation in `from`. */
  readonly talk: Millis | null;
  /** The gravest that was told of other rooms that hear it now; null while nothing was. */
  readonly told: Severity | null;
  /** Somebody is in `to`. */
  readonly occupied: boolean;
}

export const newPairWatch: PairWatch = {
  evidence: { kind: "unknown", since: 0, hearing: null },
  overhearing: null,
  degraded: null,
  boundary: null,
  past: [],
};

export const openOf = ({ overhearing, degraded }: PairWatch): readonly Alert[] =>
  [overhearing?.alert, degraded].filter((alert) => alert != null);

/** When the watch changes by itself if nothing happens; Infinity for never. */
export const pairDue = (watch: PairWatch): Millis => Math.min(watch.boundary?.at ?? Infinity, overhearingDue(watch));

function overhearingDue({ overhearing, evidence }: PairWatch): Millis {
  if (overhearing === null) return Number.POSITIVE_INFINITY;
  if (evidence.kind === "faded") return evidence.since + FADED_AFTER_MS;
  if (evidence.kind === "unknown") return evidence.since + PAIR_UNKNOWN_AFTER_MS;
  const { alert, fireAt, worse } = overhearing;
  if (alert.state === "pending") return evidence.kind === "overheard" ? fireAt : Number.POSITIVE_INFINITY;
  return worse === null ? Number.POSITIVE_INFINITY : worse.since + WORSE_AFTER_MS;
}

/** The wait that ended. What was lost is dated when it was lost, everything else at the end of its wait. */
export function duePair(watch: PairWatch, surroundings: PairSurroundings, at: Millis): PairStep {
  const { overhearing, evidence, boundary } = watch;
  if (boundary !== null && boundary.at <= at) return tellBoundary(watch, surroundings.rule, boundary);
  if (overhearing === null) return stays(watch);
  if (evidence.kind === "faded") return close(watch, overhearing, "no-longer-heard", evidence.since);
  if (evidence.kind === "unknown") return close(watch, overhearing, "pair-unknown", evidence.since);
  return overhearing.alert.state === "pending"
    ? fires(watch, overhearing, surroundings, at)
    : raise(watch, overhearing, surroundings, at);
}

const stays = (watch: PairWatch): PairStep => ({ watch, transitions: [] });

/** One conversation is one story: a further room that hears it is told only if that is graver than what was told. */
function fires(watch: PairWatch, overhearing: Overhearing, { told, occupied }: PairSurroundings, at: Millis): PairStep {
  const { hearing, severity } = heardAs(watch.evidence.hearing, occupied);
  const isNews = told === null || isGraver(severity, told);
  const transition = fire({ ...overhearing.alert, hearing }, severity, at);
  const next = { ...overhearing, alert: transition.alert, told: isNews ? severity : null };
  return { watch: { ...watch, overhearing: next }, transitions: [transition], ...hushed(next) };
}

const hushed = ({ told }: Overhearing): { hush?: Hush } => (told === null ? { hush: "grouped" } : {});

function raise(watch: PairWatch, overhearing: Overhearing, surroundings: PairSurroundings, at: Millis): PairStep {
  if (overhearing.worse === null) return stays(watch);
  const raised = { ...overhearing.alert, ...worst(heardOf(overhearing.alert), overhearing.worse) };
  const next = { ...watch, overhearing: { ...overhearing, alert: raised, worse: null } };
  return { ...settle(next, surroundings, at), raised };
}

const heardOf = ({ hearing, severity }: Alert): Heard => ({ hearing: hearing ?? "partly", severity });

function close(watch: PairWatch, overhearing: Overhearing, why: Parameters<typeof resolve>[1], when: Millis): PairStep {
  const transition = resolve(overhearing.alert, why, when);
  const past = remember(watch.past, transition);
  return { watch: { ...watch, overhearing: null, past }, transitions: [transition], ...hushed(overhearing) };
}

export function hearPair(watch: PairWatch, fact: PairFact, surroundings: PairSurroundings): PairStep {
  switch (fact.kind) {
    case "pair": {
      const evidence = evidenceOf(fact.situation, watch.evidence, fact.at);
      return settle({ ...watch, evidence }, surroundings, fact.at);
    }
    case "pair-degraded":
      return stays({ ...watch, boundary: less(watch, fact.dropDb, fact.at) });
    case "pair-restored":
      return stays({ ...watch, boundary: asMuch(watch, fact.at) });
    default:
      return stays(watch);
  }
}

/** What is said of one of the pair's rooms, once the room itself has heard it. */
export function hearRoomOfPair(watch: PairWatch, fact: RoomFact, surroundings: PairSurroundings): PairStep {
  if (fact.kind !== "conversation-ended") return settle(watch, surroundings, fact.at);
  if (fact.episode.room !== surroundings.rule.pair[0] || watch.overhearing === null) return stays(watch);
  const why = fact.because === "quiet" ? "conversation-ended" : "room-unknown";
  return close(watch, watch.overhearing, why, fact.episode.end ?? fact.at);
}

function evidenceOf(situation: PairSituation, before: Evidence, at: Millis): Evidence {
  const kind = kindOf(situation);
  return { kind, since: kind === before.kind ? before.since : at, hearing: situation.audibility?.hearing ?? null };
}

function kindOf({ state, audibility }: PairSituation): Evidence["kind"] {
  if (state === "overheard") return "overheard";
  if (audibility !== null) return audibility.probability >= HELD_FROM ? "held" : "faded";
  return state === "private" ? "faded" : "unknown";
}

/** What follows at once from what is known now. */
function settle(watch: PairWatch, surroundings: PairSurroundings, at: Millis): PairStep {
  const { overhearing, evidence } = watch;
  if (overhearing === null)
    return evidence.kind === "overheard" && surroundings.talk !== null
      ? open(watch, surroundings.talk, surroundings, at)
      : stays(watch);
  const isHeard = evidence.kind === "overheard" || evidence.kind === "held";
  const now = isHeard ? heardAs(evidence.hearing, surroundings.occupied) : null;
  // A wait that ran out while the pair was not overheard ends when it is again.
  const next = { ...overhearing, worse: worsening(overhearing, now, at), fireAt: Math.max(overhearing.fireAt, at) };
  return stays({ ...watch, overhearing: next });
}

/** What fires is raised only by what lasts: it is watched how little of the worse was there all the time. */
function worsening({ alert, worse }: Overhearing, now: Heard | null, at: Millis): Worse | null {
  if (now === null || alert.state === "pending") return null;
  const lasting = worse === null ? now : least(worse, now);
  if (worse !== null && isWorse(lasting, heardOf(alert))) return { ...lasting, since: worse.since };
  return isWorse(now, heardOf(alert)) ? { ...now, since: at } : null;
}

function open(watch: PairWatch, talk: Millis, { rule, occupied }: PairSurroundings, at: Millis): PairStep {
  const { startedAt, fireAt } = opening(watch.past, talk, at, OVERHEARD_AFTER_MS);
  const { hearing, severity } = heardAs(watch.evidence.hearing, occupied);
  const transition = pendOverheard(rule.pair, startedAt, severity, hearing);
  const overhearing = { alert: transition.alert, fireAt, told: null, worse: null };
  return { watch: { ...watch, overhearing }, transitions: [transition] };
}

/** The first drop that is found is the one that is told; one that is found again before its end was told makes none. */
function less({ degraded, boundary }: PairWatch, dropDb: number, at: Millis): Found | null {
  if (degraded !== null) return null;
  return boundary ?? { at: fullHourAfter(at), dropDb };
}

function asMuch({ degraded, boundary }: PairWatch, at: Millis): Found | null {
  if (degraded === null) return null;
  return boundary ?? { at: fullHourAfter(at), dropDb: null };
}

function tellBoundary(before: PairWatch, { pair }: PairRule, { at, dropDb }: Found): PairStep {
  const watch = { ...before, boundary: null };
  if (dropDb === null) return restore(watch, "recovered", at);
  const pending = pendDegraded(pair, at, "warning", dropDb);
  const firing = fire(pending.alert, "warning", at);
  return { watch: { ...watch, degraded: firing.alert }, transitions: [pending, firing] };
}

function restore(watch: PairWatch, why: "recovered" | "pair-unknown", at: Millis): PairStep {
  if (watch.degraded === null) return stays(watch);
  return { watch: { ...watch, degraded: null }, transitions: [resolve(watch.degraded, why, at)] };
}

export function acknowledgedPair(watch: PairWatch, id: string, at: Millis): PairStep {
  const { overhearing, degraded } = watch;
  const alert = openOf(watch).find((one) => one.id === id);
  const transition = alert && acknowledge(alert, at);
  if (transition === undefined) return stays(watch);
  const next =
    overhearing?.alert === alert
      ? { ...watch, overhearing: { ...overhearing!, alert: transition.alert } }
      : { ...watch, degraded: degraded && transition.alert };
  return { watch: next, transitions: [transition] };
}

/** The gateway listens again: nothing that was heard before is known any more. */
export function unheard(watch: PairWatch, at: Millis): PairWatch {
  const { overhearing, boundary } = watch;
  return {
    ...watch,
    evidence: { kind: "unknown", since: at, hearing: null },
    overhearing: overhearing && { ...overhearing, worse: null },
    boundary: boundary && { ...boundary, at: stillNews(boundary.at, at) },
  };
}

/** What is dated too long ago is sent to nobody: a boundary that is found to have changed is told at an hour that is. */
const stillNews = (told: Millis, now: Millis): Millis => (now - told > HISTORICAL_AFTER_MS ? fullHourAfter(now) : told);

/** The pair is no longer there to watch. */
export function abandoned(watch: PairWatch, at: Millis): readonly PairStep[] {
  const heard = watch.overhearing === null ? [] : [close(watch, watch.overhearing, "pair-unknown", at)];
  return [...heard, restore(watch, "pair-unknown", fullHourAfter(at))];
}
