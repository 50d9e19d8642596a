/**
 * Speech of one room heard in another, over all pairs of a site: `step(state, input, rules) → { state, facts }`.
 *
 * While somebody talks in a room its ear and those of its neighbours are leased, their one-second levels are compared, and
 * what comes through is learned and judged. As in the conversation steps time passes only through the inputs; here what
 * falls due is looked at every ten seconds while there is anything to look at.
 *
 * The state holds one-second levels. `keptLeakage` is what may be written down of it: what is known of the boundaries, and
 * until when the devices are leased.
 */
import { articulationIndexFromSii5, privacyIndex } from "#protocol/acoustics/articulation-index.ts";
import { startOfDay } from "#protocol/calendar.ts";
import { energyOf, levelOf } from "#protocol/decibel.ts";
import type { Id, Millis, RoomId } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import type { RoomFact, Situation } from "../facts.ts";
import { spcOf } from "./audibility.ts";
import { BACKGROUND_WINDOW_S, type Background, currentBackground, hearFrames, hearStats } from "./background.ts";
import { clocksOff, type Ear, heardAt, isListening, isSource, newEar, troubleOf } from "./ear.ts";
import { estimateEpisode } from "./episode.ts";
import type { PairFact, PairKnowledge, PairMinute, PairSituation, TalkSource } from "./facts.ts";
import { createFrames, type Frames } from "./frames.ts";
import { type EpisodeResult, type KeptPair, learn, pairDay } from "./knowledge.ts";
import { LEASE_MS, leasesDue } from "./lease.ts";
import {
  beginTalk,
  explains,
  hasCommonSource,
  isFaint,
  isLinked,
  isMissing,
  isRuledOut,
  judgeQuiet,
  judgeTalk,
  listenPair,
  newPair,
  type PairNow,
  type Rooms,
  withKnowledge,
} from "./pair.ts";
import { FRAMES_LIVE_MS, type LeakageRules, WINDOW_S } from "./rules.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const BANDS_MS = 10 * SECOND;
const HEALTH_MS = 60 * SECOND;
const STATS_MS = 300 * SECOND;
/** How often it is looked at what time alone has changed. */
const LOOK_MS = 10 * SECOND;
const AFTER_BANDS_MS = 2 * SECOND;
const BACKGROUND_MS = BACKGROUND_WINDOW_S * SECOND;
/** The last frames of a minute are there this long after it. */
const MINUTE_CLOSES_MS = 12 * SECOND;
/** By then a device that speaks bands has been leased and has said some. */
const BANDS_COME_MS = 50 * SECOND;
/** After so long talk that has not been attributed to another room counts as the room's own. */
const UNDECIDED_MS = 3 * MINUTE;
/** Speech seconds of the last minute that a level of talk needs. */
const LEAST_SPEECH_S = 5;

export interface LeakageState {
  readonly now: Millis;
  /** Nothing happens by itself before this. */
  readonly due: Millis | null;
  /** As the rules' rooms. The frames are a memory that is written in place; they are in nothing that is kept. */
  readonly ears: readonly Ear[];
  readonly frames: readonly Frames[];
  /** As the rules' pairs. */
  readonly pairs: readonly PairNow[];
  /** Grows whenever something changes that `keptLeakage` keeps. */
  readonly changes: number;
}

/** Plain JSON. */
export interface KeptLeakage {
  readonly version: 1;
  readonly rooms: readonly { readonly room: RoomId; readonly background: Background; readonly leasedUntil: Millis }[];
  readonly pairs: readonly { readonly from: RoomId; readonly to: RoomId; readonly knowledge: KeptPair }[];
}

export type LeakageInput =
  | { readonly kind: "bands"; readonly at: Millis; readonly device: Id; readonly reading: Readings["bands"] }
  | { readonly kind: "stats"; readonly at: Millis; readonly device: Id; readonly reading: Readings["stats"] }
  | { readonly kind: "health"; readonly at: Millis; readonly device: Id; readonly t: Millis }
  | { readonly kind: "room"; readonly at: Millis; readonly fact: RoomFact }
  | { readonly kind: "start" | "tick"; readonly at: Millis };

export interface LeakageStep {
  readonly state: LeakageState;
  readonly facts: readonly PairFact[];
}

const STARTING: Pick<Situation, "conversation" | "reason" | "occupied" | "since"> = {
  conversation: "unknown",
  reason: "starting",
  occupied: null,
  since: null,
};

export function initialLeakage(rules: LeakageRules): LeakageState {
  return {
    now: 0,
    due: null,
    ears: rules.rooms.map(({ id }) => newEar({ room: id, ...STARTING })),
    frames: rules.rooms.map(createFrames),
    pairs: rules.pairs.map((_, i) => newPair(startingPair(rules, i))),
    changes: 0,
  };
}

