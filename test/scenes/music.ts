/**
 * Music without words, made of notes: it has the pitches, sustained tones, chords, beats and vibrato that set music apart
 * from speech, in styles that the few recorded pieces do not cover.
 */
import type { Random } from "#firmware/world/random.ts";
import { RATE } from "./scene.ts";

export const STYLES = ["piano", "strings", "solo", "pop", "jazz", "organ", "guitar"] as const;
export type Style = (typeof STYLES)[number];

interface Note {
  readonly at: number;
  readonly seconds: number;
  readonly midi: number;
  readonly loudness: number;
}

interface Instrument {
  /** Amplitudes of the harmonics, the first one first. */
  readonly harmonics: readonly number[];
  readonly attack: number;
  /** Time constant of the decay while the note is held, s. */
  readonly decay: number;
  readonly vibratoCents: number;
  readonly vibratoHz: number;
  /** How far below its pitch a note starts, semitones. */
  readonly scoop: number;
  /** Share of breath or bow noise. */
  readonly noise: number;
}

export function music(style: Style, seconds: number, random: Random): Float32Array {
  const out = new Float32Array(Math.round(seconds * RATE));
  const beat = 60 / random.between(65, 150);
  const key = random.integer(45, 56);
  const scale = random.chance(0.5) ? [0, 2, 4, 5, 7, 9, 11] : [0, 2, 3, 5, 7, 8, 10];
  const degree = (d: number) => key + 12 * Math.floor(d / 7) + scale[((d % 7) + 7) % 7]!;
  const part = (instrument: Instrument, notes: readonly Note[], gain: number) => {
    for (const note of notes) addNote(out, instrument, note, gain, random);
  };
  const roots = Array.from({ length: 4 }, () => random.pick([0, 3, 4, 5]));
  const chords = (length: number) => chordNotes(seconds, beat, length, roots, degree, random);
  const tune = (register: number, busy: number) => melody(seconds, beat, register, busy, degree, random);
  const bass = () => bassLine(seconds, beat, roots, degree);

  if (style === "piano") {
    part(struck(random), tune(14, 0.7), 1);
    part(struck(random), chords(4), 0.5);
  } else if (style === "strings") {
    part(bowed(random), tune(11, 0.3), 0.8);
    part(bowed(random), chords(8), 0.5);
  } else if (style === "solo") {
    part(random.chance(0.5) ? blown(random) : bowed(random), tune(random.integer(5, 14), 0.5), 1);
  } else if (style === "pop") {
    part(struck(random), chords(4), 0.4);
    part(plucked(random), bass(), 0.8);
    part(blown(random), tune(9, 0.6), 0.5);
    addDrums(out, beat, random, 0.6);
  } else if (style === "jazz") {
    part(plucked(random), bass(), 0.8);
    part(blown(random), tune(8, 0.8), 0.9);
    part(struck(random), chords(3), 0.3);
    addDrums(out, beat, random, 0.2);
  } else if (style === "organ") {
    part({ ...blown(random), scoop: 0, vibratoCents: 5, attack: 0.02 }, chords(4), 0.6);
    part({ ...blown(random), scoop: 0, vibratoCents: 5, attack: 0.02 }, tune(13, 0.6), 0.6);
  } else {
    part(plucked(random), tune(10, 0.9), 0.8);
    part(plucked(random), chords(2), 0.6);
  }
  return out;
}

const falling = (count: number, slope: number) => Array.from({ length: count }, (_, i) => (i + 1) ** -slope);

const struck = (random: Random): Instrument => ({
  harmonics: falling(10, random.between(1.2, 2)),
  attack: 0.004,
  decay: random.between(0.4, 1.2),
  vibratoCents: 0,
  vibratoHz: 5,
  scoop: 0,
  noise: 0,
});
const plucked = (random: Random): Instrument => ({ ...struck(random), decay: random.between(0.2, 0.7), attack: 0.002 });
const bowed = (random: Random): Instrument => ({
  harmonics: falling(14, random.between(0.8, 1.4)),
  attack: random.between(0.05, 0.2),
  decay: 20,
  vibratoCents: random.between(10, 35),
  vibratoHz: random.between(4.5, 6.5),
  scoop: random.between(0, 0.5),
  noise: 0.03,
});
const blown = (random: Random): Instrument => ({
  harmonics: falling(random.integer(3, 12), random.between(0.8, 1.8)),
  attack: random.between(0.02, 0.08),
  decay: 8,
  vibratoCents: random.between(0, 30),
  vibratoHz: random.between(4.5, 6.5),
  scoop: random.between(0, 1),
  noise: random.between(0.01, 0.08),
});

