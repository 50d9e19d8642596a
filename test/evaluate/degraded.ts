/** Whether `privacy-degraded` is said when a boundary keeps less in, and only then. */
import type { Truth } from "#firmware/world/truth.ts";
import type { Diary } from "./diary.ts";
import { MINUTE, minutesIn, type Pair, type Talk } from "./talk.ts";
import { emptyRule, type RuleTally } from "./tally.ts";

/** Talks long enough to learn from. */
const LEAST_TALK_MS = 4 * MINUTE;
/** A drop of the level difference by more than 3 dB is to be told after two talks (ACOUSTICS §9.3); by much less it must not. */
const MUST_DROP_DB = 4;
const MUST_NOT_DROP_DB = 2;
/** Talks with the boundary as it usually is, before anything can be said to be less. */
const LEARNED_AFTER = 4;
/** And loud enough at the other room that the usual is known, SNR_uni. */
const LEARNED_SNR_DB = -6;
/** How long after the second talk the alert is waited for. */
const WITHIN_MS = 5 * MINUTE;
const LOOKED_BACK = 3;

export function degradedTally(pair: Pair, truth: Truth, diary: Diary, months: number): RuleTally {
  const { from, to } = pair;
  const talks = pair.talks.filter((talk) => talk.until - talk.from >= LEAST_TALK_MS);
  const means = talks.map((talk) => meanDifference(pair, talk, truth));
  const usual = Math.max(...means);
  const drops = means.map((mean) => usual - mean);
  const alerts = diary.alerts.filter(
    ({ rule, pair: of }) => rule === "privacy-degraded" && of![0] === from && of![1] === to,
  );
  const plain = talks.map((talk) => pair.truth.greatestSnr(talk) >= LEARNED_SNR_DB);
  const due = talks.filter((_, i) => isDue(drops, i) && plain.slice(i - 1 - LEARNED_AFTER, i + 1).every(Boolean));
  const delays = due.flatMap((talk) => {
    const alert = alerts.find(
      ({ firedAt, resolvedAt }) => firedAt! <= talk.until + WITHIN_MS && (resolvedAt ?? Infinity) >= talk.from,
    );
    return alert ? [Math.max(0, alert.firedAt! - talk.until) / 1000] : [];
  });
  const falseOnes = alerts.filter(({ firedAt }) => {
    const before = drops.filter((_, i) => talks[i]!.from < firedAt!).slice(-LOOKED_BACK);
    return before.filter((drop) => drop >= MUST_NOT_DROP_DB).length < 2;
  }).length;
  return { ...emptyRule, due: due.length, found: delays.length, delays, fired: alerts.length, falseOnes, months };
}

/** The second talk in a row with a drop, after enough without one. */
const isDue = (drops: readonly number[], i: number): boolean =>
  drops[i]! >= MUST_DROP_DB &&
  i > LEARNED_AFTER &&
  drops[i - 1]! >= MUST_DROP_DB &&
  drops.slice(i - 1 - LEARNED_AFTER, i - 1).every((drop) => drop < 1);

function meanDifference({ from, to }: Pair, talk: Talk, truth: Truth): number {
  const values = minutesIn(talk).flatMap((t) => [...truth.levelDifference(from, to, t)]);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
