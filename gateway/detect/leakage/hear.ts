/** What comes in: levels, backgrounds, delays, and what is so in the rooms; and what a finished conversation teaches. */
import { startOfDay } from "#protocol/calendar.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import type { RoomFact } from "../facts.ts";
import { hearStats } from "./background.ts";
import type { Draft } from "./draft.ts";
import { type Ear, heardAt } from "./ear.ts";
import { estimateEpisode } from "./episode.ts";
import { type EpisodeResult, learn, pairDay } from "./knowledge.ts";
import { beginTalk, hasCommonSource, type PairNow, withKnowledge } from "./pair.ts";
import { FRAMES_LIVE_MS } from "./rules.ts";
import { knowledgeOf, namesOf } from "./state.ts";

const BANDS_MS = 10_000;
const HEALTH_MS = 60_000;
const STATS_MS = 300_000;

export type LeakageInput =
  | { readonly kind: "bands"; readonly at: Millis; readonly device: Id; readonly reading: Readings["bands"] }
  | { readonly kind: "stats"; readonly at: Millis; readonly device: Id; readonly reading: Readings["stats"] }
  | { readonly kind: "health"; readonly at: Millis; readonly device: Id; readonly t: Millis }
  | { readonly kind: "room"; readonly at: Millis; readonly fact: RoomFact }
  | { readonly kind: "start" | "tick"; readonly at: Millis };

export function take(draft: Draft, input: LeakageInput): void {
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
  for (const i of rules.rooms[room]!.pairsFrom) pairs[i] = change(pairs[i]!, i);
}

const endTalk = (draft: Draft, pair: PairNow, i: number): PairNow =>
  pair.jointSeconds === 0 || hasCommonSource(pair) ? pair : learned(draft, pair, i, estimateEpisode(pair.episode));

/** What a conversation, or the part of it before a door moved, has shown of the boundary. */
export function learned(draft: Draft, pair: PairNow, i: number, episode: EpisodeResult): PairNow {
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