function startingPair(rules: LeakageRules, i: number): PairSituation {
  const { from, to } = namesOf(rules, i);
  return { from, to, state: "unknown", reason: "starting", reasonRoom: from, link: null, audibility: null };
}

const namesOf = (rules: LeakageRules, i: number): { from: RoomId; to: RoomId } => {
  const { from, to } = rules.pairs[i]!;
  return { from: rules.rooms[from]!.id, to: rules.rooms[to]!.id };
};

/** Of the backgrounds only what `stats` said: not even a percentile of leased levels is written down. */
export const keptLeakage = ({ ears, pairs }: LeakageState): KeptLeakage => ({
  version: 1,
  rooms: ears.map(({ situation: { room }, background, leasedUntil }) => ({
    room,
    background: { ...background, frames: null },
    leasedUntil,
  })),
  pairs: pairs.map(({ situation: { from, to }, knowledge }) => ({ from, to, knowledge })),
});

/** Begins with what was kept, fitted to the site as it is, and with the rooms as detection knows them. */
export function restoreLeakage(
  kept: KeptLeakage | undefined,
  situations: readonly Situation[],
  rules: LeakageRules,
): LeakageState {
  const fresh = initialLeakage(rules);
  const state = { ...fresh, ears: situations.map(newEar) };
  if (kept?.version !== 1) return state;
  const rooms = new Map(kept.rooms.map((room) => [room.room, room]));
  const pairs = new Map(kept.pairs.map(({ from, to, knowledge }) => [`${from} ${to}`, knowledge]));
  return {
    ...state,
    ears: state.ears.map((ear) => {
      const { background = ear.background, leasedUntil = 0 } = rooms.get(ear.situation.room) ?? {};
      return { ...ear, background, leasedUntil };
    }),
    pairs: state.pairs.map(({ situation }) => newPair(situation, pairs.get(`${situation.from} ${situation.to}`))),
  };
}

/** Until when the device may publish `bands`; undefined when it is nobody's ear. */
export function leaseUntil(state: LeakageState, device: Id, rules: LeakageRules): Millis | undefined {
  const room = rules.earOf.get(device);
  return room === undefined ? undefined : state.ears[room]!.leasedUntil;
}

/** Every pair as it is now, and what is known of it. */
export function pairsOf(
  state: LeakageState,
  rules: LeakageRules,
): readonly { readonly situation: PairSituation; readonly knowledge: PairKnowledge }[] {
  return state.pairs.map((pair, i) => ({
    situation: pair.situation,
    knowledge: knowledgeOf(pair, state.ears[rules.pairs[i]!.to]!, state.now),
  }));
}

/** A step in the making, on copies of the lists. */
interface Draft {
  readonly rules: LeakageRules;
  readonly now: Millis;
  readonly ears: Ear[];
  readonly frames: readonly Frames[];
  readonly pairs: PairNow[];
  readonly facts: PairFact[];
  changes: number;
}

export function step(state: LeakageState, input: LeakageInput, rules: LeakageRules): LeakageStep {
  const now = Math.max(state.now, input.at);
  const { frames, changes } = state;
  const draft: Draft = { rules, now, ears: [...state.ears], frames, pairs: [...state.pairs], facts: [], changes };
  take(draft, input);
  if ((input.kind === "bands" || input.kind === "stats" || input.kind === "tick") && now < (state.due ?? 0))
    return { state: { ...state, now, ears: draft.ears, changes: draft.changes }, facts: NO_FACTS };
  look(draft);
  const { ears, pairs, facts } = draft;
  return { state: { now, due: nextLook(draft), ears, frames, pairs, changes: draft.changes }, facts };
}

const NO_FACTS: readonly PairFact[] = [];

/** Shortly after the tens of seconds on which bands arrive; once a minute while nobody talks. */
function nextLook({ now, ears }: Draft): Millis {
  const every = ears.some(({ talkingSince }) => talkingSince !== null) ? LOOK_MS : MINUTE;
  return (Math.floor((now - AFTER_BANDS_MS) / every) + 1) * every + AFTER_BANDS_MS;
}

function take(draft: Draft, input: LeakageInput): void {
  if (input.kind === "bands") hearBands(draft, input.device, input.reading);
  else if (input.kind === "stats") hearSpectrum(draft, input.device, input.reading);
  else if (input.kind === "health") atEar(draft, input.device, (ear) => heardAt(ear, draft.now, input.t + HEALTH_MS));
  else if (input.kind === "room") hearRoom(draft, input.fact);
}

