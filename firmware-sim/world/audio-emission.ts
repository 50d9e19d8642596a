/** What a room's people and things radiate, as sound: one second after another, dry and with the room's tail. */
import { energyOf } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Conversation } from "./day-plan.ts";
import { createNoise, type Noise } from "./noise.ts";
import { MUSIC, type Programme } from "./programme.ts";
import { createRandom, type Random } from "./random.ts";
import { createConvolver } from "./reverberation.ts";
import { ringTone, shapeMusic, shapeSound } from "./sound-shapes.ts";
import { SOUND_SOURCES, type SoundSource } from "./sounds.ts";
import { aWeighted, NORMAL_POWER, RAISED_POWER } from "./spectra.ts";
import type { Day, Timetable } from "./timetable.ts";
import { RING, type TrackReader, turnsOf } from "./tracks.ts";
import type { Tape } from "./voice.ts";

export const SECOND_SAMPLES = 16_000;
/** The longest power of two that whole seconds consist of. */
export const BLOCK = 128;
const PER_MS = SECOND_SAMPLES / 1000;
/** Spurts begin and end within 8 ms. */
const FADE = 128;

export interface AudioEmission {
  /** False when there is nothing to hear; the samples are then stale. */
  readonly active: boolean;
  /** In the room, tail included; mean square is sound power, Pa²·m². Overwritten four seconds later. */
  readonly samples: Float32Array;
}

export interface AudioEmitter {
  /**
   * The second that starts at `t`: the next one, or one of the last four again, as devices whose clocks differ listen to
   * neighbouring seconds. After any other the tail of the last one is forgotten.
   */
  emit(t: Millis): AudioEmission;
}

/** How much louder or softer one spurt is than the next, dB (ACOUSTICS §7.5), and what that adds to the energy mean. */
const SPURT_SD_DB = 2.5;
const SPURT_BIAS_DB = (Math.LN10 / 20) * SPURT_SD_DB ** 2;

/** A spurt with the words for it. */
interface Line {
  readonly from: Millis;
  readonly until: Millis;
  readonly tape: Float32Array;
  readonly offset: number;
  readonly gain: number;
}

export interface EmitterOptions {
  readonly room: RoomId;
  readonly seed: string | number;
  readonly timetable: Timetable;
  readonly tracks: TrackReader;
  readonly tapes: readonly Tape[];
  /** The room's response, of energy one. */
  readonly response: Float64Array;
  /** Instant of the timetable that is lived at an instant of the clock. */
  readonly lived: (t: Millis) => Millis;
}

export function createAudioEmitter(options: EmitterOptions): AudioEmitter {
  const { room, seed, timetable, tracks, tapes, response, lived } = options;
  const recent = Array.from({ length: 4 }, () => ({
    t: Number.NaN,
    active: false,
    samples: new Float32Array(SECOND_SAMPLES),
  }));
  const sounds = createSounds(createRandom(`${seed}/audio/${room}`));
  const tailS = Math.ceil(response.length / SECOND_SAMPLES) + 1;
  let convolver = createConvolver(response, BLOCK);
  let script: { day: Day; lines: readonly Line[] } | undefined;
  let last = { t: Number.NaN, lived: Number.NaN };
  let sounding = 0;

  const linesAt = (t: Millis): readonly Line[] => {
    if (!script || t < script.day.from || t >= script.day.until) {
      const day = timetable.day(t);
      script = { day, lines: scriptOf(day, room, tapes) };
    }
    return script.lines;
  };
  /** Whether anything is to be heard. */
  const fill = (samples: Float32Array, t: Millis): boolean => {
    samples.fill(0);
    const spoken = speak(linesAt(t), t, samples);
    const { track, s } = tracks.at(t);
    const sounded = s >= 0 && sounds(track.sounds[s]!, t, samples);
    const played =
      track.programmes.filter(({ programme, gain }) => play(programme, gain, tapes, t, samples)).length > 0;
    sounding = spoken || sounded || played ? tailS : Math.max(0, sounding - 1);
    for (let at = 0; sounding > 0 && at < SECOND_SAMPLES; at += BLOCK)
      convolver.process(samples.subarray(at, at + BLOCK));
    return sounding > 0;
  };
  return {
    emit(t) {
      const emission = recent[(t / 1000) & 3]!;
      if (emission.t === t) return emission;
      const now = { t, lived: lived(t) };
      if (now.t !== last.t + 1000 || now.lived !== last.lived + 1000) {
        convolver = createConvolver(response, BLOCK);
        sounding = 0;
      }
      last = now;
      emission.t = t;
      emission.active = fill(emission.samples, now.lived);
      return emission;
    },
  };
}

/** Every spurt of a day in a room, in order, each with its place on a voice's tape. */
function scriptOf(day: Day, room: RoomId, tapes: readonly Tape[]): Line[] {
  const conversations = day.plan.conversations.filter((conversation) => conversation.room === room);
  return conversations.flatMap((c) => linesOf(day, c, tapes)).sort((a, b) => a.from - b.from);
}

