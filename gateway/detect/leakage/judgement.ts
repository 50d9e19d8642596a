/** What is so between two rooms now: overheard, private, or unknown with a reason. */
import { PairReason } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import { isFaint } from "./attribution.ts";
import { audibilityAt, combine, type Heard } from "./audibility.ts";
import { currentBackground } from "./background.ts";
import type { Draft } from "./draft.ts";
import { type Ear, isSource, troubleOf } from "./ear.ts";
import { estimateEpisode } from "./episode.ts";
import type { PairSituation } from "./facts.ts";
import type { Known } from "./knowledge.ts";
import { hasCommonSource, isLinked, type PairNow, type Rooms } from "./pair.ts";
import { OVERHEARD_FROM, PRIVATE_UP_TO } from "./rules.ts";
import { namesOf } from "./state.ts";

const REASONS = PairReason.options;
/** So long must a conversation have been listened to before nothing heard may mean that nothing can be heard, s. */
const LEAST_LISTENED_S = 180;
/** Octaves that must be measured for talk to be overheard by what is known alone, and the probability when others are not. */
const LEAST_OCTAVES = 3;
const OVERHEARD_BY_SOME_FROM = 0.9;

export function situationOf({ rules, ears, pairs, now }: Draft, i: number, off: readonly boolean[]): PairSituation {
  const { from, to } = rules.pairs[i]!;
  const names = namesOf(rules, i);
  const troubles = [from, to].flatMap((room) => {
    const reason = troubleOf(ears[room]!, rules.rooms[room]!, off[room]!, now);
    return reason === null ? [] : [{ reason, reasonRoom: rules.rooms[room]!.id }];
  });
  // A sensor that is not there says more than one that is in doubt: in that order they are listed.
  const [gravest] = troubles.sort((a, b) => REASONS.indexOf(a.reason) - REASONS.indexOf(b.reason));
  if (gravest !== undefined) return { ...names, state: "unknown", ...gravest, link: null, audibility: null };
  const pair = pairs[i]!;
  const hearer = ears[to]!;
  if (!isSource(ears[from]!))
    return { ...names, reasonRoom: null, link: null, ...judgeQuiet(pair, rules.rooms[from]!.voice, hearer, now) };
  const isForeign = ears[from]!.source === "undecided" || isFaint(ears[from]!, rules.rooms[from]!.voice);
  const judged = judgeTalk(pair, { from: ears[from]!, to: hearer }, isForeign, now);
  return {
    ...names,
    reasonRoom: null,
    link: judged.reason !== "common-source" && !isForeign && isLinked(pair, now),
    ...judged,
  };
}

/** How well the talk in the first room is heard in the second now; null where nothing is known of talk, boundary or noise. */
function hearTalk(pair: PairNow, { from, to }: Pick<Rooms, "from" | "to">, now: Millis): Heard | null {
  const noise = currentBackground(to.background, now);
  if (from.talk === null || noise === null) return null;
  const before = pair.known;
  const live = pair.jointSeconds === 0 ? null : estimateEpisode(pair.episode);
  const difference = combine(live, before.usable ? before : null);
  return difference && audibilityAt({ ...difference, source: from.talk, noise: noise.levels, sigmaNoise: noise.sigma });
}

/** The same of a normal voice, for when nobody talks: by what earlier conversations have shown. */
function hearNormalVoice(pair: PairNow, voice: readonly number[], to: Ear, now: Millis): Heard | null {
  const noise = currentBackground(to.background, now);
  const before = pair.known;
  if (noise === null || !before.usable) return null;
  return audibilityAt({ ...before, source: voice, noise: noise.levels, sigmaNoise: noise.sigma });
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
function judgeTalk(pair: PairNow, rooms: Pick<Rooms, "from" | "to">, isForeign: boolean, now: Millis): Judgement {
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
function judgeQuiet(pair: PairNow, voice: readonly number[], to: Ear, now: Millis): Judgement {
  const heard = hearNormalVoice(pair, voice, to, now);
  if (heard === null) return unknown("learning", null);
  if (heard.audibility.probability <= PRIVATE_UP_TO)
    return { state: "private", reason: null, audibility: heard.audibility };
  return unknown(heard.least.probability >= OVERHEARD_FROM ? "nobody-talks" : "uncertain", null);
}
