/**
 * A day in the house: who is where, which conversations are held where, and what else makes a noise. Staff are desks,
 * citizens are chairs; nobody has a name.
 */
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import type { Interval } from "#protocol/calendar.ts";
import { levelOf } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Room, RoomKind, Site, Weekday } from "#protocol/site.ts";
import { type Agenda, createAgenda } from "./agenda.ts";
import { type Booking, type Desk, HALF_HOUR } from "./bookings.ts";
import { planDoors } from "./door-habits.ts";
import { planBroadcasts, planCleaning, planVentilation } from "./house-sounds.ts";
import { noiseCriterion } from "./noise.ts";
import type { Random } from "./random.ts";
import { absorptionArea, lombard, reverberantGain } from "./rooms.ts";
import type { Scenario } from "./scenario.ts";
import { aWeighted, bandsOf, NORMAL_POWER } from "./spectra.ts";
import type { TalkStyle } from "./talk.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export type ConversationKind = "interview" | "drop-in" | "phone-call" | "chat" | "meeting" | "chatter";

export interface Talker {
  /** Level over a normal voice, dB. */
  readonly gainDb: number;
  readonly raised: boolean;
  /** How much brighter than the average voice this one is, dB per octave; 0 unless given. */
  readonly tiltDb?: number;
}

/** Ground truth of one conversation: what, where, from when until when, between how many. */
export interface Conversation extends Interval {
  readonly kind: ConversationKind;
  readonly room: RoomId;
  readonly style: TalkStyle;
  /** One entry per talker in the room. */
  readonly talkers: readonly Talker[];
  /** Names the stream its turns are drawn from. */
  readonly stream: string;
}

/** One person in a room. A walker moves all the time; who works at the desk there types now and then. */
export interface Stay extends Interval {
  readonly room: RoomId;
  readonly as: "sitter" | "worker" | "walker";
}

export type SoundKind = "printer" | "ring" | "door" | "vacuum";

export interface Sound extends Interval {
  readonly room: RoomId;
  readonly kind: SoundKind;
}

/** Sound from loudspeakers: the same programme in every room named, each at its own volume. Whole seconds. */
export interface Broadcast extends Interval {
  readonly kind: "radio" | "announcement";
  /** Over the power of a normal voice, dB. */
  readonly rooms: readonly { readonly room: RoomId; readonly gainDb: number }[];
  /** Names the stream its programme is drawn from. */
  readonly stream: string;
}

/** Ventilation that runs louder by so much, dB, in all rooms of an air handler. */
export interface VentilationStep extends Interval {
  readonly rooms: readonly RoomId[];
  readonly byDb: number;
}

/** The door between two rooms stands open, or ajar; closed otherwise. */
export interface DoorEvent extends Interval {
  readonly between: readonly [RoomId, RoomId];
  readonly state: "ajar" | "open";
}

export interface DayPlan {
  readonly conversations: readonly Conversation[];
  readonly stays: readonly Stay[];
  readonly sounds: readonly Sound[];
  readonly doors: readonly DoorEvent[];
  readonly broadcasts: readonly Broadcast[];
  readonly ventilation: readonly VentilationStep[];
}

/** What the planning of one day is passed along in. */
interface Draft {
  readonly site: Site;
  readonly scenario: Scenario;
  readonly open: Interval;
  readonly desks: readonly Desk[];
  readonly agenda: Agenda;
  readonly random: Random;
  readonly conversations: Conversation[];
  readonly stays: Stay[];
  readonly sounds: Sound[];
}

const deskKey = (desk: Desk) => `${desk.room}/${desk.number}`;
const roomsOf = (site: Site, ...kinds: RoomKind[]): Room[] => site.rooms.filter((room) => kinds.includes(room.kind));

