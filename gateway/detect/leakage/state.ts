/**
 * What the steps know of a site's pairs. It holds one-second levels: `keptLeakage` is what may be written down of it, what is
 * known of the boundaries, and until when the devices are leased.
 */
import type { Id, Millis, RoomId } from "#protocol/quantities.ts";
import type { Situation } from "../facts.ts";
import { spcOf } from "./audibility.ts";
import { type Background, currentBackground } from "./background.ts";
import { type Ear, newEar } from "./ear.ts";
import type { PairKnowledge, PairSituation } from "./facts.ts";
import { createFrames, type Frames } from "./frames.ts";
import type { KeptPair } from "./knowledge.ts";
import { newPair, type PairNow } from "./pair.ts";
import type { LeakageRules } from "./rules.ts";

export interface LeakageState {
  readonly now: Millis;
  /** Nothing happens by itself before this. */
  readonly due: Millis | null;
  /** Whose clocks are off, as the rules' rooms. */
  readonly off: readonly boolean[];
  /** When the clocks were compared last: all of them, so not for each message. */
  readonly clocksAt: Millis;
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
    off: rules.rooms.map(() => false),
    clocksAt: 0,
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

export const namesOf = (rules: LeakageRules, i: number): { from: RoomId; to: RoomId } => {
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

export function knowledgeOf(
  { situation: { from, to }, knowledge, known }: PairNow,
  hearer: Ear,
  now: Millis,
): PairKnowledge {
  const { ld, sigma, limited, episodes, learnedAt } = known;
  const noise = currentBackground(hearer.background, now);
  const spc = noise && spcOf(known, noise.levels);
  return { from, to, ld, sigma, limited, episodes, learnedAt, dropDb: knowledge.dropDb, spc };
}
