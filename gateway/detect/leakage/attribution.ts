/** Whose talk a room's sensor takes for a conversation: the room's own, or that of a louder room next to it. */
import { addLevels } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Draft } from "./draft.ts";
import { type Ear, isListening, isSource } from "./ear.ts";
import type { TalkSource } from "./facts.ts";
import { LOUDER_DB } from "./link.ts";
import { isLinked, type PairNow } from "./pair.ts";
import { MISSED_Z, SPEECH_OCTAVES, WINDOW_MS } from "./rules.ts";

/** By then a device that speaks bands has been leased and has said some. */
const BANDS_COME_MS = 50_000;
/** After so long talk that has not been attributed to another room counts as the room's own. */
const UNDECIDED_MS = 180_000;

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
function explains(pair: PairNow, from: Ear, to: Ear, now: Millis): boolean {
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
function isRuledOut({ windows }: PairNow, from: Ear, to: Ear): boolean {
  if (from.talk !== null && to.talk !== null && talkLevel(to.talk) >= talkLevel(from.talk) - OWN_WITHIN_DB) return true;
  const since = Math.max(from.talkingSince!, to.talkingSince!);
  const compared = windows.filter(({ end }) => end >= since + WINDOW_MS);
  return compared.length > 0 && compared.every(({ z }) => (z ?? 0) < MISSED_Z);
}

/** Decides whose talk the room's sensor takes for a conversation. */
export function attribute(draft: Draft, room: number): void {
  const { ears, facts, now } = draft;
  const ear = ears[room]!;
  if (ear.talkingSince === null) return;
  const source = sourceOf(draft, room, ear);
  if (source === ear.source) return;
  ears[room] = { ...ear, source };
  // That a conversation is the room's own is taken for granted.
  if (ear.source !== null || source !== "own")
    facts.push({ kind: "talk-source", at: now, room: ear.situation.room, source });
}

/**
 * The talk of a neighbour that explains what is heard here; until it is known of each that talks whether it does, nothing is
 * decided, for some minutes at most and not without bands. What was found to be the room's own stays so unless it is explained.
 */
function sourceOf({ rules, ears, pairs, now }: Draft, room: number, ear: Ear): TalkSource {
  const rivals = rules.rooms[room]!.pairsTo.filter((i) => isSource(ears[rules.pairs[i]!.from]!));
  const rivalOf = (i: number) => ears[rules.pairs[i]!.from]!;
  if (rivals.some((i) => explains(pairs[i]!, rivalOf(i), ear, now))) return "elsewhere";
  if (ear.source === "own" || now - ear.talkingSince! >= UNDECIDED_MS) return "own";
  const isNew = now - ear.talkingSince! <= BANDS_COME_MS;
  const isOpen = rivals.some(
    (i) =>
      (isNew || (isListening(ear, now) && isListening(rivalOf(i), now))) && !isRuledOut(pairs[i]!, rivalOf(i), ear),
  );
  return isOpen ? "undecided" : "own";
}
