/** One ordered pair: the windows while somebody talks in the first room, and what they say together. */

import type { Millis } from "#protocol/quantities.ts";
import type { Boundary } from "#protocol/site.ts";
import { type Ear, isSource } from "./ear.ts";
import { type EpisodeLeak, estimateEpisode, freshEpisode, stepEpisode } from "./episode.ts";
import type { PairSituation } from "./facts.ts";
import type { Frames } from "./frames.ts";
import { type EpisodeResult, type KeptPair, type Known, known, nothingKept } from "./knowledge.ts";
import { leakSums } from "./leak.ts";
import { judgeWindow, LOUDER_DB, type WindowVerdict } from "./link.ts";
import { isMissed } from "./placement.ts";
import { HOP_MS, LINK_MEMORY_MS, WINDOW_MS, WINDOW_S } from "./rules.ts";

export interface JudgedWindow extends Pick<WindowVerdict, "verdict" | "strong" | "z" | "louderDb"> {
  readonly end: Millis;
}

export interface PairNow {
  readonly knowledge: KeptPair;
  /** What follows from it. */
  readonly known: Known;
  readonly situation: PairSituation;
  /** Of the conversation that goes on. */
  readonly episode: EpisodeLeak;
  /** Seconds of it that were regressed, and end of the last of them. */
  readonly jointSeconds: number;
  readonly regressedUntil: Millis;
  /** Windows of the last minutes, newest last. */
  readonly windows: readonly JudgedWindow[];
  /** Windows in a row in which talk that should have been heard was not. */
  readonly missed: number;
  /** Start of the last minute told. */
  readonly minute: Millis;
}

export const newPair = (situation: PairSituation, knowledge: KeptPair = nothingKept, now: Millis = 0): PairNow => ({
  knowledge,
  known: known(knowledge, now),
  situation,
  ...FRESH,
  minute: 0,
});

export const withKnowledge = (pair: PairNow, knowledge: KeptPair, now: Millis): PairNow => ({
  ...pair,
  knowledge,
  known: known(knowledge, now),
});

const FRESH = { episode: freshEpisode, jointSeconds: 0, regressedUntil: 0, windows: [], missed: 0 } as const;

/** A conversation begins in the first room: nothing of the last one counts but what was learned. */
export const beginTalk = (pair: PairNow): PairNow => ({ ...pair, ...FRESH });

/** Both rooms of a pair, as they are now. */
export interface Rooms {
  readonly from: Ear;
  readonly to: Ear;
  readonly fromFrames: Frames;
  readonly toFrames: Frames;
}

export interface Listened {
  readonly pair: PairNow;
  /** The boundary has become another one during the conversation (a door): what it was before. */
  readonly over: EpisodeResult | null;
}

/** Judges the newest window, when there is one; at most one per hop. */
export function listenPair(pair: PairNow, boundary: Boundary, rooms: Rooms, now: Millis): Listened {
  const { from, to, fromFrames, toFrames } = rooms;
  const unchanged = { pair, over: null };
  const [lastFrom, lastTo] = [fromFrames.last(), toFrames.last()];
  if (!isSource(from) || lastFrom === null || lastTo === null) return unchanged;
  const end = Math.min(lastFrom, lastTo);
  if (end < (pair.windows.at(-1)?.end ?? 0) + HOP_MS || end - WINDOW_MS < from.talkingSince! - HOP_MS) return unchanged;
  const a = fromFrames.window(end - WINDOW_MS, WINDOW_S);
  const judged = judgeWindow(a, toFrames);
  if (judged.because === "too-short") return unchanged;
  const { strong, z, louderDb } = judged;
  const verdict = judged.verdict === "positive" && isTooAlike(louderDb!, boundary) ? "rejected" : judged.verdict;
  const windows = [...pair.windows, { end, verdict, strong, z, louderDb }].filter((w) => w.end > end - LINK_MEMORY_MS);
  const b = toFrames.window(end - WINDOW_MS, WINDOW_S);
  const missed = verdict === "positive" ? 0 : pair.missed + (isMissed(pair, b, z, rooms, now) ? 1 : 0);
  const next = { ...pair, windows, missed };
  // Where the second room is as loud as the first it is heard for itself.
  const isOwn = isSource(to) || louderDb === null || louderDb < LOUDER_DB;
  if (verdict === "rejected" || isOwn || end - WINDOW_MS < pair.regressedUntil) return { pair: next, over: null };
  const episode = stepEpisode(pair.episode, leakSums(a, b));
  const over = episode.segments > pair.episode.segments ? estimateEpisode(pair.episode) : null;
  return {
    pair: { ...next, episode, regressedUntil: end, jointSeconds: pair.jointSeconds + Math.min(a.heard, b.heard) },
    over,
  };
}

/** A level difference that no boundary of its kind has, dB, once it is worth its name (R'w). */
const LEAST_LD_DB = { wall: 10, door: 4, screen: 0, open: 0 } as const;
const SOLID_RW = 25;

/** Sound so alike on both sides cannot have come through what lies between: the same programme plays in both rooms. */
const isTooAlike = (louderDb: number, { kind, rw }: Boundary): boolean =>
  rw >= SOLID_RW && louderDb < LEAST_LD_DB[kind];

/** Two windows that do not overlap, or one that could not be chance. */
export function isLinked({ windows }: PairNow, now: Millis): boolean {
  const positive = windows.filter(({ end, verdict }) => verdict === "positive" && end > now - LINK_MEMORY_MS);
  if (positive.some(({ strong }) => strong)) return true;
  return positive.length > 1 && positive.at(-1)!.end - positive[0]!.end >= WINDOW_MS;
}

/** What both rooms hear comes from neither of them: the newest window says so. */
export const hasCommonSource = ({ windows }: PairNow): boolean => windows.at(-1)?.verdict === "rejected";
