/**
 * How periodic a frame is, and with which period: the highest peak of the autocorrelation of the band below 4 kHz, for
 * periods of the human voice (80–400 Hz), freed from the window's own autocorrelation (Boersma, IFA Proc. 17, 1993).
 */
import { createRealFft } from "#firmware/dsp/fft.ts";
import { FRAME, SAMPLE_RATE_HZ } from "./frames.ts";

/** Lags are counted at half the sample rate. */
const RATE = SAMPLE_RATE_HZ / 2;
const SIZE = FRAME / 2;
const BIN_HZ = SAMPLE_RATE_HZ / FRAME;
const LOWEST_BIN = Math.ceil(100 / BIN_HZ);
const SHORTEST = RATE / 400;
const LONGEST = RATE / 80;

export interface Voicing {
  /** Height of the peak relative to lag 0, about 0–1. */
  peak: number;
  /** Fundamental frequency of the peak, Hz. */
  pitchHz: number;
}

/** The meter writes into one `Voicing` that it keeps. `power` holds 513 bins from 0 to 8 kHz. */
export function createVoicingMeter(): (power: Float64Array) => Voicing {
  const fft = createRealFft(SIZE);
  const even = new Float64Array(SIZE);
  const correlation = new Float64Array(SIZE / 2 + 1);
  const unused = new Float64Array(SIZE / 2 + 1);
  const own = windowAutocorrelation();
  const result: Voicing = { peak: 0, pitchHz: 0 };
  return (power) => {
    for (let k = LOWEST_BIN; k < SIZE / 2; k++) {
      even[k] = power[k]!;
      even[SIZE - k] = even[k]!;
    }
    fft.forward(even, correlation, unused);
    for (let lag = SHORTEST - 1; lag <= LONGEST + 1; lag++) correlation[lag]! /= own[lag]!;
    let best = SHORTEST;
    for (let lag = SHORTEST; lag <= LONGEST; lag++) {
      if (correlation[lag]! > correlation[best]!) best = lag;
    }
    const total = correlation[0]!;
    const left = correlation[best - 1]!;
    const top = correlation[best]!;
    const right = correlation[best + 1]!;
    const bend = left - 2 * top + right;
    const shift = bend < 0 ? Math.max(-0.5, Math.min(0.5, (0.5 * (left - right)) / bend)) : 0;
    result.peak = total > 0 ? top / total : 0;
    result.pitchHz = RATE / (best + shift);
    return result;
  };
}

/** Autocorrelation of the Hann window at each lag, relative to lag 0. */
function windowAutocorrelation(): Float64Array {
  const window = Float64Array.from({ length: SIZE }, (_, n) => 1 - Math.cos((2 * Math.PI * n) / SIZE));
  const at = (lag: number) => {
    let sum = 0;
    for (let n = lag; n < SIZE; n++) sum += window[n]! * window[n - lag]!;
    return sum;
  };
  return Float64Array.from({ length: LONGEST + 2 }, (_, lag) => at(lag) / at(0));
}
