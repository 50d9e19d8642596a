/** How soon a fault is told of the pairs that it concerns, and that none of them is called private meanwhile. */
import type { PairSituation } from "#gateway/detect/leakage/facts.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import { type Diary, pairKey } from "./diary.ts";
import type { Trial } from "./house.ts";
import { MINUTE, overlap, type Pair } from "./talk.ts";
import type { FaultTally } from "./tally.ts";

/** By then the reason is to be told. */
const TOLD_WITHIN_MS = 2 * MINUTE;
/** Talk that is long enough to show something. */
const SHOWS_MS = 2 * MINUTE;
/** Talk is understood at a sensor that should hear it. */
const SHOWS_SNR_DB = -5;

type Said = PairSituation & { readonly at: Millis };

export function trialTally(trial: Trial, pairs: readonly Pair[], diary: Diary): FaultTally {
  const { rooms, until } = trial;
  const concerned = pairs.filter(({ from, to }) => rooms.includes(from) || rooms.includes(to));
  const from = trial.needsTalk ? firstShown(trial, concerned) : trial.from;
  if (from === undefined) return { delays: [], never: 0, privateS: 0 };
  const said = concerned.map((pair) => diary.situations.get(pairKey(pair.from, pair.to)) ?? []);
  const delays = said.map((ofPair) => toldAfter(ofPair, trial, from));
  return {
    delays: delays.filter((delay) => delay !== undefined),
    never: delays.filter((delay) => delay === undefined).length,
    privateS: said.reduce((sum, ofPair) => sum + privateSeconds(ofPair, { from: from + TOLD_WITHIN_MS, until }), 0),
  };
}

/** Start of the first talk in the fault that would be understood next door; undefined without one. */
function firstShown(trial: Trial, concerned: readonly Pair[]): Millis | undefined {
  const starts = concerned.flatMap(({ talks, truth }) =>
    talks
      .map((talk) => ({ from: Math.max(talk.from, trial.from), until: Math.min(talk.until, trial.until) }))
      .filter((talk) => talk.until - talk.from >= SHOWS_MS && truth.greatestSnr(talk) >= SHOWS_SNR_DB)
      .map(({ from }) => from),
  );
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Seconds from `from` to when the pair was unknown for the reason; undefined when it never was in the trial. */
function toldAfter(said: readonly Said[], { reasons, until }: Trial, from: Millis): number | undefined {
  const isTold = ({ reason }: Said) => reason !== null && reasons.includes(reason);
  const before = said.findLast(({ at }) => at <= from);
  if (before && isTold(before)) return 0;
  const first = said.find((one) => one.at > from && one.at < until && isTold(one));
  return first && (first.at - from) / 1000;
}

function privateSeconds(said: readonly Said[], span: Interval): number {
  return said.reduce((sum, { at, state }, i) => {
    const holds = { from: at, until: said[i + 1]?.at ?? Number.POSITIVE_INFINITY };
    if (state !== "private" || !overlap(holds, span)) return sum;
    return sum + (Math.min(holds.until, span.until) - Math.max(holds.from, span.from)) / 1000;
  }, 0);
}
