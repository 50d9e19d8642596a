/**
 * What tells a voice from other sounds, once per second from the scalars of the frames before. Nothing here depends on the
 * absolute level.
 */
import { createRealFft } from "#firmware/dsp/fft.ts";
import { BANDS, bandPowers, createNoiseFloor } from "./bands.ts";
import { createContour } from "./contour.ts";
import { createFramer, FRAME, FRAMES_PER_SECOND, SAMPLE_RATE_HZ } from "./frames.ts";
import { createModulationMeter } from "./modulation.ts";
import { createPauseMeter } from "./pauses.ts";
import { createRhythmMeter } from "./rhythm.ts";
import { createShapeMeter } from "./shape.ts";
import { createVoicingMeter } from "./voicing.ts";

/** Over the last two seconds unless said otherwise. */
export interface Features {
  /** Rise of the spectrum above the noise that 10 % of the frames exceed, dB. */
  rise: number;
  /** Share of the frames that are voiced. */
  voiced: number;
  /** Mean strength of the harmonics in active frames. */
  harmonicity: number;
  /** Share of the envelope's movement that has the rhythm of syllables. */
  modulation: number;
  /** Share of the frames with less than half the mean power (Saunders, ICASSP 1996). */
  low: number;
  /** Steepest rise within 32 ms, dB. */
  onset: number;
  /** Mean share of the bands that stand out in active frames. */
  breadth: number;
  /** Mean change of the spectrum's shape in active frames. */
  flux: number;
  /** Standard deviation of the brightness of active frames, dB. */
  tiltSpread: number;
  /** Correlation of brightness and harmonicity: vowels are dull, sibilants bright and not harmonic. */
  tiltVoicing: number;
  moving: number;
  gliding: number;
  /** Mean length of voiced runs, frames. */
  run: number;
  /** Standard deviation of the pitch, semitones. */
  pitchSpread: number;
  /** Over some ten seconds: concentration of the pitches on the semitones of one tuning. */
  grid: number;
  /** What `grid` is above 0.25, where talk hardly ever is. */
  tuned: number;
  /** Over eight seconds: share of the frames that are voiced. */
  voicedLong: number;
  /** What `voicedLong` is above 0.6: talk stops for breath, consonants and the other one's turn. */
  sustained: number;
  /** Over eight seconds: regularity of the onsets. */
  rhythm: number;
  /** What `rhythm` is above 0.35, where talk hardly ever is. */
  regular: number;
  /** Over ten seconds: range of the level, dB. */
  swing: number;
  /** Over ten seconds: share of pauses. */
  pauses: number;
}

const WINDOW = Math.floor(2 * FRAMES_PER_SECOND);
/** From this strength of its harmonics, and this rise in dB, a frame is voiced; from this rise it is active. */
const VOICED = 0.16;
const ACTIVE_DB = 4;
/** What lies further below the rest of its own frame is not heard: leakage of filters, steps of the converter. */
const HEARD = 3e-4;

export interface FeatureExtractor {
  process(block: Float32Array): void;
  reset(): void;
}

/** `onSecond` gets the same object each time, as soon as each 16 000th sample has been taken. */
export function createFeatureExtractor(onSecond: (features: Features) => void): FeatureExtractor {
  const spectrum = createPowerSpectrum();
  const bands = new Float64Array(BANDS);
  const noise = new Float64Array(BANDS);
  const floor = createNoiseFloor();
  const voicing = createVoicingMeter();
  const shapes = createShapeMeter();
  const rhythm = createRhythmMeter();
  const contour = createContour();
  const pauses = createPauseMeter();
  const recent = createRecentFrames();
  const modulation = createModulationMeter();
  const features = noFeatures();
  let samples = 0;

  const framer = createFramer((frame) => {
    const power = spectrum(frame);
    const total = bandPowers(power, bands);
    floor.add(bands);
    for (let b = 0; b < BANDS; b++) noise[b] = Math.max(floor.power[b]!, HEARD * total);
    const voice = voicing(power, bands, noise);
    const shape = shapes.measure(bands, noise);
    const rise = 10 * Math.log10(shape.whitened);
    recent.add(rise, voice.peak, shape.tilt, shape.breadth, shape.flux);
    contour.add(voice.peak > VOICED && rise > ACTIVE_DB, voice.semitones);
    rhythm.add(rise);
    pauses.add(rise);
  });

  const summarise = () => {
    recent.summarise(features, modulation);
    const melody = contour.melody();
    features.moving = melody.moving;
    features.gliding = melody.gliding;
    features.run = Math.min(40, melody.run);
    features.pitchSpread = Math.min(12, melody.spread);
    features.grid = melody.grid;
    features.tuned = Math.max(0, melody.grid - 0.25);
    features.voicedLong = melody.voiced;
    features.sustained = Math.max(0, melody.voiced - 0.6);
    features.rhythm = rhythm.peak();
    features.regular = Math.max(0, features.rhythm - 0.35);
    features.swing = Math.min(25, pauses.swing());
    features.pauses = pauses.share();
  };

  return {
    process(block) {
      let from = 0;
      while (from < block.length) {
        const to = Math.min(block.length, from + SAMPLE_RATE_HZ - samples);
        framer.process(block, from, to);
        samples += to - from;
        from = to;
        if (samples < SAMPLE_RATE_HZ) continue;
        samples = 0;
        summarise();
        onSecond(features);
      }
    },
    reset() {
      samples = 0;
      for (const part of [framer, floor, shapes, rhythm, contour, pauses, recent]) part.reset();
    },
  };
}

