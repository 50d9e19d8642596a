/** A room as the pairs need it: whether somebody talks there, what its sensor is worth, how loud the room is by itself. */
import type { PairReason } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Situation } from "../facts.ts";
import { type Background, noBackground } from "./background.ts";
import type { PerOctave, TalkSource } from "./facts.ts";
import { CLOCK_LIMIT_MS, NO_BANDS_MS, type RoomRule } from "./rules.ts";

/** Delays that a clock is judged by, newest last. */
const DELAYS_KEPT = 6;
const DELAYS_NEEDED = 2;
/** Judged by those of this long, or, where a device says little, by its last two if they are no older than the other, ms. */
const DELAY_FRESH_MS = 70_000;
const DELAY_LIVES_MS = 400_000;
/** Alone, or with one other, a late message may as well have waited on its way. */
const FLEET = 3;
const LATE_ALONE_MS = 1500;

export interface Ear {
  readonly situation: Situation;
  /** Start of the conversation that goes on; null when none does. */
  readonly talkingSince: Millis | null;
  /** Whose talk the conversation is; null while it has not been looked at. */
  readonly source: TalkSource | null;
  /** The sensor hears less of a neighbour's talk than it must: it does not hang where the site file says. */
  readonly misplaced: boolean;
  readonly leasedSince: Millis | null;
  readonly leasedUntil: Millis;
  /** Arrival of its newest `bands`. */
  readonly bandsAt: Millis | null;
  /** Arrival less the end of the window, of the latest messages, ms. */
  readonly delays: readonly { readonly at: Millis; readonly ms: number }[];
  /** The device's own word on its clock, ms. */
  readonly clockError: number;
  readonly background: Background;
  /** Octave levels of the talk in the room at its own sensor, background taken out, dB; null until there was some. */
  readonly talk: PerOctave<number> | null;
}

export const newEar = (situation: Situation): Ear => ({
  situation,
  talkingSince: situation.conversation === "on" ? situation.since : null,
  source: null,
  misplaced: false,
  leasedSince: null,
  leasedUntil: 0,
  bandsAt: null,
  delays: [],
  clockError: 0,
  background: noBackground,
  talk: null,
});

/** Talk that has its source in the room, for all that is known. */
export const isSource = ({ talkingSince, source }: Ear): boolean => talkingSince !== null && source !== "elsewhere";

/** It says bands, so that what it hears can be compared. */
export const isListening = ({ bandsAt }: Ear, now: Millis): boolean => bandsAt !== null && now - bandsAt <= NO_BANDS_MS;

/** A message whose window ended at `end` by the device's clock came at `at`. */
export const heardAt = (ear: Ear, at: Millis, end: Millis): Ear => ({
  ...ear,
  delays: [...ear.delays, { at, ms: at - end }].slice(-DELAYS_KEPT),
});

/** Least delay of the latest messages: one may wait, but none comes before it was sent. Null when too few are known. */
function skewOf({ delays }: Ear, now: Millis): number | null {
  const living = delays.filter(({ at }) => now - at <= DELAY_LIVES_MS);
  if (living.length < DELAYS_NEEDED) return null;
  const fresh = living.filter(({ at }) => now - at <= DELAY_FRESH_MS).length;
  return Math.min(...living.slice(-Math.max(DELAYS_NEEDED, fresh)).map(({ ms }) => ms));
}

/**
 * Per ear, whether its clock is off by more than 100 ms: by its own word, or because its messages come earlier or later than
 * those of most others. What all have in common is the network, not their clocks.
 */
export function clocksOff(ears: readonly Ear[], now: Millis): readonly boolean[] {
  const skews = ears.map((ear) => skewOf(ear, now));
  const known = skews.filter((skew) => skew !== null).sort((a, b) => a - b);
  const common = known.length >= FLEET ? known[known.length >> 1]! : 0;
  const latest = known.length >= FLEET ? CLOCK_LIMIT_MS : LATE_ALONE_MS;
  return ears.map(({ clockError }, i) => {
    if (Math.abs(clockError) > CLOCK_LIMIT_MS) return true;
    const skew = skews[i];
    return skew != null && (skew - common > latest || skew - common < -CLOCK_LIMIT_MS);
  });
}

/** Why nothing can be said with this room's sensor; null when it can. */
export function troubleOf(ear: Ear, rule: RoomRule, clockOff: boolean, now: Millis): PairReason | null {
  if (rule.silent) return "silent-room";
  if (ear.situation.conversation === "unknown") return ear.situation.reason ?? "no-data";
  if (ear.misplaced) return "swapped";
  if (clockOff) return "clock";
  const waited =
    ear.leasedSince === null || now > ear.leasedUntil ? 0 : now - Math.max(ear.leasedSince, ear.bandsAt ?? 0);
  return waited > NO_BANDS_MS ? "no-bands" : null;
}

/** May be asked for `bands`: a sensor in doubt is still listened to, so that the doubt can end. */
export const canListen = ({ situation }: Ear, rule: RoomRule): boolean =>
  rule.ear !== null && !rule.silent && situation.conversation !== "unknown";
