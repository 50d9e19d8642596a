/**
 * What tells a voice from other sounds, once per second from the scalars of the frames before. Nothing here depends on the
 * absolute level.
 */
import { createRealFft } from "#firmware/dsp/fft.ts";
import { BANDS, bandOf, bandPowers, createNoiseFloor } from "./bands.ts";
import { createContour } from "./contour.ts";
import { createFramer, FRAME, FRAMES_PER_SECOND, SAMPLE_RATE_HZ } from "./frames.ts";
import { createModulationMeter } from "./modulation.ts";
import { createRhythmMeter } from "./rhythm.ts";
import { createVoicingMeter } from "./voicing.ts";

export const FEATURES = [
  "rise",
  "voiced",
  "voicingTop",
  "modulation",
  "depth",
  "low",
  "moving",
  "gliding",
  "held",
  "runLength",
  "tiltSpread",
  "tiltVoicing",
  "onset",
  "breadth",
  "flux",
  "rhythm",
  "grid",
  "swing",
  "pause",
  "pitchSpread",
  "heldLong",
  "voicedLong",
  "bandModulation",
] as const;
export type Feature = (typeof FEATURES)[number];

/** Frames in the two seconds that a second's features rest on. */
const WINDOW = Math.floor(2 * FRAMES_PER_SECOND);
const VOICED = 0.16;
const ACTIVE_DB = 4;
/** Frames between which the spectrum's shape is compared: 64 ms. */
const FLUX_LAG = 4;
const MEAN_FRAMES = 8;
const MEANS = Math.floor((10 * FRAMES_PER_SECOND) / MEAN_FRAMES);
const LOW_BANDS = [bandOf(250), bandOf(1000)] as const;
const HIGH_BANDS = [bandOf(1500), bandOf(3600)] as const;

export interface FeatureExtractor {
  process(block: Float32Array): void;
  reset(): void;
}

