/** Whether `privacy-degraded` is said when a boundary keeps less in, and only then. */
import type { Truth } from "#firmware/world/truth.ts";
import { fullHourAfter } from "#gateway/alerts/rules.ts";
import type { Diary } from "./diary.ts";
import { MINUTE, minutesIn, type Pair, type Talk } from "./talk.ts";
import { emptyRule, type RuleTally } from "./tally.ts";

const HOUR = 60 * MINUTE;
/** Talks that anything can be learned from, and those that it must be. */
const SHORT_TALK_MS = MINUTE;
const LONG_TALK_MS = 4 * MINUTE;
/** A drop of the level difference by more than 3 dB is to be told after two talks (ACOUSTICS §9.3); by much less it must not. */
const MUST_DROP_DB = 4;
const MUST_NOT_DROP_DB = 2;
const USUAL_DB = 1;
/** Talks with the boundary as it usually is, before anything can be said to be less, each loud enough at the other room. */
const LEARNED_AFTER = 5;
const LEARNED_SNR_DB = -10;
/** How long after the second talk it is waited for that the drop is found; it is told at the next full hour. */
const WITHIN_MS = 5 * MINUTE;
const LOOKED_BACK = 4;

/** A talk, and how far the level difference was below the pair's best while it lasted, dB. */
interface Dropped extends Talk {
  readonly drop: number;
}

export function degradedTally(pair: Pair, truth: Truth, diary: Diary, months: number): RuleTally {
  const { from, to } = pair;
  const all = droppedTalks(pair, truth);
  const alerts = diary.alerts.filter(
    ({ rule, pair: of }) => rule === "privacy-degraded" && of![0] === from && of![1] === to,
  );
  const due = dueTalks(
    all.filter((talk) => talk.until - talk.from >= LONG_TALK_MS),
    pair,
  );
  const delays = due.flatMap((talk) => {
    const alert = alerts.find(
      ({ firedAt, resolvedAt }) =>
        firedAt! <= fullHourAfter(talk.until + WITHIN_MS) && (resolvedAt ?? Infinity) >= talk.from,
    );
    return alert ? [Math.max(0, alert.firedAt! - talk.until) / 1000] : [];
  });
  const isDropped = (talks: readonly Dropped[]) =>
    talks.slice(-LOOKED_BACK).filter(({ drop }) => drop >= MUST_NOT_DROP_DB).length >= 2;
  // Told at a full hour, it was found in the hour before: at its beginning, or with one of its talks.
  const falseOnes = alerts.filter(({ firedAt }) => {
    const known = all.filter((talk) => talk.from < firedAt!);
    const whenFound = known.filter((talk) => talk.until <= firedAt! - HOUR).length;
    return !known.some((_, i) => i + 1 >= whenFound && isDropped(known.slice(0, i + 1)));
  }).length;
  return { ...emptyRule, due: due.length, found: delays.length, delays, fired: alerts.length, falseOnes, months };
}

function droppedTalks({ from, to, talks }: Pair, truth: Truth): Dropped[] {
  const learnable = talks.filter((talk) => talk.until - talk.from >= SHORT_TALK_MS);
  const means = learnable.map((talk) => {
    const values = minutesIn(talk).flatMap((t) => [...truth.levelDifference(from, to, t)]);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
  const usual = Math.max(...means);
  return learnable.map((talk, i) => ({ ...talk, drop: usual - means[i]! }));
}

/** The second talk in a row with a drop, once enough usual ones have been heard: the first such of each row. */
function dueTalks(talks: readonly Dropped[], { truth }: Pair): Dropped[] {
  let usual = 0;
  let row = 0;
  return talks.filter((talk) => {
    row = talk.drop >= MUST_DROP_DB ? row + 1 : 0;
    if (talk.drop < USUAL_DB && truth.greatestSnr(talk) >= LEARNED_SNR_DB) usual++;
    return row === 2 && usual >= LEARNED_AFTER;
  });
}