function linesOf(day: Day, conversation: Conversation, tapes: readonly Tape[]): Line[] {
  const random = createRandom(`${day.stream}/words/${conversation.stream}`);
  const cast = random.shuffle(tapes);
  return turnsOf(day, conversation).map(({ talker, from, until }) => {
    const { gainDb, raised } = conversation.talkers[talker]!;
    const voice = cast[talker % cast.length]!;
    const swing = SPURT_SD_DB * random.gaussian() - SPURT_BIAS_DB;
    const tape = raised ? voice.raised : voice.normal;
    return {
      from: conversation.from + from * 1000,
      until: conversation.from + until * 1000,
      tape,
      offset: random.integer(0, tape.length - 1),
      gain: Math.sqrt((raised ? RAISED_POWER : NORMAL_POWER) * energyOf(gainDb + swing)),
    };
  });
}

/** Adds what is said in this second; tells whether anything is. */
function speak(lines: readonly Line[], t: Millis, out: Float32Array): boolean {
  let any = false;
  for (let i = firstOver(lines, t); i < lines.length && lines[i]!.from < t + 1000; i++) {
    const line = lines[i]!;
    if (line.until <= t) continue;
    any = true;
    const begin = Math.round((line.from - t) * PER_MS);
    const end = Math.round((line.until - t) * PER_MS);
    for (let n = Math.max(0, begin); n < Math.min(SECOND_SAMPLES, end); n++) {
      const fade = Math.min(1, (n - begin) / FADE, (end - n) / FADE);
      out[n]! += line.gain * fade * line.tape[(line.offset + n - begin) % line.tape.length]!;
    }
  }
  return any;
}

/** Adds this second of a programme; tells whether there is any. Whoever plays it draws the same words and music. */
function play(programme: Programme, gain: number, tapes: readonly Tape[], t: Millis, out: Float32Array): boolean {
  const s = (t - programme.from) / 1000;
  if (s < 0 || s >= programme.speech.length) return false;
  const luck = createRandom(`${programme.stream}/${s}`);
  if (programme.music[s]! > 0) addMusic(gain * programme.music[s]!, luck, out);
  if (programme.spoken[s]! === 0) return programme.music[s]! > 0;
  const { normal } = tapes[programme.place % tapes.length]!;
  const amplitude = Math.sqrt(gain * NORMAL_POWER);
  for (const { from, until } of programme.talk) {
    if (until <= s || from >= s + 1) continue;
    const begin = Math.round((from - s) * SECOND_SAMPLES);
    const end = Math.round((until - s) * SECOND_SAMPLES);
    const offset = Math.round(from * SECOND_SAMPLES) % normal.length;
    for (let n = Math.max(0, begin); n < Math.min(SECOND_SAMPLES, end); n++)
      out[n]! +=
        amplitude * Math.min(1, (n - begin) / FADE, (end - n) / FADE) * normal[(offset + n - begin) % normal.length]!;
  }
  return true;
}

const envelope = new Float32Array(SECOND_SAMPLES);
const carrier = new Float32Array(SECOND_SAMPLES);

function addMusic(energy: number, luck: Random, out: Float32Array): void {
  shapeMusic(envelope, luck);
  carrier.fill(0);
  createNoise(MUSIC, luck).addTo(carrier);
  const gain = Math.sqrt(energy);
  for (let n = 0; n < SECOND_SAMPLES; n++) out[n]! += gain * envelope[n]! * carrier[n]!;
}

/** No spurt is longer than this, ms. */
const LONGEST = 60_000;

/** Index of the first line that may still be heard at `t`: found by halving on the order of their starts. */
function firstOver(lines: readonly Line[], t: Millis): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lines[middle]!.from < t - LONGEST) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds the sounds of these bits to a second; tells whether there are any. */
function createSounds(random: Random): (bits: number, t: Millis, out: Float32Array) => boolean {
  const noises = new Map<SoundSource, Noise>();
  const noiseOf = (source: SoundSource): Noise => {
    const known = noises.get(source);
    if (known) return known;
    const made = createNoise(source.power, random.fork(`noise ${source.bit}`));
    noises.set(source, made);
    return made;
  };
  return (bits, t, out) => {
    if (bits === 0) return false;
    for (const source of SOUND_SOURCES) {
      if ((bits & source.bit) === 0) continue;
      const luck = random.fork(`${source.bit}/${t}`);
      shapeSound(source.bit, envelope, luck);
      carrier.fill(0);
      if (source.bit === RING) ringTone(carrier);
      else noiseOf(source).addTo(carrier);
      const power = energyOf(source.variation * luck.gaussian()) * (source.bit === RING ? aWeighted(source.bands) : 1);
      const gain = Math.sqrt(power);
      for (let n = 0; n < SECOND_SAMPLES; n++) out[n]! += gain * envelope[n]! * carrier[n]!;
    }
    return true;
  };
}
