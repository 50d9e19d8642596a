/**
 * How harmonic a frame is, and on which fundamental: the highest peak of the transform of the spectrum's fine structure, for
 * fundamentals of the human voice. Fine structure is the amplitude of a bin relative to its neighbourhood, which takes away
 * formants, the room and the microphone; bands count as far as they rise above the noise. It is an autocorrelation of a
 * compressed, flattened spectrum (Tolonen and Karjalainen, IEEE Trans. Speech Audio Proc. 8(6), 2000).
 */
import { createRealFft } from "#firmware/dsp/fft.ts";
import { BANDS, firstBin } from "./bands.ts";
import { FRAME, SAMPLE_RATE_HZ } from "./frames.ts";

/** Lags are counted at half the sample rate. */
const RATE = SAMPLE_RATE_HZ / 2;
const SIZE = FRAME / 2;
const BIN_HZ = SAMPLE_RATE_HZ / FRAME;
const FIRST = Math.ceil(100 / BIN_HZ);
const LAST = Math.floor(3500 / BIN_HZ);
/** Half the neighbourhood: 375 Hz, so that it holds a harmonic or more to either side. */
const REACH = 24;
const SHORTEST = Math.floor(RATE / 440);
const LONGEST = Math.ceil(RATE / 75);
/** Of two equal peaks an octave apart the shorter period is meant. */
const OCTAVE_COST = 0.01;
/** A band counts from this many times its noise upwards. */
const NOISE_MARGIN = 2;
/** Bins of doubt: what few bins say is not believed. */
const DOUBT = 20;

export interface Voicing {
  /** Strength of the harmonics: below 0.12 in noise, 0.15–0.5 in voices. */
  peak: number;
  /** Fundamental frequency, semitones above 100 Hz. */
  semitones: number;
}

/** The meter writes into one `Voicing` that it keeps. `power` holds bins from 0 to 8 kHz; `bands` and `noise` Pa² per band. */
export function createVoicingMeter(): (power: Float64Array, bands: Float64Array, noise: Float64Array) => Voicing {
  const fft = createRealFft(SIZE);
  const amplitude = new Float64Array(LAST + REACH + 1);
  const fine = new Float64Array(SIZE);
  const correlation = new Float64Array(SIZE / 2 + 1);
  const unused = new Float64Array(SIZE / 2 + 1);
  const cost = Float64Array.from({ length: LONGEST + 1 }, (_, lag) => OCTAVE_COST * Math.log2(lag / SHORTEST));
  const result: Voicing = { peak: 0, semitones: 0 };
  return (power, bands, noise) => {
    for (let k = FIRST - REACH > 0 ? FIRST - REACH : 1; k < amplitude.length; k++) amplitude[k] = Math.sqrt(power[k]!);
    const weight = fineStructure(amplitude, bands, noise, fine);
    result.peak = 0;
    if (weight === 0) return result;
    fft.forward(fine, correlation, unused);
    const scale = 1 / (2 * weight + DOUBT);
    let best = SHORTEST;
    for (let lag = SHORTEST; lag <= LONGEST; lag++) {
      if (correlation[lag]! * scale - cost[lag]! > correlation[best]! * scale - cost[best]!) best = lag;
    }
    result.peak = Math.max(0, correlation[best]! * scale);
    result.semitones = 12 * Math.log2(RATE / (best + vertex(correlation, best)) / 100);
    return result;
  };
}

/** Fills `fine` evenly about 0 Hz and returns the sum of its weights. */
function fineStructure(amplitude: Float64Array, bands: Float64Array, noise: Float64Array, fine: Float64Array): number {
  let sum = 0;
  let weights = 0;
  for (let k = 1; k < FIRST + REACH; k++) sum += k >= FIRST - REACH ? amplitude[k]! : 0;
  let count = FIRST + REACH - Math.max(1, FIRST - REACH);
  let band = 0;
  for (let k = FIRST; k <= LAST; k++) {
    sum += amplitude[k + REACH]!;
    count++;
    const leaving = k - REACH - 1;
    if (leaving >= 1) {
      sum -= amplitude[leaving]!;
      count--;
    }
    while (band < BANDS - 1 && k >= firstBin(band + 1)) band++;
    const weight = Math.max(0, 1 - (NOISE_MARGIN * noise[band]!) / bands[band]!);
    fine[k] = sum > 0 ? weight * ((amplitude[k]! * count) / sum - 1) : 0;
    fine[SIZE - k] = fine[k]!;
    weights += weight;
  }
  return weights;
}

/** Where the parabola through a peak and its neighbours is highest, −0.5…0.5 from the peak. */
function vertex(values: Float64Array, peak: number): number {
  const left = values[peak - 1]!;
  const right = values[peak + 1]!;
  const bend = left - 2 * values[peak]! + right;
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (0.5 * (left - right)) / bend)) : 0;
}
