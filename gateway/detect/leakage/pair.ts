/** One ordered pair: windows while somebody talks in the first room, what they say together, and what follows for now. */

import type { PairReason } from "#protocol/api.ts";
import { addLevels, energyOf, levelOf } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Boundary } from "#protocol/site.ts";
import { audibilityAt, combine, type Heard } from "./audibility.ts";
import { currentBackground } from "./background.ts";
import { type Ear, isSource } from "./ear.ts";
import { type EpisodeLeak, estimateEpisode, freshEpisode, stepEpisode } from "./episode.ts";
import type { PairSituation } from "./facts.ts";
import type { Frames, Window } from "./frames.ts";
import { type EpisodeResult, type KeptPair, type Known, known, nothingKept } from "./knowledge.ts";
import { leakSums } from "./leak.ts";
import { judgeWindow, LOUDER_DB, type WindowVerdict } from "./link.ts";
import { HOP_MS, LINK_MEMORY_MS, OVERHEARD_FROM, PRIVATE_UP_TO, WINDOW_S } from "./rules.ts";

const WINDOW_MS = WINDOW_S * 1000;
/** So long must a conversation have been listened to before nothing heard may mean that nothing can be heard, s. */
const LEAST_LISTENED_S = 180;
/** Octaves that must be measured for talk to be overheard by what is known alone, and the probability when others are not. */
const LEAST_OCTAVES = 3;
const OVERHEARD_BY_SOME_FROM = 0.9;
/** Expected SNR_uni, dB, at which one window without a trace makes one doubt where the sensors hang, and at which three do. */
const GLARING_SNR_DB = 0;
const PLAIN_SNR_DB = -6;
const PLAIN_WINDOWS = 3;
const MISSED_Z = 2;
/** 500, 1000 and 2000 Hz, and how much more than expected a room may hold in them without covering what comes through, dB. */
const SPEECH_OCTAVES = [1, 2, 3] as const;
const COVERED_DB = 3;
/** A level difference at 1 kHz further below R'w is that of a door that stands open, dB. */
const OPEN_BELOW_RW_DB = 8;

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

/**
 * Nothing is seen of talk that by what is known must come through at least as loud as most of what goes on in the second room:
 * the window would have shown it.
 */
function isMissed(pair: PairNow, b: Window, z: number | null, { from, to }: Rooms, now: Millis): boolean {
  const noise = currentBackground(to.background, now);
  const { ld, usable } = pair.known;
  if ((z ?? 0) >= MISSED_Z || noise === null || from.talk === null || !usable) return false;
  return SPEECH_OCTAVES.every((k) => {
    const expected = ld[k] == null ? noise.levels[k]! : addLevels([noise.levels[k]!, from.talk![k]! - ld[k]!]);
    return meanLevel(b.levels[k]!) <= expected + COVERED_DB;
  });
}

/** Energy mean of what was heard, dB. */
const meanLevel = (levels: Float64Array): number => {
  const heard = levels.filter((level) => !Number.isNaN(level));
  return levelOf(heard.reduce((sum, level) => sum + energyOf(level), 0) / heard.length);
};

/** Two windows that do not overlap, or one that could not be chance. */
export function isLinked({ windows }: PairNow, now: Millis): boolean {
  const positive = windows.filter(({ end, verdict }) => verdict === "positive" && end > now - LINK_MEMORY_MS);
  if (positive.some(({ strong }) => strong)) return true;
  return positive.length > 1 && positive.at(-1)!.end - positive[0]!.end >= WINDOW_MS;
}

/** What both rooms hear comes from neither of them: the newest window says so. */
export const hasCommonSource = ({ windows }: PairNow): boolean => windows.at(-1)?.verdict === "rejected";

/** Level of talk in 500–2000 Hz, behind a boundary of this level difference, dB. */
const talkLevel = (talk: readonly number[], ld?: readonly (number | null)[]): number =>
  addLevels(SPEECH_OCTAVES.map((k) => talk[k]! - (ld?.[k] ?? 0)));

/** A boundary takes at least so much off what comes through it; talk nearer to a neighbour's is no leak of it, dB. */
const OWN_WITHIN_DB = 6;
/** Talk this much louder than a boundary that is known lets through, dB, is not, and up to it may well be what came through. */
const KNOWN_WITHIN_DB = 3;
/** Talk this far below a normal voice in the room comes from outside it, dB. */
const FAINT_DB = 12;

/** Whether a conversation is too faint to be one of people in the room, though no neighbour's talk explains it. */
export const isFaint = ({ talk }: Ear, voice: readonly number[]): boolean =>
  talk !== null && talkLevel(talk) < talkLevel(voice) - FAINT_DB;

/**
 * Whether the talk in the first room is what the second one's sensor takes for a conversation there: it is linked and plainly
 * louder, or as loud at the second as the boundary is known to let it be.
 */
