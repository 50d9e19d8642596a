/**
 * Pairs of rooms by themselves, each a situation that the numbers are about: forty hours, a working week, in which one
 * room talks again and again and the other listens, or both talk of something else, or both hear the same loudspeaker.
 */

import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import type { Conversation, DayPlan, Sound, Stay } from "#firmware/world/day-plan.ts";
import { createRandom, type Random } from "#firmware/world/random.ts";
import type { Scenario } from "#firmware/world/scenario.ts";
import { fixedTimetable, NOTHING_PLANNED } from "#firmware/world/timetable.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { RoomId } from "#protocol/quantities.ts";
import type { Boundary, Room, Site } from "#protocol/site.ts";
import { pairKey } from "./diary.ts";
import { type House, type Line, worldOf } from "./house.ts";

const MONDAY = Date.UTC(2026, 2, 2, 8);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK_HOURS = 40;

interface Situation {
  readonly name: string;
  readonly rw: number;
  /** NC curve of the room that listens; the other one's is 25. */
  readonly noise: Room["noise"];
  readonly raised?: boolean;
  /** The boundary is a door, and it stands ajar. */
  readonly ajar?: boolean;
  /** What goes on beside the talk in the first room. */
  readonly beside?: "talk" | "keyboard" | "printer" | "announcements" | "ventilation" | "radio";
}

/** Nothing of a voice gets through this. */
const TIGHT = 70;

export const SITUATIONS: readonly Situation[] = [
  { name: "R'w 20, NC-30", rw: 20, noise: 30 },
  { name: "R'w 25, NC-30", rw: 25, noise: 30 },
  { name: "door ajar, NC-30", rw: 30, noise: 30, ajar: true },
  { name: "R'w 30, NC-25", rw: 30, noise: 25 },
  { name: "R'w 40, NC-30", rw: 40, noise: 30 },
  { name: "R'w 40, NC-30, raised voice", rw: 40, noise: 30, raised: true },
  { name: "R'w 52, NC-30", rw: 52, noise: 30 },
  { name: "two conversations 1", rw: TIGHT, noise: 30, beside: "talk" },
  { name: "two conversations 2", rw: TIGHT, noise: 25, beside: "talk" },
  { name: "two conversations 3", rw: TIGHT, noise: 20, beside: "talk" },
  { name: "keyboard", rw: TIGHT, noise: 25, beside: "keyboard" },
  { name: "printer", rw: TIGHT, noise: 25, beside: "printer" },
  { name: "announcements", rw: TIGHT, noise: 25, beside: "announcements" },
  { name: "ventilation", rw: TIGHT, noise: 25, beside: "ventilation" },
  { name: "radio", rw: TIGHT, noise: 25, beside: "radio" },
];

/** 10 m² of absorption, as in the table of ACOUSTICS §3.7. */
const ROOM = { kind: "conversation-room", assigned: 0, volume: 31.25, reverberation: 0.5 } as const;
const AREA = 10;

/** The rooms of a situation: who talks, who listens, and the loudspeaker that both hear, a room behind two walls. */
interface Rooms {
  readonly talker: Room;
  readonly listener: Room;
  readonly speaker: Room | undefined;
  readonly boundaries: readonly Boundary[];
}

/** How loud a loudspeaker is over a voice, so that through its wall it is about as loud as one in the room, or a little less. */
const SPEAKER_RW = 40;
const SPEAKER_DB = { announcements: 42, radio: 36 } as const;
/** A fan in a hard little room: through its walls about as loud as the ventilation that is always there. */
const FAN_ROOM = { volume: 5, reverberation: 5 } as const;
const FAN_WALL = { rw: 45, area: 50 } as const;

function roomsOf({ rw, noise, ajar, beside }: Situation, i: number): Rooms {
  const room = (role: string, more: Partial<Room>): Room => {
    const id = `${role}${i}`;
    return { ...ROOM, id, name: { da: id, en: id }, noise: 25, ...more };
  };
  const talker = room("A", {});
  const listener = room("B", { noise });
  const between = (one: Room, other: Room, more: Omit<Boundary, "between">): Boundary => ({
    between: [one.id, other.id],
    ...more,
  });
  const boundary = between(talker, listener, { kind: ajar ? "door" : "wall", rw, area: AREA });
  const common = beside === "announcements" || beside === "radio" || beside === "ventilation";
  if (!common) return { talker, listener, speaker: undefined, boundaries: [boundary] };
  const isFan = beside === "ventilation";
  const speaker = room("P", isFan ? FAN_ROOM : {});
  const wall = { kind: "wall", ...(isFan ? FAN_WALL : { rw: SPEAKER_RW, area: AREA }) } as const;
  return {
    talker,
    listener,
    speaker,
    boundaries: [boundary, between(speaker, talker, wall), between(speaker, listener, wall)],
  };
}

/** `hours` of all situations beside each other. */
export const bench = (seed: string, hours = WEEK_HOURS): House => houseOf(SITUATIONS, seed, hours, []);

/** Two pairs of rooms with a thin wall. After some hours the sensors of the rooms in which people talk are swapped. */
export function swappedRooms(seed: string): House {
  const thin: Situation = { name: "thin wall", rw: 25, noise: 25 };
  const rooms: [RoomId, RoomId] = ["A0", "A1"];
  const swapped: Interval = { from: MONDAY + SWAPPED_AFTER_H * HOUR, until: MONDAY + SWAPPED_UNTIL_H * HOUR };
  return {
    ...houseOf([thin, thin], seed, SWAPPED_UNTIL_H, [{ kind: "swapped-rooms", rooms, ...swapped }]),
    trials: [{ name: "swapped rooms", rooms, reasons: ["swapped"], needsTalk: true, ...swapped }],
  };
}
const SWAPPED_AFTER_H = 3;
const SWAPPED_UNTIL_H = 5;