/** The plan of one period in which the house is open. */
export function planDay(
  site: Site,
  scenario: Scenario,
  desks: readonly Desk[],
  day: { readonly open: Interval; readonly weekday: Weekday; readonly bookings: readonly Booking[] },
  random: Random,
): DayPlan {
  const draft: Draft = {
    site,
    scenario,
    open: day.open,
    desks,
    agenda: createAgenda(),
    random,
    conversations: [],
    stays: [],
    sounds: [],
  };
  planMeetings(draft, day.weekday, day.bookings);
  for (const booking of day.bookings) planInterview(draft, booking);
  planDropIns(draft);
  planLunch(draft);
  planCalls(draft);
  planChats(draft);
  planChatter(draft);
  planWorkers(draft);
  planPrinters(draft);
  const conversations = talkingUp(site, draft.conversations).sort((a, b) => a.from - b.from);
  const { stays, sounds } = draft;
  return {
    conversations,
    stays,
    sounds: [...sounds, ...planCleaning(site, scenario.house, day.open)],
    doors: planDoors(site, scenario.doors, day.open, { conversations, stays }, random.fork("doors")),
    broadcasts: planBroadcasts(site, scenario.house, day.open, random.fork("broadcasts")),
    ventilation: planVentilation(site, scenario.house, day.open, random.fork("ventilation")),
  };
}

function planMeetings(draft: Draft, weekday: Weekday, bookings: readonly Booking[]): void {
  const { agenda, scenario, open, desks, site, random } = draft;
  const booked = (desk: Desk, from: Millis, until: Millis) =>
    bookings.some((b) => b.desk === desk && b.slot < until && b.slot + HALF_HOUR > from);
  for (const meeting of scenario.meetings.filter((m) => m.weekday === weekday)) {
    const from = open.from + meeting.startMin * MINUTE;
    const until = Math.min(open.until, from + meeting.lengthMin * MINUTE);
    const room = roomsOf(site, "conversation-room").sort((a, b) => b.volume - a.volume)[0];
    const who = random.shuffle(desks.filter((desk) => !booked(desk, from, until))).slice(0, meeting.people);
    if (!room || who.length < 2 || from >= until) continue;
    agenda.reserve(room.id, from, until);
    for (const desk of who) goTo(draft, desk, room.id, from, until);
    converse(draft, "meeting", room.id, from + MINUTE, until - MINUTE, who.length);
  }
}

/** In a conversation room when one is free and the caseworker takes the trouble, otherwise at the desk. */
function planInterview(draft: Draft, { slot, desk }: Booking): void {
  const { agenda, random, scenario, site, stays } = draft;
  const free = roomsOf(site, "conversation-room").filter(({ id }) => agenda.isFree(id, slot, slot + HALF_HOUR));
  const moves = free.length > 0 && !random.chance(scenario.staysInOffice);
  const room = moves ? random.pick(free).id : desk.room;
  const from = slot + random.between(0, 4 * MINUTE);
  const until = slot + random.between(23 * MINUTE, 29.5 * MINUTE);
  if (moves) {
    agenda.reserve(room, slot, slot + HALF_HOUR);
    goTo(draft, desk, room, from - 20 * SECOND, until + 20 * SECOND);
  } else {
    agenda.reserve(deskKey(desk), from - 20 * SECOND, until + 20 * SECOND);
  }
  const arrival = from - random.between(2 * MINUTE, 12 * MINUTE);
  for (const waiting of roomsOf(site, "waiting-room").slice(0, 1))
    stays.push({ room: waiting.id, from: arrival, until: from - 20 * SECOND, as: "sitter" });
  stays.push({ room, from: from - 10 * SECOND, until: until + 10 * SECOND, as: "sitter" });
  walk(draft, from - 20 * SECOND);
  walk(draft, until + 10 * SECOND);
  draft.sounds.push(door(room, from - 8 * SECOND), door(room, until + 9 * SECOND));
  converse(draft, "interview", room, from, until, 2);
}

