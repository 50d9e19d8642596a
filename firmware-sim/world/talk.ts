/** Who speaks when within a conversation: turns, pauses inside them and gaps between them. */
import type { Random } from "./random.ts";

/** One stretch of speech of one talker, in seconds from the start of the conversation. */
export interface Spurt {
  readonly talker: number;
  readonly from: number;
  readonly until: number;
}

/**
 * `dialogue`: two or more in the room take turns, about 77 % of the time is speech (ITU-T P.59).
 * `one-sided`: a telephone call; the other party's turns are silence in this room, about 45 % is speech.
 */
export type TalkStyle = "dialogue" | "one-sided";

/** Mean length of the gap between turns in Danish, the longest of the ten languages of Stivers et al. 2009, s. */
const DANISH_GAP_S = 0.47;
/** The party at the other end of a line that has not been counted as a talker of this room. */
const FAR_END = -1;

/** The spurts of a conversation of `seconds`, in order, never two at once. */
export function spurtsOf(style: TalkStyle, talkers: number, seconds: number, random: Random): Spurt[] {
  const spurts: Spurt[] = [];
  let talker = 0;
  let at = 0;
  while (at < seconds) {
    for (let more = true; more && at < seconds; more = random.chance(0.5)) {
      const until = Math.min(seconds, at + 0.6 + random.exponential(1.3));
      if (talker !== FAR_END) spurts.push({ talker, from: at, until });
      at = until + random.between(0.05, 0.4);
    }
    at += gap(random);
    talker = style === "one-sided" ? FAR_END - talker : nextTalker(talker, talkers, random);
  }
  return spurts;
}

/** Between two turns, s; now and then somebody thinks, reads or writes. */
function gap(random: Random): number {
  const pause = random.chance(0.06) ? random.between(1.5, 5) : 0;
  return Math.max(0, DANISH_GAP_S - 0.2 + 0.4 * random.gaussian()) + pause;
}

/** Mostly back to who spoke before; in a meeting anybody but the one who just stopped. */
function nextTalker(last: number, talkers: number, random: Random): number {
  const next = random.integer(0, talkers - 2);
  return talkers < 2 ? 0 : next < last ? next : next + 1;
}