export function explains(pair: PairNow, from: Ear, to: Ear, now: Millis): boolean {
  const newest = pair.windows.findLast(({ verdict }) => verdict === "positive");
  if (isLinked(pair, now) && newest!.louderDb! >= LOUDER_DB) return true;
  if (from.talk === null || to.talk === null) return false;
  if (talkLevel(to.talk) >= talkLevel(from.talk) - OWN_WITHIN_DB) return false;
  const { known } = pair;
  const isAsKnown =
    known.usable &&
    SPEECH_OCTAVES.every((k) => known.ld[k] !== null && !known.limited[k]) &&
    talkLevel(to.talk) <= talkLevel(from.talk, known.ld) + KNOWN_WITHIN_DB;
  return isAsKnown || pair.windows.at(-1)?.verdict === "positive";
}

/** Whether the talk in the second room cannot be that of the first: too loud to have come through, or compared without a trace. */
export function isRuledOut({ windows }: PairNow, from: Ear, to: Ear): boolean {
  if (from.talk !== null && to.talk !== null && talkLevel(to.talk) >= talkLevel(from.talk) - OWN_WITHIN_DB) return true;
  const since = Math.max(from.talkingSince!, to.talkingSince!);
  const compared = windows.filter(({ end }) => end >= since + WINDOW_MS);
  return compared.length > 0 && compared.every(({ z }) => (z ?? 0) < MISSED_Z);
}

/** How well the talk in the first room is heard in the second now; null where nothing is known of talk, boundary or noise. */
export function hearTalk(pair: PairNow, { from, to }: Pick<Rooms, "from" | "to">, now: Millis): Heard | null {
  const noise = currentBackground(to.background, now);
  if (from.talk === null || noise === null) return null;
  const before = pair.known;
  const live = pair.jointSeconds === 0 ? null : estimateEpisode(pair.episode);
  const difference = combine(live, before.usable ? before : null);
  return difference && audibilityAt({ ...difference, source: from.talk, noise: noise.levels, sigmaNoise: noise.sigma });
}

/** The same of a normal voice, for when nobody talks: by what earlier conversations have shown. */
export function hearNormalVoice(pair: PairNow, voice: readonly number[], to: Ear, now: Millis): Heard | null {
  const noise = currentBackground(to.background, now);
  const before = pair.known;
  if (noise === null || !before.usable) return null;
  return audibilityAt({ ...before, source: voice, noise: noise.levels, sigmaNoise: noise.sigma });
}

/**
 * Whether talk that should plainly have been heard was not, time after time. A door that is known to stand open much of the
 * time may have been closed; one that is known to be closed cannot be closed better.
 */
export function isMissing(
  { missed, known }: PairNow,
  { rw }: Boundary,
  { from, to }: Pick<Rooms, "from" | "to">,
  now: Millis,
): boolean {
  const noise = currentBackground(to.background, now);
  if (missed === 0 || noise === null || from.talk === null || !known.usable) return false;
  const middle = known.ld[2];
  if (middle == null || middle < rw - OPEN_BELOW_RW_DB) return false;
  const expected = audibilityAt({ ...known, source: from.talk, noise: noise.levels });
  return expected !== null && expected.least.snr >= (missed < PLAIN_WINDOWS ? GLARING_SNR_DB : PLAIN_SNR_DB);
}

type Judgement = Pick<PairSituation, "state" | "reason" | "audibility">;
const unknown = (reason: PairReason, heard: Heard | null): Judgement => ({
  state: "unknown",
  reason,
  audibility: heard?.audibility ?? null,
});

/**
 * While somebody talks in the first room and both sensors are sound. `isForeign`: the talk may be that of another room.
 */
export function judgeTalk(
  pair: PairNow,
  rooms: Pick<Rooms, "from" | "to">,
  isForeign: boolean,
  now: Millis,
): Judgement {
  if (isForeign) return unknown("uncertain", null);
  if (hasCommonSource(pair)) return unknown("common-source", null);
  const heard = hearTalk(pair, rooms, now);
  if (heard === null) return unknown("learning", null);
  const { usable } = pair.known;
  const { audibility, least } = heard;
  if (least.probability >= (isLinked(pair, now) ? OVERHEARD_FROM : unlinkedFrom(pair.known)))
    return { state: "overheard", reason: null, audibility: least };
  if (!usable && pair.jointSeconds < LEAST_LISTENED_S) return unknown("learning", null);
  if (audibility.probability <= PRIVATE_UP_TO) return { state: "private", reason: null, audibility };
  return unknown("uncertain", heard);
}

/** Without a link what is known must speak for itself, and the clearer the fewer octaves it rests on. */
function unlinkedFrom({ usable, ld, limited }: Known): number {
  const measured = ld.filter((value, k) => value !== null && !limited[k]).length;
  if (!usable || measured < LEAST_OCTAVES) return Number.POSITIVE_INFINITY;
  return measured === ld.length ? OVERHEARD_FROM : OVERHEARD_BY_SOME_FROM;
}

/** While nobody does: would a normal voice be understood? */
export function judgeQuiet(pair: PairNow, voice: readonly number[], to: Ear, now: Millis): Judgement {
  const heard = hearNormalVoice(pair, voice, to, now);
  if (heard === null) return unknown("learning", null);
  if (heard.audibility.probability <= PRIVATE_UP_TO)
    return { state: "private", reason: null, audibility: heard.audibility };
  return unknown(heard.least.probability >= OVERHEARD_FROM ? "nobody-talks" : "uncertain", null);
}
