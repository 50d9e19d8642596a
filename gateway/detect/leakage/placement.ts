/** Whether the sensors hang where the site file says: they hear what by all that is known they must. */
import { addLevels, energyOf, levelOf } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Boundary } from "#protocol/site.ts";
import { isFaint } from "./attribution.ts";
import { audibilityAt } from "./audibility.ts";
import { currentBackground } from "./background.ts";
import { type Draft, roomsOf } from "./draft.ts";
import { type Ear, isSource } from "./ear.ts";
import type { Window } from "./frames.ts";
import { isLinked, type PairNow, type Rooms } from "./pair.ts";
import { MISSED_Z, SPEECH_OCTAVES } from "./rules.ts";

/** Expected SNR_uni, dB, at which one window without a trace makes one doubt where the sensors hang, and at which three do. */
const GLARING_SNR_DB = 0;
const PLAIN_SNR_DB = -6;
const PLAIN_WINDOWS = 3;
/** How much more than expected a room may hold without covering what comes through, dB. */
const COVERED_DB = 3;
/** A level difference at 1 kHz further below R'w is that of a door that stands open, dB. */
const OPEN_BELOW_RW_DB = 8;

/**
 * Nothing is seen of talk that by what is known must come through at least as loud as most of what goes on in the second room:
 * the window would have shown it.
 */
export function isMissed(pair: PairNow, b: Window, z: number | null, { from, to }: Rooms, now: Millis): boolean {
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

/**
 * Whether talk that should plainly have been heard was not, time after time. A door that is known to stand open much of the
 * time may have been closed; one that is known to be closed cannot be closed better.
 */
function isMissing(
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

/**
 * Sensors that do not hear what they must, or hear it again. When a room's talk reaches some of those it is known to reach, the
 * others are in doubt; when it reaches none, the room itself is, and with one neighbour alone nobody knows which.
 */
export function doubt(draft: Draft, room: number): void {
  const { rules, ears, pairs, now } = draft;
  if (!isSource(ears[room]!)) return;
  const { pairsFrom: from, neighbours, voice } = rules.rooms[room]!;
  const heard = from.filter((i) => isLinked(pairs[i]!, now));
  const missing = from.filter((i) => isMissing(pairs[i]!, rules.pairs[i]!.boundary, roomsOf(draft, i), now));
  for (const i of heard) for (const one of [room, rules.pairs[i]!.to]) place(ears, one, false);
  for (const i of missing) place(ears, rules.pairs[i]!.to, heard.length > 0 || missing.length === 1);
  if (missing.length > 0 && heard.length === 0) place(ears, room, true);
  // Faint talk that no neighbour's sensor hears: when a sensor is misplaced already, theirs may be the others.
  if (!isFaint(ears[room]!, voice) || !ears.some(({ misplaced }) => misplaced)) return;
  for (const one of neighbours) if (ears[one]!.talkingSince === null) place(ears, one, true);
}

function place(ears: Ear[], room: number, misplaced: boolean): void {
  if (ears[room]!.misplaced !== misplaced) ears[room] = { ...ears[room]!, misplaced };
}
