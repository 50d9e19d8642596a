/**
 * What the conversations of the last weeks have shown of a boundary. One value per day and octave is kept, plain JSON, beside the
 * episodes of the present day: a building fact, dated by the day.
 *
 * Robust: what counts is the median over episodes (days weigh by theirs), refined by those within 3 dB of it. One evening with the
 * door open does not move it; a boundary that is rebuilt is learned anew when six episodes in a row find it better.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { PairDay } from "./facts.ts";
import { OCTAVES } from "./frames.ts";
import { weightedMedian } from "./quantile.ts";

const DAY = 24 * 3600 * 1000;
export const KEPT_DAYS = 45;
/** Weight falls by e in this time. */
const FORGETTING_MS = 30 * DAY;
/** Of one day no more than the latest episodes are kept. */
const EPISODES_OF_A_DAY = 40;
/** How far the level difference of one conversation lies from the next: other seats, other turned heads, dB. */
export const BETWEEN_EPISODES_DB = 1;
const LEAST_SIGMA_DB = 0.3;
/** Further from the median an estimate is of another state of the boundary. */
const SAME_BOUNDARY_DB = 3;
/** So many episodes before a level difference may predict. */
export const LEAST_EPISODES = 3;
/** One octave alone differs from voice to voice; so many must tell. */
const TELLING_OCTAVES = 2;
/** An episode that far below the median is a drop, and two in a row are degradation, until one is nearly back. */
const DROP_DB = 3;
const DROPS = 2;
const RESTORED_DB = 2;
/** Episodes in a row, all better, after which the boundary counts as rebuilt. */
const REBUILT_AFTER = 6;

type PerOctave<T> = readonly T[];

/** What one conversation showed: estimate of its last segment. Where `ld` is null `bound` may say: at least. */
export interface EpisodeResult {
  readonly ld: PerOctave<number | null>;
  readonly sigma: PerOctave<number | null>;
  readonly bound: PerOctave<number | null>;
  readonly seconds: number;
}

interface Evidence extends Omit<EpisodeResult, "seconds"> {
  readonly episodes: number;
  /** End of the first and of the last of them. */
  readonly from: Millis;
  readonly at: Millis;
}

/** Plain JSON, one per pair. */
export interface KeptPair {
  /** Days that are over, oldest first. */
  readonly days: readonly (Evidence & { readonly day: Millis })[];
  /** The present day's episodes. */
  readonly today: { readonly day: Millis; readonly episodes: readonly Evidence[] } | null;
  /** Latest episodes in a row that were more than 3 dB below the median (negative), or above (positive), and the first's end. */
  readonly run: { readonly length: number; readonly from: Millis };
  /** How far below the median the latest episode was; null unless degraded. */
  readonly dropDb: number | null;
}

export interface Known {
  readonly ld: PerOctave<number | null>;
  readonly sigma: PerOctave<number | null>;
  /** `ld` is a lower bound. */
  readonly limited: PerOctave<boolean>;
  readonly episodes: number;
  readonly learnedAt: Millis | null;
  /** Enough conversations to predict from. */
  readonly usable: boolean;
}

/** What an episode changed about the boundary's health. */
export type Health = "degraded" | "restored" | "same";

export const nothingKept: KeptPair = { days: [], today: null, run: { length: 0, from: 0 }, dropDb: null };

/** A conversation is over. `day` is the local midnight before it, `at` its end. One that showed nothing changes nothing. */
export function learn(
  kept: KeptPair,
  episode: EpisodeResult,
  day: Millis,
  at: Millis,
): { readonly kept: KeptPair; readonly health: Health } {
  if (![...episode.ld, ...episode.bound].some((value) => value !== null)) return { kept, health: "same" };
  const { ld, sigma, bound } = episode;
  const evidence: Evidence = { ld, sigma, bound, episodes: 1, from: at, at };
  const difference = differenceDb(evidence, known(kept, at));
  const added = add(kept, evidence, day);
  if (difference === null) return { kept: added, health: "same" };
  const length = nextRun(kept.run.length, difference);
  const run = { length, from: Math.abs(length) > 1 ? kept.run.from : at };
  const judged = judge({ ...added, run }, difference);
  return length >= REBUILT_AFTER ? { ...judged, kept: rebuilt(judged.kept) } : judged;
}

/** What is known at `at`. */
export function known(kept: KeptPair, at: Millis): Known {
  const evidence = allEvidence(kept).filter((one) => one.at > at - KEPT_DAYS * DAY);
  const octaves = Array.from({ length: OCTAVES }, (_, k) => octaveOf(evidence, k, at));
  const episodes = evidence.reduce((sum, one) => sum + one.episodes, 0);
  return {
    ld: octaves.map(({ ld }) => ld),
    sigma: octaves.map(({ sigma }) => sigma),
    limited: octaves.map(({ limited }) => limited),
    episodes,
    learnedAt: evidence.at(-1)?.at ?? null,
    usable: episodes >= LEAST_EPISODES,
  };
}

/** What the present day's conversations have shown; null before the first. */
export function pairDay(kept: KeptPair): Omit<PairDay, "from" | "to"> | null {
  if (kept.today === null) return null;
  const { ld, sigma, bound, episodes } = dayOf(kept.today.episodes);
  return { day: kept.today.day, episodes, ld, sigma, bound };
}