function atEar({ rules, ears }: Draft, device: Id, change: (ear: Ear) => Ear): void {
  const room = rules.earOf.get(device);
  if (room !== undefined) ears[room] = change(ears[room]!);
}

function hearSpectrum(draft: Draft, device: Id, { t, background }: Readings["stats"]): void {
  const end = t + STATS_MS;
  atEar(draft, device, (ear) => ({
    ...heardAt(ear, draft.now, end),
    background: hearStats(ear.background, background, end),
  }));
}

/** Of a room in which one person works alone nothing is listened to. */
function hearBands(draft: Draft, device: Id, { t, levels, speech, clockError }: Readings["bands"]): void {
  const room = draft.rules.earOf.get(device);
  if (room === undefined || draft.rules.rooms[room]!.silent || draft.now - t > FRAMES_LIVE_MS) return;
  draft.frames[room]!.put(t, levels, speech);
  const ear = heardAt(draft.ears[room]!, draft.now, t + BANDS_MS);
  draft.ears[room] = { ...ear, bandsAt: draft.now, clockError };
}

function hearRoom(draft: Draft, fact: RoomFact): void {
  const room = draft.rules.indexOf.get(fact.kind === "situation" ? fact.situation.room : fact.episode.room);
  if (room === undefined) return;
  const ear = draft.ears[room]!;
  if (fact.kind === "situation") draft.ears[room] = { ...ear, situation: fact.situation };
  else if (fact.kind === "conversation-started") {
    draft.ears[room] = { ...ear, talkingSince: fact.episode.start, source: null, talk: null };
    forPairsFrom(draft, room, (pair) => beginTalk(pair));
  } else if (fact.kind === "conversation-ended") {
    forPairsFrom(draft, room, (pair, i) => endTalk(draft, pair, i));
    draft.ears[room] = { ...ear, talkingSince: null, source: null };
  }
}

function forPairsFrom({ rules, pairs }: Draft, room: number, change: (pair: PairNow, i: number) => PairNow): void {
  for (const [i, { from }] of rules.pairs.entries()) if (from === room) pairs[i] = change(pairs[i]!, i);
}

const endTalk = (draft: Draft, pair: PairNow, i: number): PairNow =>
  pair.jointSeconds === 0 || hasCommonSource(pair) ? pair : learned(draft, pair, i, estimateEpisode(pair.episode));

/** What a conversation, or the part of it before a door moved, has shown of the boundary. */
function learned(draft: Draft, pair: PairNow, i: number, episode: EpisodeResult): PairNow {
  const { now, rules, facts } = draft;
  const names = namesOf(rules, i);
  const { kept, health } = learn(pair.knowledge, episode, startOfDay(now, rules.timeZone), now);
  if (kept === pair.knowledge) return pair;
  draft.changes++;
  const next = withKnowledge(pair, kept, now);
  const day = pairDay(kept);
  if (day !== null) facts.push({ kind: "pair-day", at: now, day: { ...names, ...day } });
  if (health === "degraded") facts.push({ kind: "pair-degraded", at: now, ...names, dropDb: kept.dropDb! });
  if (health === "restored") facts.push({ kind: "pair-restored", at: now, ...names });
  facts.push({ kind: "pair-knowledge", at: now, knowledge: knowledgeOf(next, draft.ears[rules.pairs[i]!.to]!, now) });
  return next;
}

function knowledgeOf({ situation: { from, to }, knowledge, known }: PairNow, hearer: Ear, now: Millis): PairKnowledge {
  const { ld, sigma, limited, episodes, learnedAt } = known;
  const noise = currentBackground(hearer.background, now);
  const spc = noise && spcOf(known, noise.levels);
  return { from, to, ld, sigma, limited, episodes, learnedAt, dropDb: knowledge.dropDb, spc };
}

/** What follows, now, from all that was heard. */
function look(draft: Draft): void {
  const { rules, now, ears, frames, pairs } = draft;
  for (const one of frames) one.forget(now - FRAMES_LIVE_MS);
  for (const room of rules.rooms.keys()) hearRoomItself(draft, room);
  for (const [i, rule] of rules.pairs.entries()) {
    if (!isSource(ears[rule.from]!)) continue;
    const { pair, over } = listenPair(pairs[i]!, rule.boundary, roomsOf(draft, i), now);
    pairs[i] = over === null ? pair : learned(draft, pair, i, over);
  }
  for (const room of rules.rooms.keys()) attribute(draft, room);
  for (const room of rules.rooms.keys()) doubt(draft, room);
  const off = clocksOff(ears, now);
  for (const i of rules.pairs.keys()) judge(draft, i, off);
  for (const room of leasesDue(ears, pairs, rules, now)) lease(draft, room);
}

