/** A house of three rooms whose sensors speak bands when they are leased: K1 talks, G1 is behind its door, S1 behind a wall. */
import { addLevels } from "#protocol/decibel.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import { Site } from "#protocol/site.ts";
import type { Episode, Situation } from "../facts.ts";
import type { PairFact } from "./facts.ts";
import type { LeakageInput } from "./hear.ts";
import { step } from "./leakage.ts";
import { type LeakageRules, leakageRules } from "./rules.ts";
import { initialLeakage, type LeakageState, leaseUntil } from "./state.ts";
import { createDice, dialogue, NC, type Sound, START, sensed, silence, through } from "./two-rooms.fixture.ts";

export { START } from "./two-rooms.fixture.ts";

export const site = Site.parse({
  site: "demo",
  name: "Demo",
  timeZone: "Europe/Copenhagen",
  rooms: [
    { id: "K1", name: "K1", kind: "shared-office", assigned: 3, volume: 40, reverberation: 0.6 },
    { id: "G1", name: "G1", kind: "corridor", volume: 40, reverberation: 0.6 },
    { id: "S1", name: "S1", kind: "conversation-room", volume: 40, reverberation: 0.6 },
    { id: "K6", name: "K6", kind: "private-office", assigned: 1 },
  ],
  boundaries: [
    { between: ["K1", "G1"], kind: "door", rw: 30 },
    { between: ["K1", "S1"], kind: "wall", rw: 52 },
    { between: ["K1", "K6"], kind: "wall", rw: 40 },
  ],
  devices: [
    { id: "k1", room: "K1" },
    { id: "g1", room: "G1" },
    { id: "s1", room: "S1" },
    { id: "k6", room: "K6" },
  ],
});
export const rules = leakageRules(site);

/** The same house behind so many rooms that have nothing to do with it. */
export const behindOtherRooms = (count: number): LeakageRules => {
  const others = Array.from({ length: count }, (_, i) => ({
    id: `X${i}`,
    name: `X${i}`,
    kind: "shared-office",
    assigned: 2,
  }));
  return leakageRules(Site.parse({ ...site, rooms: [...others, ...site.rooms] }));
};

const BOOT = "00000001";
const SECOND = 1000;

/** Sounds by room, one value per second from `from` on. */
export type Sounds = Readonly<Record<string, Sound>>;

/** K1 talks for `seconds`; the other rooms hear it as much as their level differences let through. */
export function talkInK1(
  seconds: number,
  seed: number,
  ld: Readonly<Record<string, readonly number[]>>,
  gainDb = 0,
): Sounds {
  const talk = dialogue(createDice(seed), seconds, gainDb);
  const others = Object.entries(ld).map(([room, difference]) => [room, through(talk, difference)] as const);
  return { K1: talk, ...Object.fromEntries(others) };
}

/** The house as it lives on: what it says and when, and what detection makes of it. */
export class House {
  state: LeakageState;
  readonly facts: PairFact[] = [];
  /** Messages of bands each device has sent. */
  readonly sent: Record<string, number> = {};
  now: Millis = START;
  readonly #dice = createDice(7);
  readonly #noise: Readonly<Record<string, readonly number[]>>;
  readonly #rules: LeakageRules;
  /** How far a device's clock is ahead, ms, and devices that do not speak bands. */
  readonly ahead: Record<string, number> = {};
  readonly dumb = new Set<string>();

  constructor(noise: Readonly<Record<string, readonly number[]>> = {}, of: LeakageRules = rules) {
    this.#noise = noise;
    this.#rules = of;
    this.state = initialLeakage(of);
    this.hear({ kind: "start", at: this.now });
    for (const room of ["K1", "G1", "S1"]) this.situation(room, "off");
    this.background();
  }