/** At a shared desk that is free, rather not in the room of the last one. A little longer than the time to the next. */
function planDropIns(draft: Draft): void {
  const { agenda, desks, open, random, scenario, site, stays, sounds } = draft;
  const every = scenario.dropInEveryMin * MINUTE;
  const shared = new Set(roomsOf(site, "shared-office", "open-plan").map(({ id }) => id));
  let last: RoomId | undefined;
  for (let from = open.from; every > 0 && from < open.until - 2 * every; from += every) {
    const until = from + every + random.between(1.3 * MINUTE, 3 * MINUTE);
    const free = random
      .shuffle(desks)
      .filter((desk) => shared.has(desk.room) && agenda.isFree(deskKey(desk), from, until));
    const desk = free.find(({ room }) => room !== last) ?? free[0];
    if (!desk) continue;
    last = desk.room;
    agenda.reserve(deskKey(desk), from, until);
    stays.push({ room: desk.room, from: from - 10 * SECOND, until: until + 10 * SECOND, as: "sitter" });
    walk(draft, from - 20 * SECOND);
    sounds.push(door(desk.room, from - 8 * SECOND));
    converse(draft, "drop-in", desk.room, from, until, 2);
  }
}

/** Half an hour away from the desk around midday, when there is time for it. */
function planLunch({ agenda, desks, open, random }: Draft): void {
  if (open.until - open.from < 5 * HOUR) return;
  for (const desk of desks) {
    const starts = [3.25, 3.5, 3.75, 4, 4.25].map((hours) => open.from + hours * HOUR);
    const from = random.shuffle(starts).find((t) => agenda.isFree(deskKey(desk), t, t + HALF_HOUR));
    if (from) agenda.reserve(deskKey(desk), from, from + HALF_HOUR, "away");
  }
}

function planCalls(draft: Draft): void {
  const { agenda, desks, random, scenario } = draft;
  for (const desk of desks)
    for (const from of arrivals(draft, scenario.callsPerHour)) {
      const until = from + scenario.callMedianMin * MINUTE * Math.exp(0.7 * random.gaussian());
      const rings = random.chance(0.5) ? random.integer(1, 3) : 0;
      if (!isPossible(draft, [deskKey(desk)], from - rings * 6 * SECOND, until)) continue;
      agenda.reserve(deskKey(desk), from, until);
      for (let i = 1; i <= rings; i++) {
        const start = from - i * 6 * SECOND;
        draft.sounds.push({ room: desk.room, kind: "ring", from: start, until: start + 2 * SECOND });
      }
      converse(draft, "phone-call", desk.room, from, until, 1);
    }
}

/** Two colleagues who are both at their desks. */
function planChats(draft: Draft): void {
  const { agenda, desks, random, scenario } = draft;
  for (const room of roomsOf(draft.site, "shared-office", "open-plan"))
    for (const from of arrivals(draft, scenario.chatsPerHour)) {
      const until = from + scenario.chatMedianMin * MINUTE * Math.exp(0.7 * random.gaussian());
      const there = desks.filter((desk) => desk.room === room.id && agenda.isFree(deskKey(desk), from, until));
      const two = random.shuffle(there).slice(0, 2).map(deskKey);
      if (two.length < 2 || !isPossible(draft, two, from, until)) continue;
      for (const key of two) agenda.reserve(key, from, until);
      converse(draft, "chat", room.id, from, until, 2);
    }
}

function planChatter(draft: Draft): void {
  const { agenda, random, scenario } = draft;
  for (const room of roomsOf(draft.site, "waiting-room"))
    for (const from of arrivals(draft, scenario.chatterPerHour)) {
      const until = from + 1.2 * MINUTE * Math.exp(0.7 * random.gaussian());
      if (!isPossible(draft, [room.id], from, until)) continue;
      agenda.reserve(room.id, from, until);
      for (let i = 0; i < 2; i++)
        draft.stays.push({ room: room.id, from: from - 2 * MINUTE, until: until + MINUTE, as: "sitter" });
      converse(draft, "chatter", room.id, from, until, 2);
    }
}

/** Everybody is at the desk whenever nothing else is in the agenda; now and then somebody walks along the corridor. */
function planWorkers(draft: Draft): void {
  const { agenda, desks, open, random, stays } = draft;
  for (const desk of desks) {
    const arrives = open.from - random.between(-3, 10) * MINUTE;
    const leaves = open.until + random.between(-10, 5) * MINUTE;
    for (const { from, until } of agenda.gaps(deskKey(desk), arrives, leaves, "away"))
      stays.push({ room: desk.room, from, until, as: "worker" });
    for (const from of arrivals(draft, 0.8)) walk(draft, from);
  }
}