function addNote(out: Float32Array, instrument: Instrument, note: Note, gain: number, random: Random): void {
  const start = Math.round(note.at * RATE);
  const end = Math.min(out.length, start + Math.round((note.seconds + 0.08) * RATE));
  const pitch = 440 * 2 ** ((note.midi - 69) / 12);
  let phase = random.between(0, 6);
  for (let n = start; n < end; n++) {
    const t = (n - start) / RATE;
    const cents =
      instrument.vibratoCents * Math.min(1, t / 0.3) * Math.sin(2 * Math.PI * instrument.vibratoHz * t) -
      100 * instrument.scoop * Math.exp(-t / 0.04);
    phase += (2 * Math.PI * pitch * 2 ** (cents / 1200)) / RATE;
    let sum = instrument.noise * random.gaussian();
    for (let h = 0; h < instrument.harmonics.length && (h + 1) * pitch < 7500; h++) {
      sum += instrument.harmonics[h]! * Math.sin((h + 1) * phase);
    }
    const release = t > note.seconds ? 1 - (t - note.seconds) / 0.08 : 1;
    const envelope = Math.min(1, t / instrument.attack) * Math.exp(-t / instrument.decay) * Math.max(0, release);
    out[n]! += gain * note.loudness * envelope * sum * 0.2;
  }
}

function melody(
  seconds: number,
  beat: number,
  register: number,
  busy: number,
  degree: (d: number) => number,
  random: Random,
): Note[] {
  const notes: Note[] = [];
  let d = register;
  for (let at = 0; at < seconds; ) {
    const beats = random.chance(busy) ? random.pick([0.5, 0.5, 1]) : random.pick([1, 1.5, 2, 3]);
    const held = beats * beat;
    if (!random.chance(0.1)) {
      notes.push({ at, seconds: held * random.between(0.6, 1), midi: degree(d), loudness: random.between(0.6, 1) });
    }
    d = Math.max(register - 6, Math.min(register + 7, d + random.pick([-3, -2, -1, -1, 1, 1, 2, 3])));
    at += held;
  }
  return notes;
}

function chordNotes(
  seconds: number,
  beat: number,
  beats: number,
  roots: readonly number[],
  degree: (d: number) => number,
  random: Random,
): Note[] {
  const notes: Note[] = [];
  for (let i = 0; i * beats * beat < seconds; i++) {
    const root = roots[i % roots.length]! + 7;
    for (const step of [0, 2, 4]) {
      const at = i * beats * beat + random.between(0, 0.02);
      notes.push({ at, seconds: 0.95 * beats * beat, midi: degree(root + step), loudness: random.between(0.7, 1) });
    }
  }
  return notes;
}

function bassLine(seconds: number, beat: number, roots: readonly number[], degree: (d: number) => number): Note[] {
  const notes: Note[] = [];
  for (let i = 0; i * beat < seconds; i++) {
    const root = roots[Math.floor(i / 4) % roots.length]!;
    const midi = degree(root + [0, 4, 2, 4][i % 4]!) - 12;
    notes.push({ at: i * beat, seconds: 0.9 * beat, midi, loudness: 1 });
  }
  return notes;
}

function addDrums(out: Float32Array, beat: number, random: Random, gain: number): void {
  const hit = (at: number, decay: number, sound: (t: number) => number, loudness: number) => {
    const start = Math.round(at * RATE);
    for (let n = 0; n < 0.3 * RATE && start + n < out.length; n++) {
      out[start + n]! += gain * loudness * Math.exp(-n / RATE / decay) * sound(n / RATE);
    }
  };
  const noise = () => random.gaussian() * 0.3;
  for (let i = 0; (i * beat) / 2 < out.length / RATE; i++) {
    const at = (i * beat) / 2;
    hit(at, 0.03, noise, 0.3);
    if (i % 4 === 0) hit(at, 0.1, (t) => Math.sin(2 * Math.PI * (50 + 80 * Math.exp(-t / 0.02)) * t), 1.2);
    if (i % 4 === 2) hit(at, 0.08, noise, 0.8);
  }
}
