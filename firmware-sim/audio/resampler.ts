/**
 * Sample-rate conversion by any ratio of whole numbers: a polyphase filter bank of a sinc under a Kaiser window
 * (Crochiere & Rabiner, Multirate Digital Signal Processing, ch. 2; Kaiser 1974 for window and length).
 *
 * Of the lower of the two Nyquist frequencies, the pass band reaches to 7/8 (7 kHz for 48 kHz to 16 kHz), flat within
 * 0.01 dB, and the stop band begins at the whole, 90 dB down: nothing that could alias is heard. Delay is taken out: the
 * n-th sample out belongs to the time n / `to`.
 */

const PASS_BAND = 7 / 8;
const STOP_BAND_DB = 90;
const KAISER_BETA = 0.1102 * (STOP_BAND_DB - 8.7);

export interface Resampler {
  /** Answers the samples that are ready, in an array that the next call reuses. */
  process(input: Float32Array): Float32Array;
  /** The rest, when the input is over. */
  flush(): Float32Array;
}

/** Rates in Hz, whole numbers. */
export function createResampler(from: number, to: number): Resampler {
  if (from === to) return { process: (input) => input, flush: () => new Float32Array(0) };
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const { phases, taps } = designPhases(from, to, up);
  let kept = new Float32Array(taps / 2 - 1);
  let output = new Float32Array(0);
  /** Place of the next output: its first tap's index in `kept`, and its phase between two inputs. */
  let at = 0;
  let phase = 0;
  let heard = 0;
  let given = 0;

  function produce(input: Float32Array, most: number): Float32Array {
    const joined = new Float32Array(kept.length + input.length);
    joined.set(kept);
    joined.set(input, kept.length);
    const room = Math.max(0, Math.ceil(((joined.length - taps - at + 1) * up) / down) + 1);
    if (output.length < room) output = new Float32Array(room);
    let written = 0;
    for (; at + taps <= joined.length && written < most; written++) {
      const filter = phase * taps;
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += phases[filter + k]! * joined[at + k]!;
      output[written] = sum;
      phase += down;
      at += Math.floor(phase / up);
      phase %= up;
    }
    const used = Math.min(at, joined.length);
    kept = joined.slice(used);
    at -= used;
    given += written;
    return output.subarray(0, written);
  }

  return {
    process(input) {
      heard += input.length;
      return produce(input, Number.POSITIVE_INFINITY);
    },
    flush: () => produce(new Float32Array(taps), Math.ceil((heard * up) / down) - given),
  };
}

/** The filter for each phase in turn, `taps` values each; every phase lets a constant through unchanged. */
function designPhases(from: number, to: number, up: number): { phases: Float64Array; taps: number } {
  const nyquist = Math.min(from, to) / 2;
  const transition = (2 * Math.PI * (1 - PASS_BAND) * nyquist) / from;
  const half = Math.ceil((STOP_BAND_DB - 7.95) / (2.285 * transition) / 2) + 1;
  const taps = 2 * half;
  const cutoff = ((1 + PASS_BAND) * nyquist) / from;
  const phases = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    const filter = phases.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const t = k - half + 1 - phase / up;
      filter[k] = sinc(cutoff * t) * kaiser(t / half);
      sum += filter[k]!;
    }
    for (let k = 0; k < taps; k++) filter[k]! /= sum;
  }
  return { phases, taps };
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Not scaled: the sum of each phase is. */
const kaiser = (x: number): number => (Math.abs(x) >= 1 ? 0 : besselI0(KAISER_BETA * Math.sqrt(1 - x * x)));

/** Modified Bessel function of the first kind, order zero, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