/** `onSecond` gets the same array each time, in the order of `FEATURES`, as each 16 000th sample has been taken. */
export function createFeatureExtractor(onSecond: (features: Float64Array) => void): FeatureExtractor {
  const fft = createRealFft(FRAME);
  const re = new Float64Array(FRAME / 2 + 1);
  const im = new Float64Array(FRAME / 2 + 1);
  const power = new Float64Array(FRAME / 2 + 1);
  const bands = new Float64Array(BANDS);
  const shapes = new Float64Array(BANDS * FLUX_LAG);
  const floor = createNoiseFloor();
  const voicing = createVoicingMeter();
  const modulationOf = createModulationMeter();
  const rhythm = createRhythmMeter();
  const contour = createContour();

  const rise = new Float64Array(WINDOW);
  const amplitude = new Float64Array(WINDOW);
  const peak = new Float64Array(WINDOW);
  const tilt = new Float64Array(WINDOW);
  const breadth = new Float64Array(WINDOW);
  const flux = new Float64Array(WINDOW);
  const envelope = new Float64Array(WINDOW);
  const sorted = new Float64Array(WINDOW);
  const means = new Float64Array(MEANS);
  const sortedMeans = new Float64Array(MEANS);
  const features = new Float64Array(FEATURES.length);
  const lowBank = createBank();
  const highBank = createBank();
  let frames = 0;
  let mean = 0;
  let samples = 0;

  const framer = createFramer((frame) => {
    fft.forward(frame, re, im);
    for (let k = 0; k < power.length; k++) power[k] = re[k]! ** 2 + im[k]! ** 2;
    bandPowers(power, bands);
    floor.add(bands);
    const voice = voicing(power, bands, floor.power);

    const n = frames % WINDOW;
    let whitened = 0;
    let wide = 0;
    let shape = 0;
    for (let b = 0; b < BANDS; b++) {
      const ratio = bands[b]! / floor.power[b]!;
      whitened += ratio / BANDS;
      if (ratio > 4) wide++;
      shape += Math.log(1 + ratio) / BANDS;
    }
    let moved = 0;
    const then = (frames % FLUX_LAG) * BANDS;
    for (let b = 0; b < BANDS; b++) {
      const now = Math.log(1 + bands[b]! / floor.power[b]!) - shape;
      if (frames >= FLUX_LAG) moved += Math.abs(now - shapes[then + b]!) / BANDS;
      shapes[then + b] = now;
    }
    rise[n] = 10 * Math.log10(whitened);
    amplitude[n] = Math.sqrt(whitened);
    peak[n] = voice.peak;
    const lowSnr = snr(LOW_BANDS);
    const highSnr = snr(HIGH_BANDS);
    tilt[n] = 10 * Math.log10((1 + highSnr) / (1 + lowSnr));
    lowBank.add(Math.log(1 + lowSnr));
    highBank.add(Math.log(1 + highSnr));
    breadth[n] = wide / BANDS;
    flux[n] = moved;
    contour.add(voice.peak > VOICED && rise[n]! > ACTIVE_DB, voice.semitones);
    rhythm.add(rise[n]!);
    mean += rise[n]! / MEAN_FRAMES;
    frames++;
    if (frames % MEAN_FRAMES !== 0) return;
    means[(frames / MEAN_FRAMES - 1) % MEANS] = mean;
    mean = 0;
  });

  const snr = ([from, to]: readonly [number, number]) => {
    let sum = 0;
    for (let b = from; b <= to; b++) sum += bands[b]! / floor.power[b]!;
    return sum / (to - from + 1);
  };

  const summarise = () => {
    const count = Math.min(frames, WINDOW);
    let meanPower = 0;
    let voiced = 0;
    let active = 0;
    let broad = 0;
    let moved = 0;
    let onset = 0;
    for (let n = 0; n < count; n++) {
      const i = (frames - count + n) % WINDOW;
      envelope[n] = amplitude[i]!;
      sorted[n] = rise[i]!;
      meanPower += amplitude[i]! ** 2 / count;
      if (rise[i]! <= ACTIVE_DB) continue;
      active++;
      broad += breadth[i]!;
      moved += flux[i]!;
      if (peak[i]! > VOICED) voiced++;
    }
    let low = 0;
    for (let n = 0; n < count; n++) {
      if (envelope[n]! ** 2 < 0.5 * meanPower) low++;
      if (n > 1) onset = Math.max(onset, sorted[n]! - sorted[n - 2]!);
    }
    let tiltMean = 0;
    let peakMean = 0;
    for (let n = 0; n < count; n++) {
      if (rise[n]! <= ACTIVE_DB) continue;
      tiltMean += tilt[n]! / active;
      peakMean += peak[n]! / active;
    }
    let tiltVariance = 0;
    let peakVariance = 0;
    let covariance = 0;
    for (let n = 0; n < count; n++) {
      if (rise[n]! <= ACTIVE_DB) continue;
      tiltVariance += (tilt[n]! - tiltMean) ** 2 / active;
      peakVariance += (peak[n]! - peakMean) ** 2 / active;
      covariance += ((tilt[n]! - tiltMean) * (peak[n]! - peakMean)) / active;
    }
    sorted.fill(Number.POSITIVE_INFINITY, count).sort();
    envelope.fill(0, count);
    const modulation = modulationOf(envelope.subarray(0, count));
    const heard = Math.min(MEANS, Math.floor(frames / MEAN_FRAMES));
    let pauses = 0;
    for (let n = 0; n < heard; n++) {
      sortedMeans[n] = means[n]!;
      if (means[n]! < 3) pauses++;
    }
    sortedMeans.fill(Number.POSITIVE_INFINITY, heard).sort();
    const melody = contour.summary();

    features[0] = Math.min(20, sorted[Math.floor(0.9 * count)]!);
    features[1] = voiced / count;
    features[2] = active > 4 ? peakMean : 0;
    features[3] = modulation.ratio;
    features[4] = Math.min(1.2, modulation.depth);
    features[5] = low / count;
    features[6] = melody.moving;
    features[7] = melody.gliding;
    features[8] = melody.held;
    features[9] = Math.min(1, melody.runLength / 40);
    features[10] = active > 4 ? Math.min(10, Math.sqrt(tiltVariance)) / 10 : 0;
    features[11] =
      active > 4 && peakVariance > 0 && tiltVariance > 0 ? covariance / Math.sqrt(tiltVariance * peakVariance) : 0;
    features[12] = Math.min(25, onset) / 25;
    features[13] = active > 0 ? broad / active : 0;
    features[14] = active > 0 ? moved / active : 0;
    features[15] = rhythm.peak();
    features[16] = melody.grid;
    features[17] =
      heard > 4 ? Math.min(25, sortedMeans[Math.floor(0.9 * heard)]! - sortedMeans[Math.floor(0.1 * heard)]!) / 25 : 0;
    features[18] = heard > 4 ? pauses / heard : 0;
    features[19] = melody.spread;
    features[20] = melody.heldLong;
    features[21] = melody.voicedLong;
    features[22] = lowBank.correlation(highBank);
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
      framer.reset();
      floor.reset();
      rhythm.reset();
      contour.reset();
      frames = 0;
      mean = 0;
      samples = 0;
    },
  };
}

/** Two seconds of a band's log level, to be correlated with another's. */
function createBank() {
  const values = new Float64Array(WINDOW);
  let next = 0;
  return {
    values,
    add(v: number) {
      values[next] = v;
      next = (next + 1) % WINDOW;
    },
    correlation(other: { values: Float64Array }) {
      let a = 0,
        b = 0;
      for (let n = 0; n < WINDOW; n++) {
        a += values[n]! / WINDOW;
        b += other.values[n]! / WINDOW;
      }
      let aa = 0,
        bb = 0,
        ab = 0;
      for (let n = 0; n < WINDOW; n++) {
        const x = values[n]! - a,
          y = other.values[n]! - b;
        aa += x * x;
        bb += y * y;
        ab += x * y;
      }
      return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
    },
  };
}
