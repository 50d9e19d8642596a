/**
 * Speech of one room heard in another, over all pairs of a site: `step(state, input, rules) → { state, facts }`.
 *
 * While somebody talks in a room its ear and those of its neighbours are leased, their one-second levels are compared, and
 * what comes through is learned and judged. As in the conversation steps time passes only through the inputs; here what
 * falls due is looked at every ten seconds while there is anything to look at.
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
import { listenPair } from "./pair.ts";
import { doubt } from "./placement.ts";
import { hearRoomItself } from "./room-sound.ts";
import { FRAMES_LIVE_MS, type LeakageRules, LOOK_MS } from "./rules.ts";
import { knowledgeOf, type LeakageState } from "./state.ts";

const MINUTE = 60_000;
/** Bands come on the tens of seconds. */
const AFTER_BANDS_MS = 2000;
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
  const areClocksDue = now - state.clocksAt >= LOOK_MS;
  const off = areClocksDue ? clocksOff(draft.ears, now) : state.off;
  const clocksAt = areClocksDue ? now : state.clocksAt;
  const isOtherwise = off.some((is, room) => is !== state.off[room]);
  const isNews = input.kind === "room" || input.kind === "start" || isOtherwise;
  if (!isNews && now < (state.due ?? 0))
    return { state: { ...state, now, clocksAt, ears: draft.ears, changes: draft.changes }, facts: NO_FACTS };
  const ofAll = input.kind === "start" || isOtherwise || isNewMinute(state.now, now);
  look(draft, off, ofAll ? "all" : roomOf(input, rules));
  const { ears, pairs, facts } = draft;
  return { state: { now, due: nextLook(draft), off, clocksAt, ears, frames, pairs, changes: draft.changes }, facts };
}

const isNewMinute = (before: Millis, now: Millis): boolean =>
  Math.floor((before - AFTER_BANDS_MS) / MINUTE) !== Math.floor((now - AFTER_BANDS_MS) / MINUTE);

const NO_FACTS: readonly PairFact[] = [];

/** The room of which there is news; none when only time has passed. */
function roomOf(input: LeakageInput, { indexOf }: LeakageRules): number | undefined {
  if (input.kind !== "room") return undefined;
  const { fact } = input;
  return indexOf.get(fact.kind === "situation" ? fact.situation.room : fact.episode.room);
}

/** Shortly after the tens of seconds on which bands arrive; once a minute while nobody talks. */
function nextLook({ now, ears }: Draft): Millis {
  const every = ears.some(({ talkingSince }) => talkingSince !== null) ? LOOK_MS : MINUTE;
  return (Math.floor((now - AFTER_BANDS_MS) / every) + 1) * every + AFTER_BANDS_MS;
}

/**
 * What follows, now, from all that was heard. Where nobody talks little changes: those pairs are judged `anew` only when
 * there is news of one of their rooms, and all of them now and then.
 */
function look(draft: Draft, off: readonly boolean[], anew: "all" | number | undefined): void {
  const { rules, now, ears, frames, pairs } = draft;
  const before = [...ears];
  for (const one of frames) one.forget(now - FRAMES_LIVE_MS);
  for (const room of rules.rooms.keys()) hearRoomItself(draft, room);
  for (const [i, rule] of rules.pairs.entries()) {
    if (!isSource(ears[rule.from]!)) continue;
    const { pair, over } = listenPair(pairs[i]!, rule.boundary, roomsOf(draft, i), now);
    pairs[i] = over === null ? pair : learned(draft, pair, i, over);
  }
  for (const room of rules.rooms.keys()) attribute(draft, room);
  for (const room of rules.rooms.keys()) doubt(draft, room);
  const isNews = ears.map(
    ({ source, misplaced }, room) =>
      anew === "all" || anew === room || source !== before[room]!.source || misplaced !== before[room]!.misplaced,
  );
  for (const [i, { from, to }] of rules.pairs.entries())
    if (isNews[from] || isNews[to] || isSource(ears[from]!)) judge(draft, i, off);
  for (const room of leasesDue(ears, pairs, rules, now)) lease(draft, room);
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