  hear(input: LeakageInput): void {
    const next = step(this.state, input, this.#rules);
    this.state = next.state;
    this.facts.push(...next.facts);
  }

  situation(room: string, conversation: Situation["conversation"], reason: Situation["reason"] = null): void {
    const situation: Situation = { room, conversation, reason, occupied: true, since: this.now };
    this.hear({ kind: "room", at: this.now, fact: { kind: "situation", at: this.now, situation } });
  }

  /** Five minutes of statistics from each sensor: what its room sounds like by itself. */
  background(): void {
    for (const [room, device] of ears) {
      const background = thirdsOf(this.#noise[room] ?? NC[25]!);
      const levels = { speechSeconds: 0, speech: null, background, laeq: 40, l10: 40, l50: 40, l90: 40 };
      const t = this.now - 300 * SECOND;
      this.hear({ kind: "stats", at: this.now, device, reading: { boot: BOOT, seq: 0, t, ...levels } });
    }
  }

  /** A conversation in K1; its detector needs 15 s to say so, and 20 s to say that it is over. */
  converse(sounds: Sounds): void {
    const start = this.now;
    this.live(sounds, 0, 15);
    const episode = this.beginTalk("K1", start);
    const seconds = sounds.K1!.energies.length;
    this.live(sounds, 15, seconds);
    const end = this.now;
    this.live({}, 0, 20);
    this.hear({
      kind: "room",
      at: this.now,
      fact: { kind: "conversation-ended", at: this.now, episode: { ...episode, end }, because: "quiet" },
    });
    this.situation("K1", "off");
  }

  /** Detection says that a conversation has begun. */
  beginTalk(room: string, start: Millis): Episode {
    const episode: Episode = { room, start, end: null, hint: "dialogue" };
    this.situation(room, "on");
    this.hear({ kind: "room", at: this.now, fact: { kind: "conversation-started", at: this.now, episode } });
    return episode;
  }

  /** Seconds `from` to `until` of the sounds; where there are none the rooms are quiet. */
  live(sounds: Sounds, from: number, until: number): void {
    for (let i = from; i < until; i++) {
      this.now += SECOND;
      if (this.now % (10 * SECOND) === 0 && i - from >= 9) this.#sayBands(sounds, i - 9);
      if (this.now % (60 * SECOND) === 0) this.#sayHealth();
      if ((this.state.due ?? 0) <= this.now) this.hear({ kind: "tick", at: this.now });
    }
  }

  #sayBands(sounds: Sounds, first: number): void {
    for (const [room, device] of ears) {
      if ((leaseUntil(this.state, device, this.#rules) ?? 0) < this.now || this.dumb.has(device)) continue;
      const heard = sounds[room] ? slice(sounds[room], first) : silence(10);
      const levels = sensed(this.#dice, heard, this.#noise[room] ?? NC[25]!);
      this.sent[device] = (this.sent[device] ?? 0) + 1;
      const reading: Readings["bands"] = {
        boot: BOOT,
        seq: 0,
        t: this.now - 10 * SECOND + (this.ahead[device] ?? 0),
        levels,
        speech: heard.speech.slice(0, 10),
        clockError: 0,
      };
      this.hear({ kind: "bands", at: this.now, device, reading });
    }
  }

  #sayHealth(): void {
    for (const [, device] of ears)
      this.hear({ kind: "health", at: this.now, device, t: this.now - 60 * SECOND + (this.ahead[device] ?? 0) });
  }

  pair(from: string, to: string) {
    return this.state.pairs.find(({ situation }) => situation.from === from && situation.to === to)!;
  }

  /** What was said of a pair, as short lines: seconds since the start, state or reason. */
  story(from: string, to: string, since: Millis = START + 1): string[] {
    let last = "";
    return this.facts.flatMap((fact) => {
      if (fact.kind !== "pair" || fact.situation.from !== from || fact.situation.to !== to || fact.at < since)
        return [];
      const { state, reason, reasonRoom } = fact.situation;
      const said = state === "unknown" ? `unknown: ${reason}${reasonRoom ? ` ${reasonRoom}` : ""}` : state;
      if (said === last) return [];
      last = said;
      return [said];
    });
  }
}

const ears: readonly (readonly [room: string, device: Id])[] = [
  ["K1", "k1"],
  ["G1", "g1"],
  ["S1", "s1"],
];

const slice = ({ energies, speech }: Sound, first: number): Sound => ({
  energies: energies.slice(first, first + 10),
  speech: speech.slice(first, first + 10),
});

/** L90 in 16 thirds of a room with this ventilation: each octave in three, the sensor's own noise with it. */
function thirdsOf(octaves: readonly number[]): number[] {
  const own = [12.1, 15.1, 18.1, 21.1, 24.1];
  const thirds = octaves.flatMap((level, k) => Array.from({ length: 3 }, () => addLevels([level, own[k]!]) - 4.8));
  return [thirds[0]!, ...thirds].map((level) => Math.round(2 * level) / 2);
}
