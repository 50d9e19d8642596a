/**
 * Speech-like signals from a seed: a source of pitch pulses and breath through moving formants, in syllables, words and
 * phrases, with the long-term spectrum of a normal voice (ISO 3382-3). It says nothing in any language; it has what a
 * speech detector listens for. (Source and filter: Fant, Acoustic Theory of Speech Production, 1960; formants of the
 * vowels: Peterson and Barney 1952, rounded.)
 */
import { band } from "#firmware/dsp/bands.ts";
import { createRealFft } from "#firmware/dsp/fft.ts";
import type { Random } from "./random.ts";
import { densityAt, NORMAL_VOICE } from "./spectra.ts";
import { filtered, impulseResponse } from "./spectral-filter.ts";
import type { Voice } from "./voice.ts";

const SAMPLE_RATE_HZ = 16_000;
const UTTERANCES = 14;

/** First three formants of vowels, Hz. */
const VOWELS: readonly (readonly [number, number, number])[] = [
  [290, 2250, 3000],
  [400, 2000, 2600],
  [550, 1800, 2500],
  [700, 1150, 2500],
  [600, 950, 2450],
  [440, 850, 2400],
  [320, 850, 2300],
  [480, 1400, 2350],
];
const BANDWIDTHS_HZ = [80, 110, 160];

/** A syllable: what it begins with, its vowel, and how it is stressed. */
interface Syllable {
  readonly onset: "none" | "stop" | "fricative" | "nasal";
  readonly onsetS: number;
  readonly vowelS: number;
  readonly vowel: readonly [number, number, number];
  /** Level, dB; pitch it sets out for and ends on, semitones over the voice's. */
  readonly gainDb: number;
  readonly pitch: readonly [number, number];
}

/** A voice of its own for each stream: low or high, slow or quick. */
export function syntheticVoice(random: Random): Voice {
  const pitchHz = random.chance(0.5) ? random.between(95, 130) : random.between(175, 225);
  const scale = pitchHz > 150 ? random.between(1.08, 1.18) : random.between(0.95, 1.05);
  const raw = Array.from({ length: UTTERANCES }, () => utterance(random, pitchHz, scale));
  const response = equaliser(raw);
  return { utterances: raw.map((samples) => filtered(samples, response)) };
}

function syllable(random: Random, position: number): Syllable {
  const stressed = random.chance(0.4);
  const tone = 3 - 6 * position + (stressed ? random.between(1, 4) : random.between(-2, 1));
  const glide = (random.chance(0.5) ? 1 : -1) * random.between(0.3, stressed ? 4 : 2);
  return {
    onset: random.pick(["none", "stop", "stop", "fricative", "fricative", "nasal"]),
    onsetS: random.between(0.05, 0.11),
    vowelS: random.between(0.09, 0.19) * (stressed ? 1.4 : 1),
    vowel: random.pick(VOWELS),
    gainDb: (stressed ? 3 : 0) + 1.5 * random.gaussian() - 4 * position,
    pitch: [tone - glide / 2, tone + glide / 2],
  };
}