/** Squared magnitudes of a frame's transform, 0–8 kHz, in an array that it keeps. */
function createPowerSpectrum(): (frame: Float64Array) => Float64Array {
  const fft = createRealFft(FRAME);
  const re = new Float64Array(FRAME / 2 + 1);
  const im = new Float64Array(FRAME / 2 + 1);
  const power = new Float64Array(FRAME / 2 + 1);
  return (frame) => {
    fft.forward(frame, re, im);
    for (let k = 0; k < power.length; k++) power[k] = re[k]! ** 2 + im[k]! ** 2;
    return power;
  };
}

function noFeatures(): Features {
  return {
    rise: 0,
    voiced: 0,
    harmonicity: 0,
    modulation: 0,
    low: 0,
    onset: 0,
    breadth: 0,
    flux: 0,
    tiltSpread: 0,
    tiltVoicing: 0,
    moving: 0,
    gliding: 0,
    run: 0,
    pitchSpread: 0,
    grid: 0,
    tuned: 0,
    voicedLong: 0,
    sustained: 0,
    rhythm: 0,
    regular: 0,
    swing: 0,
    pauses: 0,
  };
}

/** The scalars of the frames of two seconds. */
function createRecentFrames() {
  const rise = new Float64Array(WINDOW);
  const peak = new Float64Array(WINDOW);
  const tilt = new Float64Array(WINDOW);
  const breadth = new Float64Array(WINDOW);
  const flux = new Float64Array(WINDOW);
  const envelope = new Float64Array(WINDOW);
  const sorted = new Float64Array(WINDOW);
  let frames = 0;

  const summariseLevels = (count: number, into: Features, modulation: ReturnType<typeof createModulationMeter>) => {
    let mean = 0;
    into.onset = 0;
    for (let n = 0; n < count; n++) {
      const level = rise[(frames - count + n) % WINDOW]!;
      sorted[n] = level;
      envelope[n] = 10 ** (level / 20);
      mean += envelope[n]! ** 2 / count;
      if (n > 1) into.onset = Math.max(into.onset, level - sorted[n - 2]!);
    }
    into.onset = Math.min(25, into.onset);
    let low = 0;
    for (let n = 0; n < count; n++) if (envelope[n]! ** 2 < 0.5 * mean) low++;
    into.low = low / count;
    into.modulation = modulation(envelope, count);
    sorted.fill(Number.POSITIVE_INFINITY, count).sort();
    into.rise = sorted[Math.floor(0.9 * count)]!;
  };

  const summariseActive = (count: number, into: Features) => {
    let active = 0;
    let voiced = 0;
    into.breadth = 0;
    into.flux = 0;
    let tilts = 0;
    let peaks = 0;
    let tiltSquares = 0;
    let peakSquares = 0;
    let products = 0;
    for (let n = 0; n < count; n++) {
      if (rise[n]! <= ACTIVE_DB) continue;
      active++;
      if (peak[n]! > VOICED) voiced++;
      into.breadth += breadth[n]!;
      into.flux += flux[n]!;
      tilts += tilt[n]!;
      peaks += peak[n]!;
      tiltSquares += tilt[n]! ** 2;
      peakSquares += peak[n]! ** 2;
      products += tilt[n]! * peak[n]!;
    }
    const some = Math.max(1, active);
    const tiltVariance = Math.max(0, tiltSquares / some - (tilts / some) ** 2);
    const peakVariance = Math.max(0, peakSquares / some - (peaks / some) ** 2);
    const covariance = products / some - (tilts * peaks) / some ** 2;
    const enough = active > 4;
    into.voiced = voiced / count;
    into.breadth /= some;
    into.flux /= some;
    into.harmonicity = enough ? peaks / active : 0;
    into.tiltSpread = enough ? Math.min(10, Math.sqrt(tiltVariance)) : 0;
    into.tiltVoicing = enough ? covariance / Math.sqrt(tiltVariance * peakVariance + 1e-12) : 0;
  };

  return {
    add(frameRise: number, framePeak: number, frameTilt: number, frameBreadth: number, frameFlux: number) {
      const n = frames++ % WINDOW;
      rise[n] = frameRise;
      peak[n] = framePeak;
      tilt[n] = frameTilt;
      breadth[n] = frameBreadth;
      flux[n] = frameFlux;
    },
    summarise(into: Features, modulation: ReturnType<typeof createModulationMeter>) {
      const count = Math.min(frames, WINDOW);
      summariseLevels(count, into, modulation);
      summariseActive(count, into);
    },
    reset() {
      frames = 0;
    },
  };
}