function planPrinters(draft: Draft): void {
  for (const room of roomsOf(draft.site, "shared-office", "corridor", "open-plan"))
    for (const from of arrivals(draft, 1.5))
      draft.sounds.push({
        room: room.id,
        kind: "printer",
        from,
        until: from + draft.random.between(6 * SECOND, 20 * SECOND),
      });
}

function goTo(draft: Draft, desk: Desk, room: RoomId, from: Millis, until: Millis): void {
  draft.agenda.reserve(deskKey(desk), from, until, "away");
  draft.stays.push({ room, from, until, as: "sitter" });
  walk(draft, from - 8 * SECOND);
  walk(draft, until);
}

function walk({ random, site, stays }: Draft, from: Millis): void {
  for (const corridor of roomsOf(site, "corridor").slice(0, 1))
    stays.push({ room: corridor.id, from, until: from + random.between(7 * SECOND, 15 * SECOND), as: "walker" });
}

const door = (room: RoomId, from: Millis): Sound => ({ room, kind: "door", from, until: from + SECOND });

const isPossible = ({ agenda, open }: Draft, keys: readonly string[], from: Millis, until: Millis): boolean =>
  from >= open.from && until <= open.until && keys.every((key) => agenda.isFree(key, from, until));

/** Instants within the opening hours, `perHour` on average, by themselves as often as together (Poisson). */
function arrivals({ open, random }: Draft, perHour: number): Millis[] {
  const times: Millis[] = [];
  if (perHour <= 0) return times;
  for (let t = open.from; ; ) {
    t += random.exponential(HOUR / perHour);
    if (t >= open.until) return times;
    times.push(t);
  }
}

function converse(draft: Draft, kind: ConversationKind, room: RoomId, from: Millis, until: Millis, talkers: number) {
  const { conversations, random } = draft;
  const oneSided = kind === "phone-call";
  const raisedShare = oneSided ? 0.15 : 0.05;
  const base = kind === "chatter" ? -3 : 0;
  const stream = `${room}/${conversations.length}`;
  const voices = random.fork(`voices ${stream}`);
  conversations.push({
    kind,
    room,
    from: Math.round(from),
    until: Math.round(until),
    style: oneSided ? "one-sided" : "dialogue",
    talkers: Array.from({ length: talkers }, () => ({
      gainDb: base + 2 * random.gaussian(),
      raised: random.chance(raisedShare),
      tiltDb: TILT_SD_DB * voices.gaussian(),
    })),
    stream,
  });
}

/** How voices differ in brightness, dB per octave: 2 dB at 4 kHz. */
const TILT_SD_DB = 0.8;
/** Share of a conversation that is speech. */
const SPOKEN = 0.77;

/** In an office people hold back: they talk up no more than this, dB (a choice; in a restaurant it is far more). */
const MOST_UP_DB = 2;

/** Everybody talks up against the ventilation and against the other conversations in the room. */
function talkingUp(site: Site, conversations: readonly Conversation[]): Conversation[] {
  const rooms = new Map(site.rooms.map((room) => [room.id, room]));
  const byRoom = Map.groupBy(conversations, ({ room }) => room);
  return conversations.map((conversation) => {
    const room = rooms.get(conversation.room)!;
    const voice = NORMAL_POWER * reverberantGain(absorptionArea(room));
    const babble = byRoom.get(room.id)!.reduce((sum, other) => {
      const overlap = Math.min(other.until, conversation.until) - Math.max(other.from, conversation.from);
      if (other === conversation || overlap <= 0) return sum;
      return sum + (SPOKEN * voice * overlap) / (conversation.until - conversation.from);
    }, 0);
    const noise = aWeighted(bandsOf(noiseCriterion(room.noise))) + babble;
    const up = Math.min(MOST_UP_DB, lombard(levelOf(noise / P0_SQUARED)));
    const talkers = conversation.talkers.map((talker) => ({ ...talker, gainDb: talker.gainDb + up }));
    return { ...conversation, talkers };
  });
}