/** Two to four phrases with a breath between them. */
function utterance(random: Random, pitchHz: number, scale: number): Float32Array {
  const parts: Float32Array[] = [];
  for (let phrase = random.integer(2, 4); phrase > 0; phrase--) {
    const count = random.integer(5, 14);
    const level = 10 ** ((2 * random.gaussian()) / 20);
    const syllables = Array.from({ length: count }, (_, i) => syllable(random, i / count));
    parts.push(phraseOf(syllables, random, pitchHz, scale).map((x) => x * level));
    parts.push(new Float32Array(Math.round(random.between(0.03, 0.25) * SAMPLE_RATE_HZ)));
  }
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What glides from sample to sample while a phrase is spoken. */
interface Throat {
  phase: number;
  glottal: number;
  /** Pitch over the voice's, semitones; formants, Hz; levels of voice and breath. */
  pitch: number;
  readonly formants: [number, number, number];
  voiced: number;
  breath: number;
  hiss: number;
  readonly y1: Float64Array;
  readonly y2: Float64Array;
}

function phraseOf(syllables: readonly Syllable[], random: Random, pitchHz: number, scale: number): Float32Array {
  const lengths = syllables.map(({ onset, onsetS, vowelS }) => (onset === "none" ? 0 : onsetS) + vowelS);
  const out = new Float32Array(Math.round(lengths.reduce((sum, s) => sum + s, 0) * SAMPLE_RATE_HZ));
  const throat: Throat = {
    phase: 0,
    glottal: 0,
    pitch: syllables[0]!.pitch[0],
    formants: [...syllables[0]!.vowel],
    voiced: 0,
    breath: 0,
    hiss: 0,
    y1: new Float64Array(3),
    y2: new Float64Array(3),
  };
  let at = 0;
  for (const [i, one] of syllables.entries()) {
    const end = Math.min(out.length, at + Math.round(lengths[i]! * SAMPLE_RATE_HZ));
    const onset = one.onset === "none" ? 0 : Math.round(one.onsetS * SAMPLE_RATE_HZ);
    for (let n = at; n < end; n++) {
      const progress = n - at < onset ? -1 : (n - at - onset) / (end - at - onset);
      out[n] = speak(throat, one, progress, random, pitchHz, scale);
    }
    at = end;
  }
  return out;
}

/** Glides per sample: levels within 8 ms, pitch and formants within 30 ms. */
const QUICK = 1 - Math.exp(-1 / (0.008 * SAMPLE_RATE_HZ));
const SLOW = 1 - Math.exp(-1 / (0.03 * SAMPLE_RATE_HZ));

/** One sample; `progress` is how far the vowel has come, 0–1, below 0 in the onset. */
function speak(
  throat: Throat,
  { onset, vowel, gainDb, pitch }: Syllable,
  progress: number,
  random: Random,
  pitchHz: number,
  scale: number,
): number {
  const swell = progress < 0 ? 1 : 0.3 + 0.7 * Math.sin(Math.PI * progress);
  const level = swell * 10 ** (gainDb / 20);
  const kind = progress < 0 ? onset : "none";
  const tone = pitch[0] + Math.max(0, progress) * (pitch[1] - pitch[0]);
  throat.voiced += QUICK * ({ none: 1, stop: 0.02, fricative: 0.05, nasal: 0.3 }[kind] * level - throat.voiced);
  throat.breath += QUICK * ({ none: 0.01, stop: 0.02, fricative: 0.35, nasal: 0.01 }[kind] * level - throat.breath);
  throat.pitch += SLOW * (tone - throat.pitch);
  for (let f = 0; f < 3; f++) throat.formants[f]! += SLOW * (vowel[f]! * scale - throat.formants[f]!);

  throat.phase += (pitchHz * 2 ** (throat.pitch / 12)) / SAMPLE_RATE_HZ;
  let pulse = 0;
  if (throat.phase >= 1) {
    throat.phase -= 1;
    pulse = 1 + 0.05 * random.gaussian();
  }
  // A pulse that dies away within a millisecond has the falling spectrum of the glottis.
  throat.glottal = 0.9 * throat.glottal + pulse;
  const white = random.uniform() - 0.5;
  const hiss = white - throat.hiss;
  throat.hiss = white;
  return (
    0.1 * resonate(throat, throat.glottal * throat.voiced + 0.02 * white * throat.voiced) + 0.5 * hiss * throat.breath
  );
}

/** Three resonators one after another, each of gain one at 0 Hz. */
function resonate({ formants, y1, y2 }: Throat, input: number): number {
  let x = input;
  for (let f = 0; f < 3; f++) {
    const radius = 1 - (Math.PI * BANDWIDTHS_HZ[f]!) / SAMPLE_RATE_HZ;
    const a1 = 2 * radius * Math.cos((2 * Math.PI * formants[f]!) / SAMPLE_RATE_HZ);
    const a2 = -radius * radius;
    const y = (1 - a1 - a2) * x + a1 * y1[f]! + a2 * y2[f]!;
    y2[f] = y1[f]!;
    y1[f] = y;
    x = y;
  }
  return x;
}

const LOWEST_THIRD = -9;
const HIGHEST_THIRD = 8;
const MOST_DB = 25;

/** Response that gives these utterances the long-term spectrum of a normal voice. */
function equaliser(utterances: readonly Float32Array[]): Float64Array {
  const powers = spectrum(utterances);
  const size = 2 * (powers.length - 1);
  const corrections: number[] = [];
  for (let n = LOWEST_THIRD; n <= HIGHEST_THIRD; n++) {
    const { low, mid, high } = band(n, 3);
    const first = Math.ceil((low * size) / SAMPLE_RATE_HZ);
    const last = Math.max(first, Math.floor((high * size) / SAMPLE_RATE_HZ));
    let sum = 0;
    for (let k = first; k <= last; k++) sum += powers[k]!;
    corrections.push(densityAt(NORMAL_VOICE, mid) - 10 * Math.log10(sum / (last - first + 1)));
  }
  const middle = corrections[-LOWEST_THIRD]!;
  const limited = corrections.map((c) => Math.min(MOST_DB, Math.max(-MOST_DB, c - middle)));
  return impulseResponse((hz) => {
    const position = Math.min(limited.length - 1, Math.max(0, 10 * Math.log10(hz / 1000) - LOWEST_THIRD));
    const below = Math.min(limited.length - 2, Math.floor(position));
    return limited[below]! + (position - below) * (limited[below + 1]! - limited[below]!);
  }, 1024);
}

/** Mean power spectrum, Hann windows of 1024 samples. */
function spectrum(utterances: readonly Float32Array[]): Float64Array {
  const size = 1024;
  const fft = createRealFft(size);
  const frame = new Float64Array(size);
  const re = new Float64Array(size / 2 + 1);
  const im = new Float64Array(size / 2 + 1);
  const powers = new Float64Array(size / 2 + 1);
  for (const samples of utterances)
    for (let at = 0; at + size <= samples.length; at += size) {
      for (let n = 0; n < size; n++) frame[n] = samples[at + n]! * Math.sin((Math.PI * n) / size) ** 2;
      fft.forward(frame, re, im);
      for (let k = 0; k < powers.length; k++) powers[k]! += re[k]! ** 2 + im[k]! ** 2;
    }
  return powers;
}
