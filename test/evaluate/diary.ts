/** What the gateway came to say over a run, as far as it is judged. */
import type { Alert } from "#gateway/alerts/alert.ts";
import type { PairDay, PairFact, PairKnowledge, PairMinute, PairSituation } from "#gateway/detect/leakage/facts.ts";
import type { LaneStep } from "#gateway/lane-state.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";

export interface Diary {
  /** Those that fired, each as it was in the end. */
  readonly alerts: readonly Alert[];
  /** Every change of what is said of a pair, with the time it became known. */
  readonly situations: ReadonlyMap<string, readonly (PairSituation & { readonly at: Millis })[]>;
  readonly minutes: ReadonlyMap<string, readonly (PairMinute & { readonly isLearned: boolean })[]>;
  /** The last word of each day. */
  readonly days: ReadonlyMap<string, readonly PairDay[]>;
  /** When the level difference of a pair was known for the first time. */
  readonly learnedAt: ReadonlyMap<string, Millis>;
}

/** Conversations a level difference rests on before it may predict (ACOUSTICS §3.9), and octaves of five that are known. */
const LEAST_EPISODES = 3;
const LEAST_OCTAVES = 3;

export const pairKey = (from: RoomId, to: RoomId): string => `${from}→${to}`;

const isLearned = ({ episodes, ld, limited }: PairKnowledge): boolean =>
  episodes >= LEAST_EPISODES && ld.filter((value, k) => value !== null && !limited[k]).length >= LEAST_OCTAVES;

export function createDiary(): { hear(step: LaneStep): void; close(): Diary } {
  const alerts = new Map<string, Alert>();
  const situations = new Map<string, (PairSituation & { at: Millis })[]>();
  const minutes = new Map<string, (PairMinute & { isLearned: boolean })[]>();
  const days = new Map<string, Map<Millis, PairDay>>();
  const learnedAt = new Map<string, Millis>();
  const known = new Set<string>();

  function hearPair(fact: PairFact): void {
    if (fact.kind === "pair") listIn(situations, fact.situation).push({ ...fact.situation, at: fact.at });
    if (fact.kind === "pair-minute") {
      const key = pairKey(fact.minute.from, fact.minute.to);
      listIn(minutes, fact.minute).push({ ...fact.minute, isLearned: known.has(key) });
    }
    if (fact.kind === "pair-day") {
      const key = pairKey(fact.day.from, fact.day.to);
      days.set(key, (days.get(key) ?? new Map()).set(fact.day.day, fact.day));
    }
    if (fact.kind === "pair-knowledge") {
      const key = pairKey(fact.knowledge.from, fact.knowledge.to);
      if (!isLearned(fact.knowledge)) known.delete(key);
      else {
        known.add(key);
        if (!learnedAt.has(key)) learnedAt.set(key, fact.at);
      }
    }
  }

  return {
    hear({ pairFacts, decided }) {
      for (const fact of pairFacts) hearPair(fact);
      for (const { transition } of decided)
        if (transition.alert.firedAt !== null) alerts.set(transition.alert.id, transition.alert);
    },
    close: () => ({
      alerts: [...alerts.values()],
      situations,
      minutes,
      days: new Map([...days].map(([key, ofPair]) => [key, [...ofPair.values()]])),
      learnedAt,
    }),
  };
}

function listIn<T>(lists: Map<string, T[]>, { from, to }: { readonly from: RoomId; readonly to: RoomId }): T[] {
  const key = pairKey(from, to);
  const list = lists.get(key) ?? [];
  if (list.length === 0) lists.set(key, list);
  return list;
}
