/**
 * Two rooms as their sensors hear them, second by second, for the tests of this folder: a conversation in A that comes through
 * a boundary of known level difference, ventilation, and what goes on at B. Statistics of ACOUSTICS §4 and §7; seeded.
 */
import { energyOf, levelOf } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import { createFrames, type Frames } from "./frames.ts";

export const START: Millis = Date.UTC(2026, 2, 2, 9);

/** Levels of octaves 250–4000 Hz, dB: a normal voice in a room of 10 m² absorption, and ventilation by NC curve (§7.4). */
export const NORMAL_VOICE = [61.3, 65, 59, 51.8, 45.8];
export const NC: Readonly<Record<number, readonly number[]>> = {
  20: [33, 26, 22, 20, 17],
  25: [37, 31, 27, 24, 22],
  30: [41, 35, 32, 29, 28],
  35: [45, 40, 36, 34, 33],
};
/** Octaves of the partition "R(X)" between rooms of 10 m², dB (§7.2). */
export const partition = (rw: number): number[] => [-9, -2, 1, 2, 2].map((offset) => rw + offset);
const KEYBOARD = [-22, -16, -9, -3, -4];
const PRINTER = [-9, -7, -5, -6, -9];
const SENSOR_NOISE = [12.1, 15.1, 18.1, 21.1, 24.1];
const JITTER_DB = [250, 500, 1000, 2000, 4000].map((hz) => 4.34 / Math.sqrt(0.7046 * hz));

export interface Dice {
  uniform(): number;
  gaussian(): number;
}

/** Mulberry32, and Box and Muller's normal deviates. */
export function createDice(seed: number): Dice {
  let state = (seed * 2654435761) >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    gaussian: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** Energies per second and octave, and which seconds are speech. */
export interface Sound {
  readonly energies: readonly number[][];
  readonly speech: readonly boolean[];
}

export const silence = (seconds: number): Sound => ({
  energies: Array.from({ length: seconds }, () => [0, 0, 0, 0, 0]),
  speech: Array.from({ length: seconds }, () => false),
});

/**
 * Two talkers in turns of some seconds; seconds of sd 4.3 dB with lag-1 correlation 0.12. In 77 % of the seconds somebody talks
 * throughout; the others hold a pause, a third of them nothing else.
 */
export function dialogue(dice: Dice, seconds: number, gainDb = 0, voice: readonly number[] = NORMAL_VOICE): Sound {
  const energies: number[][] = [];
  const speech: boolean[] = [];
  const colours = [0, 1].map(() => voice.map(() => 1.5 * dice.gaussian()));
  let [talker, left, swing] = [0, 0, 0];
  while (energies.length < seconds) {
    if (left <= 0) {
      talker = 1 - talker;
      left = 2 + Math.floor(8 * dice.uniform());
    }
    const active = dice.uniform() < 0.77;
    const pause = active ? 0 : dice.uniform() < 1 / 3 ? Number.POSITIVE_INFINITY : 2 + 10 * dice.uniform();
    swing = 0.12 * swing + Math.sqrt(1 - 0.12 ** 2) * 3.8 * dice.gaussian();
    energies.push(
      voice.map((level, k) =>
        energyOf(level - 2.2 + gainDb + colours[talker]![k]! + swing + 2 * dice.gaussian() - pause),
      ),
    );
    speech.push(active);
    left--;
  }
  return { energies, speech };
}

/** Bouts of typing at about 48 dBA, some seconds on and some off. */
export const keyboard = (dice: Dice, seconds: number, level = 48): Sound =>
  bouts(dice, seconds, KEYBOARD, level, 4, 12, 10);
/** A laser printer of 54 dBA now and then. */
export const printer = (dice: Dice, seconds: number): Sound => bouts(dice, seconds, PRINTER, 54, 1, 20, 90);

function bouts(
  dice: Dice,
  seconds: number,
  spectrum: readonly number[],
  level: number,
  spread: number,
  on: number,
  off: number,
): Sound {
  const { energies, speech } = silence(seconds);
  let running = dice.uniform() < on / (on + off);
  let left = (running ? on : off) * dice.uniform();
  for (const second of energies) {
    if (left <= 0) {
      running = !running;
      left = -(running ? on : off) * Math.log(1 - dice.uniform());
    }
    left--;
    if (!running) continue;
    const loudness = level + spread * dice.gaussian();
    for (const [k, offset] of spectrum.entries()) second[k] = energyOf(loudness + offset + dice.gaussian());
  }
  return { energies, speech };
}

/** Announcements, slams: `length` seconds about every `every` seconds. */
export function tones(dice: Dice, seconds: number, every: number, length: number, level: number): Sound {
  const { energies, speech } = silence(seconds);
  const gap = () => Math.ceil(-every * Math.log(1 - dice.uniform()));
  for (let start = gap(); start < seconds; start += length + gap())
    for (const second of energies.slice(start, start + length)) {
      const loudness = level + 3 * dice.gaussian();
      for (const [k, offset] of [-6, -2, -6, -13, -19].entries())
        second[k] = energyOf(loudness + offset + dice.gaussian());
    }
  return { energies, speech };
}

/** Ventilation that goes up to NC-30 and back every two to five minutes. */
export function steps(dice: Dice, seconds: number): Sound {
  const { energies, speech } = silence(seconds);
  let [on, left] = [dice.uniform() < 0.5, 200 * dice.uniform()];
  for (const second of energies) {
    if (left-- <= 0) [on, left] = [!on, 120 + 200 * dice.uniform()];
    if (on) for (const [k, level] of NC[30]!.entries()) second[k] = energyOf(level);
  }
  return { energies, speech };
}

/** What is left of a sound behind a boundary. */
export const through = (sound: Sound, ld: readonly number[]): Sound => ({
  energies: sound.energies.map((second) => second.map((energy, k) => energy * energyOf(-ld[k]!))),
  speech: sound.speech.map(() => false),
});

/** Several sounds at one place; speech flags are the first one's. */
export const together = (...sounds: readonly Sound[]): Sound => ({
  energies: sounds[0]!.energies.map((second, i) =>
    second.map((_, k) => sounds.reduce((sum, { energies }) => sum + energies[i]![k]!, 0)),
  ),
  speech: sounds[0]!.speech,
});

/** One second after the other, `later` after `earlier`. */
export const followed = (earlier: Sound, later: Sound): Sound => ({
  energies: [...earlier.energies, ...later.energies],
  speech: [...earlier.speech, ...later.speech],
});

/** What the sensor publishes: with its own noise, ventilation and their jitter, in steps of 0.5 dB, 12–84 dB. */
export const sensed = (dice: Dice, sound: Sound, noise: readonly number[]): number[][] =>
  sound.energies.map((second) =>
    second.map((energy, k) => {
      const steady = energyOf(noise[k]!) + energyOf(SENSOR_NOISE[k]!);
      const level = levelOf(energy + steady * energyOf(JITTER_DB[k]! * dice.gaussian()));
      return Math.min(84, Math.max(12, Math.round(2 * level) / 2));
    }),
  );

/** Ventilation and the sensor's own noise together, dB: what SNR at the sensor refers to. */
export const steadyNoise = (noise: readonly number[]): number[] =>
  noise.map((level, k) => levelOf(energyOf(level) + energyOf(SENSOR_NOISE[k]!)));

/** Frames of one room that hears `levels` from `t` on. */
export function framesOf(levels: readonly (readonly number[])[], speech: readonly boolean[], t = START): Frames {
  const frames = createFrames();
  frames.put(t, levels, speech);
  return frames;
}