function houseOf(situations: readonly Situation[], seed: string, hours: number, faults: Scenario["faults"]): House {
  const open: Interval = { from: MONDAY, until: MONDAY + hours * HOUR };
  const houses = situations.map((situation, i) => ({ situation, ...roomsOf(situation, i) }));
  const real = houses.flatMap(({ talker, listener }) => [talker, listener]);
  const site: Site = {
    site: "bench",
    name: { da: "bench", en: "bench" },
    timeZone: "UTC",
    openingHours: {},
    policy: { measuring: "always", conversationAlertAfterS: 60, privacy: "normal" },
    zones: [],
    rooms: real,
    boundaries: houses.map(({ boundaries }) => boundaries[0]!),
    devices: real.map(({ id }) => ({ id: id.toLowerCase(), room: id })),
  };
  const world: Site = {
    ...site,
    rooms: [...real, ...houses.flatMap(({ speaker }) => speaker ?? [])],
    boundaries: houses.flatMap(({ boundaries }) => boundaries),
  };
  const plans = houses.map((house, i) => planOf(house.situation, house, open, createRandom(`${seed}/bench/${i}`)));
  const timetable = fixedTimetable(open, joined(plans), `${seed}/bench`);
  return {
    site,
    seed,
    ...open,
    ...worldOf({ site: world, scenario: { ...jobCentreWeek, faults }, seed, timetable }),
    faults: [],
    trials: [],
    months: (hours / WEEK_HOURS) * (7 / 30),
    lines: houses.map(({ situation: { name, beside }, talker, listener }): Line => {
      const there = pairKey(talker.id, listener.id);
      return { name, pairs: beside ? [there, pairKey(listener.id, talker.id)] : [there] };
    }),
  };
}

const joined = (plans: readonly DayPlan[]): DayPlan => ({
  conversations: plans.flatMap(({ conversations }) => conversations).sort((a, b) => a.from - b.from),
  stays: plans.flatMap(({ stays }) => stays),
  sounds: plans.flatMap(({ sounds }) => sounds),
  doors: plans.flatMap(({ doors }) => doors),
  broadcasts: plans.flatMap(({ broadcasts }) => broadcasts),
  ventilation: plans.flatMap(({ ventilation }) => ventilation),
});

/** Minutes, from the least to the most. */
type Range = readonly [number, number];
/** How long announcements and a radio last, and the time between. */
const SPEECH_MIN: Readonly<Record<"announcements" | "radio", readonly [length: Range, gap: Range]>> = {
  announcements: [
    [0.1, 0.3],
    [1, 4],
  ],
  radio: [
    [20, 40],
    [5, 15],
  ],
};

function planOf(situation: Situation, { talker, listener, speaker }: Rooms, open: Interval, random: Random): DayPlan {
  const { raised = false, ajar, beside } = situation;
  const voice = { gainDb: 0, raised };
  const talk = (room: Room, name: string) =>
    conversations(room, times(open, random.fork(name), [11, 24], [7, 12]), [voice, voice]);
  const there = (room: Room, as: Stay["as"]): Stay => ({ ...open, room: room.id, as });
  const plan: DayPlan = {
    ...NOTHING_PLANNED,
    conversations: talk(talker, "talker"),
    stays: [there(talker, "sitter"), there(listener, "sitter")],
    doors: ajar ? [{ ...open, between: [talker.id, listener.id], state: "ajar" }] : [],
  };
  const own = random.fork("beside");
  switch (beside) {
    case "talk":
      return { ...plan, conversations: [...plan.conversations, ...talk(listener, "listener")] };
    case "keyboard":
      return { ...plan, stays: [...plan.stays, there(talker, "worker"), there(listener, "worker")] };
    case "printer":
      return {
        ...plan,
        sounds: [talker, listener].flatMap((room) => [
          ...sounds(room, "printer", times(open, own.fork(`${room.id} prints`), [0.1, 0.4], [1, 5])),
          ...sounds(room, "door", times(open, own.fork(`${room.id} comes`), [0.02, 0.02], [4, 12])),
        ]),
      };
    case "ventilation":
      return { ...plan, sounds: sounds(speaker!, "printer", times(open, own, [2, 6], [2, 6])) };
    case "announcements":
    case "radio": {
      const speech = times(open, own, ...SPEECH_MIN[beside]);
      const loud = { gainDb: SPEAKER_DB[beside], raised: false };
      return { ...plan, conversations: [...plan.conversations, ...conversations(speaker!, speech, [loud])] };
    }
    default:
      return plan;
  }
}

/** Stretches of a length in minutes between the two, as far apart as the other two say. */
function times(
  open: Interval,
  random: Random,
  length: readonly [number, number],
  gap: readonly [number, number],
): Interval[] {
  const found: Interval[] = [];
  const some = ([least, most]: Range) => Math.round(random.between(least, most) * 60) * 1000;
  for (let from = open.from + some(gap); ; ) {
    const until = from + some(length);
    if (until > open.until) return found;
    found.push({ from, until });
    from = until + some(gap);
  }
}

const conversations = (room: Room, when: readonly Interval[], talkers: Conversation["talkers"]): Conversation[] =>
  when.map((interval, i) => ({
    ...interval,
    kind: "interview",
    room: room.id,
    style: "dialogue",
    talkers,
    stream: `${room.id}/${i}`,
  }));

const sounds = (room: Room, kind: Sound["kind"], when: readonly Interval[]): Sound[] =>
  when.map((interval) => ({ ...interval, room: room.id, kind }));
