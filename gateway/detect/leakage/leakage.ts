/**
 * Speech of one room heard in another, over all pairs of a site: `step(state, input, rules) → { state, facts }`.
 *
 * While somebody talks in a room its ear and those of its neighbours are leased, their one-second levels are compared, and
 * what comes through is learned and judged. As in the conversation steps time passes only through the inputs; which rooms are
 * looked at after each is the subject of `looks.ts`.
 */
import { articulationIndexFromSii5, privacyIndex } from "#protocol/acoustics/articulation-index.ts";
import type { Millis } from "#protocol/quantities.ts";
import { attribute } from "./attribution.ts";
import { type Draft, roomsOf } from "./draft.ts";
import { clocksOff, isSource } from "./ear.ts";
import type { PairFact, PairMinute, PairSituation } from "./facts.ts";
import { type LeakageInput, learned, take } from "./hear.ts";
import { situationOf } from "./judgement.ts";
import { LEASE_MS, leasesDue } from "./lease.ts";
import { inOrder, type Looks, looksDue, nextLook } from "./looks.ts";
import { listenPair } from "./pair.ts";
import { doubt } from "./placement.ts";
import { hearRoomItself } from "./room-sound.ts";
import { FRAMES_LIVE_MS, type LeakageRules, LOOK_MS } from "./rules.ts";
import { knowledgeOf, type LeakageState } from "./state.ts";

const MINUTE = 60_000;
/** The last frames of a minute are there this long after it. */
const MINUTE_CLOSES_MS = 12_000;

export interface LeakageStep {
  readonly state: LeakageState;
  readonly facts: readonly PairFact[];
}

export function step(state: LeakageState, input: LeakageInput, rules: LeakageRules): LeakageStep {
  const now = Math.max(state.now, input.at);
  const { frames, changes } = state;
  const draft: Draft = { rules, now, ears: [...state.ears], frames, pairs: [...state.pairs], facts: [], changes };
  take(draft, input);
  const { off, clocksAt } = now - state.clocksAt < LOOK_MS ? state : { off: clocksOff(draft.ears, now), clocksAt: now };
  const looks = looksDue(state, input, off, now, rules);
  const isLook = looks.rooms.length > 0;
  if (isLook) look(draft, looks, off);
  const { ears, pairs, facts } = draft;
  const due = isLook ? nextLook(ears, now) : state.due;
  return { state: { now, due, off, clocksAt, ears, frames, pairs, changes: draft.changes }, facts };
}

/**
 * What follows, now, from all that was heard in these rooms and next to them. Where nobody talks little changes: those pairs
 * are judged only `anew`, or when the talk or the sensor of one of their rooms is found to be another's.
 */
function look(draft: Draft, { rooms, anew }: Looks, off: readonly boolean[]): void {
  const { rules, now, ears, frames, pairs } = draft;
  const before = [...ears];
  const pairsFrom = (room: number) => rules.rooms[room]!.pairsFrom;
  const pairsOf = (room: number) => [...pairsFrom(room), ...rules.rooms[room]!.pairsTo];
  for (const room of rooms) frames[room]!.forget(now - FRAMES_LIVE_MS);
  for (const room of rooms) hearRoomItself(draft, room);
  for (const i of inOrder(rooms.flatMap(pairsFrom))) {
    const { from, boundary } = rules.pairs[i]!;
    if (!isSource(ears[from]!)) continue;
    const { pair, over } = listenPair(pairs[i]!, boundary, roomsOf(draft, i), now);
    pairs[i] = over === null ? pair : learned(draft, pair, i, over);
  }
  for (const room of rooms) attribute(draft, room);
  for (const room of rooms) doubt(draft, room);
  const isOtherwise = (room: number) =>
    ears[room]!.source !== before[room]!.source || ears[room]!.misplaced !== before[room]!.misplaced;
  const others = rooms.flatMap((room) => [room, ...rules.rooms[room]!.neighbours]).filter(isOtherwise);
  const talking = rooms.filter((room) => isSource(ears[room]!));
  for (const i of inOrder([...[...anew, ...others].flatMap(pairsOf), ...talking.flatMap(pairsFrom)]))
    judge(draft, i, off);
  for (const room of leasesDue(draft, rooms)) lease(draft, room);
}

function judge(draft: Draft, i: number, off: readonly boolean[]): void {
  const { rules, ears, pairs, now, facts } = draft;
  const situation = situationOf(draft, i, off);
  const pair = pairs[i]!;
  if (!isSame(situation, pair.situation)) facts.push({ kind: "pair", at: now, situation });
  const minute = Math.floor((now - MINUTE_CLOSES_MS) / MINUTE) * MINUTE - MINUTE;
  const { talkingSince } = ears[rules.pairs[i]!.from]!;
  const isTold = situation.link !== null && talkingSince! < minute + MINUTE && minute > pair.minute;
  pairs[i] = { ...pair, situation, minute: isTold ? minute : pair.minute };
  if (isTold) facts.push({ kind: "pair-minute", at: now, minute: minuteOf(draft, i, minute) });
}

/** Whether anybody could tell the two apart. */
const isSame = (one: PairSituation, other: PairSituation): boolean =>
  one.state === other.state &&
  one.reason === other.reason &&
  one.reasonRoom === other.reasonRoom &&
  one.link === other.link &&
  one.audibility?.hearing === other.audibility?.hearing &&
  Math.round((one.audibility?.snr ?? 1e3) * 2) === Math.round((other.audibility?.snr ?? 1e3) * 2);

function minuteOf({ ears, pairs, rules, now }: Draft, i: number, t: Millis): PairMinute {
  const pair = pairs[i]!;
  const { from, to, audibility } = pair.situation;
  const { spc, ld } = knowledgeOf(pair, ears[rules.pairs[i]!.to]!, now);
  return {
    from,
    to,
    t,
    situation: pair.situation,
    z: pair.windows.at(-1)?.z ?? null,
    pi: audibility && privacyIndex(articulationIndexFromSii5(audibility.sii5)),
    spc: spc?.value ?? null,
    ld,
  };
}

function lease({ rules, ears, now, facts }: Draft, room: number): void {
  const ear = ears[room]!;
  const until = now + LEASE_MS;
  ears[room] = {
    ...ear,
    leasedSince: now > ear.leasedUntil || ear.leasedSince === null ? now : ear.leasedSince,
    leasedUntil: until,
  };
  facts.push({ kind: "lease", at: now, device: rules.rooms[room]!.ear!, until });
}