function add(kept: KeptPair, evidence: Evidence, day: Millis): KeptPair {
  const { today } = kept;
  if (today === null || today.day === day)
    return { ...kept, today: { day, episodes: [...(today?.episodes ?? []), evidence].slice(-EPISODES_OF_A_DAY) } };
  const days = [...kept.days, { day: today.day, ...dayOf(today.episodes) }];
  return {
    ...kept,
    days: days.filter((one) => one.day > day - KEPT_DAYS * DAY),
    today: { day, episodes: [evidence] },
  };
}

/** A day in one value per octave. */
function dayOf(episodes: readonly Evidence[]): Evidence {
  const at = episodes.at(-1)!.at;
  const octaves = Array.from({ length: OCTAVES }, (_, k) => octaveOf(episodes, k, at));
  return {
    ld: octaves.map(({ ld, limited }) => (limited ? null : ld)),
    sigma: octaves.map(({ sigma, limited }) => (limited ? null : sigma)),
    bound: octaves.map(({ ld, limited }) => (limited ? ld : null)),
    episodes: episodes.length,
    from: episodes[0]!.from,
    at,
  };
}

const allEvidence = (kept: KeptPair): readonly Evidence[] => [...kept.days, ...(kept.today?.episodes ?? [])];

interface Octave {
  readonly ld: number | null;
  readonly sigma: number | null;
  readonly limited: boolean;
}

function octaveOf(evidence: readonly Evidence[], k: number, at: Millis): Octave {
  const measured = evidence.filter((one) => one.ld[k] !== null).map((one) => weighed(one, k, at));
  const bounds = evidence.filter((one) => one.ld[k] === null && one.bound[k] !== null);
  if (measured.length === 0) return boundOf(bounds, k);
  const middle = weightedMedian(measured);
  const contradicting = bounds.filter((one) => one.bound[k]! > middle + SAME_BOUNDARY_DB);
  if (episodesOf(contradicting) > episodesOf(evidence.filter((one) => one.ld[k] !== null))) return boundOf(bounds, k);
  const near = measured.filter(({ value }) => Math.abs(value - middle) <= SAME_BOUNDARY_DB);
  const total = near.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return { ld: middle, sigma: BETWEEN_EPISODES_DB, limited: false };
  const ld = near.reduce((sum, { value, weight }) => sum + weight * value, 0) / total;
  return { ld, sigma: Math.max(LEAST_SIGMA_DB, 1 / Math.sqrt(total)), limited: false };
}

/** By precision, episodes and age. */
function weighed(one: Evidence, k: number, at: Millis): { value: number; weight: number } {
  const variance = one.sigma[k]! ** 2 + BETWEEN_EPISODES_DB ** 2;
  return { value: one.ld[k]!, weight: (one.episodes * Math.exp(-(at - one.at) / FORGETTING_MS)) / variance };
}

const episodesOf = (evidence: readonly Evidence[]): number => evidence.reduce((sum, one) => sum + one.episodes, 0);

/** The greatest bound that another one confirms; the only one where there is one. */
function boundOf(bounds: readonly Evidence[], k: number): Octave {
  const [greatest, second] = bounds.map((one) => one.bound[k]!).toSorted((x, y) => y - x);
  return { ld: second ?? greatest ?? null, sigma: null, limited: greatest !== undefined };
}

/**
 * How far an episode lies above what is known, dB, mean over the octaves that can tell; null when too few can. A bound tells only
 * when it lies above what is known; what is known as a bound only when the episode lies below it.
 */
function differenceDb(episode: Evidence, before: Known): number | null {
  if (!before.usable) return null;
  const differences = before.ld.flatMap((ld, k) => {
    if (ld === null) return [];
    const difference = (episode.ld[k] ?? episode.bound[k] ?? ld) - ld;
    const tells = before.limited[k]
      ? episode.ld[k] !== null && difference < 0
      : episode.ld[k] !== null || difference > 0;
    return tells ? [difference] : [];
  });
  if (differences.length < TELLING_OCTAVES) return null;
  return differences.reduce((sum, one) => sum + one, 0) / differences.length;
}

function nextRun(run: number, difference: number): number {
  if (difference < -DROP_DB) return Math.min(run, 0) - 1;
  return difference > SAME_BOUNDARY_DB ? Math.max(run, 0) + 1 : 0;
}

function judge(kept: KeptPair, difference: number): { readonly kept: KeptPair; readonly health: Health } {
  if (kept.dropDb === null)
    return kept.run.length <= -DROPS
      ? { kept: { ...kept, dropDb: -difference }, health: "degraded" }
      : { kept, health: "same" };
  return difference >= -RESTORED_DB
    ? { kept: { ...kept, dropDb: null }, health: "restored" }
    : { kept: { ...kept, dropDb: -difference }, health: "same" };
}

/** Only the episodes since the boundary became another one; a day in which it did goes whole. */
function rebuilt(kept: KeptPair): KeptPair {
  const since = <T extends Evidence>(evidence: readonly T[]) => evidence.filter(({ from }) => from >= kept.run.from);
  return {
    ...kept,
    days: since(kept.days),
    today: kept.today && { ...kept.today, episodes: since(kept.today.episodes) },
    run: nothingKept.run,
  };
}
