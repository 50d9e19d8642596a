/** The kinds of scenes that the detector is tuned and judged on. */
import { createRandom, type Random } from "#firmware/world/random.ts";
import type { Half, Recordings, Voice } from "#test/recordings/recordings.ts";
import { music, STYLES } from "./music.ts";
import { coffeeMachine, deskPhone, knocking, printer, rustling, traffic, vacuumCleaner } from "./office-sounds.ts";
import { type Plan, RATE, type Room, type SceneEvent } from "./scene.ts";
import { shortUtterances, talk } from "./talk.ts";

export interface Kind {
  readonly name: string;
  /** What the numbers of this kind are about, for the table. */
  readonly conditions: string;
  readonly talk: boolean;
  readonly plan: (sounds: Recordings, random: Random) => Omit<Plan, "kind">;
}

const room = (random: Random, nc: number): Room => ({
  rt60: random.between(0.4, 0.8),
  directToReverberantDb: random.between(-8, 2),
  nc,
});

const DRY: Room = { rt60: 0.1, directToReverberantDb: 20, nc: 15 };

const noise = (samples: Float32Array, levelDb: number, at = 0, place = 8): SceneEvent => ({
  at,
  samples,
  levelDb,
  speech: false,
  place,
});

/** Half a minute of the room alone, two minutes of talk, a minute of the room alone. */
const FROM = 30;
const TO = 150;
const SECONDS = 210;

interface Conversation {
  readonly levelDb: readonly [number, number];
  readonly nc: readonly [number, number];
  readonly oneSided?: boolean;
  /** Recorded close to the mouth instead of in a room. */
  readonly dry?: boolean;
  readonly limitHz?: number;
  readonly beside?: (sounds: Recordings, random: Random) => SceneEvent[];
}

function conversation(c: Conversation): Kind["plan"] {
  return (sounds, random) => {
    const voices = twoVoices(sounds.voices, random);
    const said = {
      voices: c.oneSided ? voices.slice(0, 1) : voices,
      from: FROM,
      to: TO,
      levelDb: random.between(...c.levelDb),
      oneSided: c.oneSided ?? false,
    };
    const events = [...talk(said, random.fork("talk")), ...(c.beside?.(sounds, random.fork("beside")) ?? [])];
    return {
      seconds: SECONDS,
      room: room(random, random.between(...c.nc)),
      events,
      conversation: { from: FROM, to: TO },
    };
  };
}

const twoVoices = (voices: readonly Voice[], random: Random) => random.shuffle(voices).slice(0, 2);

interface Background {
  readonly nc?: readonly [number, number];
  readonly events: (sounds: Recordings, random: Random) => SceneEvent[];
}

function background({ nc = [20, 40], events }: Background): Kind["plan"] {
  return (sounds, random) => ({
    seconds: SECONDS,
    room: room(random, random.between(...nc)),
    events: events(sounds, random.fork("events")),
    conversation: null,
  });
}

/** Clips one after the other, `gap()` seconds from start to start. */
function sequence(
  clips: readonly Float32Array[],
  levelDb: () => number,
  gap: () => number,
  random: Random,
): SceneEvent[] {
  const events: SceneEvent[] = [];
  for (let at = random.between(0, 2); at < SECONDS - 1; at += gap()) {
    events.push(noise(random.pick(clips), levelDb(), at, random.integer(8, 9)));
  }
  return events;
}

function typing({ keys }: Recordings, random: Random): SceneEvent[] {
  const rate = random.between(3, 8);
  const level = random.between(48, 60);
  const gap = () => (random.chance(0.04) ? random.between(1, 6) : random.between(0.4, 1.6) / rate);
  return sequence(keys, () => level + 3 * random.gaussian(), gap, random);
}

function footsteps({ steps }: Recordings, random: Random): SceneEvent[] {
  const pace = random.between(1.6, 2.3);
  const level = random.between(48, 62);
  const gap = () => (random.chance(0.08) ? random.between(2, 12) : random.between(0.9, 1.1) / pace);
  return sequence(steps, () => level + 2 * random.gaussian(), gap, random);
}

const doorSlams = ({ doors }: Recordings, random: Random): SceneEvent[] =>
  sequence(
    doors,
    () => random.between(60, 80),
    () => random.exponential(8) + 1,
    random,
  );

const tonesAndBells = ({ tones }: Recordings, random: Random): SceneEvent[] =>
  sequence(
    tones,
    () => random.between(55, 72),
    () => random.between(3, 12),
    random,
  );

function recordedMusic({ music: pieces }: Recordings, random: Random): SceneEvent[] {
  const piece = random.pick(pieces);
  const start = Math.floor(random.between(0, Math.max(1, piece.length - SECONDS * RATE)));
  return [noise(piece.subarray(start, start + SECONDS * RATE), random.between(45, 65))];
}

const madeMusic = (_: Recordings, random: Random): SceneEvent[] => [
  noise(music(random.pick(STYLES), SECONDS, random), random.between(45, 65)),
];

const made =
  (make: (seconds: number, random: Random) => Float32Array, least: number, greatest: number) =>
  (_: Recordings, random: Random): SceneEvent[] => [noise(make(SECONDS, random), random.between(least, greatest))];