const roomsOf = ({ rules, ears, frames }: Draft, i: number): Rooms => {
  const { from, to } = rules.pairs[i]!;
  return { from: ears[from]!, to: ears[to]!, fromFrames: frames[from]!, toFrames: frames[to]! };
};

/** How loud the room is by itself, and how loud the talk in it. */
function hearRoomItself(draft: Draft, room: number): void {
  const { ears, frames, now } = draft;
  const last = frames[room]!.last();
  const ear = ears[room]!;
  if (last === null || last < now - 2 * LOOK_MS) return;
  const background = isBackgroundDue(ear, now)
    ? hearFrames(
        ear.background,
        frames[room]!.window(last - BACKGROUND_MS, BACKGROUND_WINDOW_S),
        quietIn(draft, room, last),
        last,
      )
    : ear.background;
  const noise = currentBackground(background, now);
  const talk =
    ear.talkingSince === null ? null : talkIn(frames[room]!.window(last - MINUTE, WINDOW_S), noise?.levels ?? null);
  ears[room] = { ...ear, background, talk: talk ?? ear.talk };
}

const isBackgroundDue = ({ background }: Ear, now: Millis): boolean => now - (background.frames?.at ?? 0) >= MINUTE;

/** Seconds in which neither the room nor any next to it is heard to speak. */
function quietIn({ rules, ears, frames }: Draft, room: number, until: Millis): Uint8Array {
  const quiet = new Uint8Array(BACKGROUND_WINDOW_S).fill(1);
  for (const one of [room, ...rules.rooms[room]!.neighbours])
    frames[one]!.unmarkSpeech(quiet, until - BACKGROUND_MS, ears[one]!.talkingSince !== null);
  return quiet;
}

/** Octave levels of the window's speech, its background taken out; null with too little of it. */
function talkIn({ levels, speech }: ReturnType<Frames["window"]>, noise: readonly number[] | null): number[] | null {
  const seconds = [...speech.keys()].filter((i) => speech[i] === 1);
  if (seconds.length < LEAST_SPEECH_S) return null;
  return levels.map((octave, k) => {
    const energy = seconds.reduce((sum, i) => sum + energyOf(octave[i]!), 0) / seconds.length;
    const background = noise === null ? 0 : energyOf(noise[k]!);
    return levelOf(Math.max(energy - background, energy / 10));
  });
}

/** Decides whose talk the room's sensor takes for a conversation. */
function attribute(draft: Draft, room: number): void {
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
  const rivals = [...rules.pairs.keys()].filter((i) => {
    const { from, to } = rules.pairs[i]!;
    return to === room && isSource(ears[from]!);
  });
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

/**
 * Sensors that do not hear what they must, or hear it again. When a room's talk reaches some of those it is known to reach, the
 * others are in doubt; when it reaches none, the room itself is, and with one neighbour alone nobody knows which.
 */
function doubt(draft: Draft, room: number): void {
  const { rules, ears, pairs, now } = draft;
  if (!isSource(ears[room]!)) return;
  const from = [...rules.pairs.keys()].filter((i) => rules.pairs[i]!.from === room);
  const heard = from.filter((i) => isLinked(pairs[i]!, now));
  const missing = from.filter((i) => isMissing(pairs[i]!, rules.pairs[i]!.boundary, roomsOf(draft, i), now));
  for (const i of heard) for (const one of [room, rules.pairs[i]!.to]) place(ears, one, false);
  for (const i of missing) place(ears, rules.pairs[i]!.to, heard.length > 0 || missing.length === 1);
  if (missing.length > 0 && heard.length === 0) place(ears, room, true);
  // Faint talk that no neighbour's sensor hears: when a sensor is misplaced already, theirs may be the others.
  if (!ears.some(({ misplaced }) => misplaced) || !isFaint(ears[room]!, rules.rooms[room]!.voice)) return;
  for (const one of rules.rooms[room]!.neighbours) if (ears[one]!.talkingSince === null) place(ears, one, true);
}

function place(ears: Ear[], room: number, misplaced: boolean): void {
  if (ears[room]!.misplaced !== misplaced) ears[room] = { ...ears[room]!, misplaced };
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

function situationOf({ rules, ears, pairs, now }: Draft, i: number, off: readonly boolean[]): PairSituation {
  const { from, to } = rules.pairs[i]!;
  const names = namesOf(rules, i);
  for (const room of [from, to]) {
    const reason = troubleOf(ears[room]!, rules.rooms[room]!, off[room]!, now);
    if (reason !== null)
      return { ...names, state: "unknown", reason, reasonRoom: rules.rooms[room]!.id, link: null, audibility: null };
  }
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