export const KINDS: readonly Kind[] = [
  {
    name: "dialogue",
    conditions: "two voices, 57–65 dB, NC-20…35",
    talk: true,
    plan: conversation({ levelDb: [57, 65], nc: [20, 35] }),
  },
  {
    name: "soft dialogue",
    conditions: "two voices, 50–56 dB, NC-25…35",
    talk: true,
    plan: conversation({ levelDb: [50, 56], nc: [25, 35] }),
  },
  {
    name: "quiet dialogue",
    conditions: "two voices, 47 dB, NC-35",
    talk: true,
    plan: conversation({ levelDb: [47, 47], nc: [35, 35] }),
  },
  {
    name: "dialogue while typing",
    conditions: "two voices, 55–65 dB, keyboard 48–60 dB",
    talk: true,
    plan: conversation({ levelDb: [55, 65], nc: [20, 35], beside: typing }),
  },
  {
    name: "dialogue with music",
    conditions: "two voices, 57–65 dB, recorded music 12 dB below",
    talk: true,
    plan: conversation({
      levelDb: [57, 65],
      nc: [20, 35],
      beside: (sounds, random) => recordedMusic(sounds, random).map((event) => ({ ...event, levelDb: 48 })),
    }),
  },
  {
    name: "telephone call",
    conditions: "one voice, 55–65 dB, pauses of 1–6 s",
    talk: true,
    plan: conversation({ levelDb: [55, 65], nc: [20, 35], oneSided: true }),
  },
  {
    name: "answered call",
    conditions: "one voice, 55–65 dB, after four rings at 65 dB",
    talk: true,
    plan: conversation({
      levelDb: [55, 65],
      nc: [20, 35],
      oneSided: true,
      beside: (_, random) => [noise(deskPhone(22, random), 65, FROM - 23)],
    }),
  },
  {
    name: "dry dialogue",
    conditions: "two voices, 65–75 dB, no reverberation, NC-15",
    talk: true,
    plan: conversation({ levelDb: [65, 75], nc: [15, 15], dry: true }),
  },
  {
    name: "narrow dialogue",
    conditions: "two voices, 55–65 dB, nothing above 3.6 kHz",
    talk: true,
    plan: conversation({ levelDb: [55, 65], nc: [20, 35], limitHz: 3600 }),
  },
  { name: "ventilation", conditions: "NC-20…40", talk: false, plan: background({ events: () => [] }) },
  { name: "keyboard", conditions: "recorded keys, 48–60 dB", talk: false, plan: background({ events: typing }) },
  {
    name: "printer",
    conditions: "50–62 dB",
    talk: false,
    plan: background({ events: made(printer, 50, 62) }),
  },
  {
    name: "desk phone",
    conditions: "bell, warble or tune, 58–72 dB",
    talk: false,
    plan: background({ events: made(deskPhone, 58, 72) }),
  },
  {
    name: "tones and bells",
    conditions: "recorded, 55–72 dB",
    talk: false,
    plan: background({ events: tonesAndBells }),
  },
  { name: "doors", conditions: "recorded, 60–80 dB", talk: false, plan: background({ events: doorSlams }) },
  { name: "footsteps", conditions: "recorded, 48–62 dB", talk: false, plan: background({ events: footsteps }) },
  {
    name: "vacuum cleaner",
    conditions: "60–75 dB",
    talk: false,
    plan: background({ events: made(vacuumCleaner, 60, 75) }),
  },
  {
    name: "coffee machine",
    conditions: "58–70 dB",
    talk: false,
    plan: background({ events: made(coffeeMachine, 58, 70) }),
  },
  { name: "traffic", conditions: "45–60 dB", talk: false, plan: background({ events: made(traffic, 45, 60) }) },
  {
    name: "knocking",
    conditions: "1.5–6 per second, 50–65 dB",
    talk: false,
    plan: background({
      events: (_, random) => [noise(knocking(SECONDS, random.between(1.5, 6), random), random.between(50, 65))],
    }),
  },
  { name: "rustling", conditions: "40–55 dB", talk: false, plan: background({ events: made(rustling, 40, 55) }) },
  {
    name: "busy office",
    conditions: "keys, steps, doors, bells and printer together",
    talk: false,
    plan: background({
      events: (sounds, random) => [
        ...typing(sounds, random),
        ...footsteps(sounds, random),
        ...doorSlams(sounds, random).slice(0, 6),
        ...tonesAndBells(sounds, random).slice(0, 6),
        noise(printer(SECONDS, random), 52),
      ],
    }),
  },
  {
    name: "short utterances",
    conditions: "below 3 s, every 30–60 s, 55–65 dB",
    talk: false,
    plan: background({
      events: ({ voices }, random) => shortUtterances(random.pick(voices), SECONDS, random.between(55, 65), random),
    }),
  },
  { name: "recorded music", conditions: "45–65 dB", talk: false, plan: background({ events: recordedMusic }) },
  { name: "made music", conditions: "seven styles, 45–65 dB", talk: false, plan: background({ events: madeMusic }) },
  {
    name: "dry music",
    conditions: "recorded or made, 65–75 dB, no reverberation, NC-15",
    talk: false,
    plan: (sounds, random) => {
      const [event] = random.chance(0.5) ? recordedMusic(sounds, random) : madeMusic(sounds, random);
      const events = [{ ...event!, levelDb: random.between(65, 75) }];
      return { seconds: SECONDS, room: DRY, events, conversation: null };
    },
  },
];

/** The n-th scene of a kind; another one for each half, so that made sounds are held out as well. */
export function planScene(kind: Kind, half: Half, n: number, sounds: Recordings): { plan: Plan; random: Random } {
  const random = createRandom(`${half}/${kind.name}/${n}`);
  return { plan: { kind: kind.name, ...kind.plan(sounds, random.fork("plan")) }, random: random.fork("render") };
}
