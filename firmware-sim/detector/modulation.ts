/**
 * The rhythm of syllables: how much of an envelope's movement lies at 2–8 Hz (Houtgast and Steeneken, JASA 77, 1985;
 * Scheirer and Slaney, ICASSP 1997), and how deep it is.
 */
import { createRealFft } from "#firmware/dsp/fft.ts";
import { FRAMES_PER_SECOND } from "./frames.ts";

const SIZE = 256;

export interface Modulation {
  /** Energy at 2–8 Hz over energy at 0.5–20 Hz, 0–1. */
  ratio: number;
  /** Standard deviation over mean. */
  depth: number;
}

/** Takes the last `envelope.length` (≤ 256) frame amplitudes, oldest first; writes into one `Modulation` that it keeps. */
export function createModulationMeter(): (envelope: Float64Array) => Modulation {
  const fft = createRealFft(SIZE);
  const x = new Float64Array(SIZE);
  const re = new Float64Array(SIZE / 2 + 1);
  const im = new Float64Array(SIZE / 2 + 1);
  const result: Modulation = { ratio: 0, depth: 0 };
  const bin = (hz: number) => Math.round((hz * SIZE) / FRAMES_PER_SECOND);
  const energy = (from: number, to: number) => {
    let sum = 0;
    for (let k = bin(from); k <= bin(to); k++) sum += re[k]! ** 2 + im[k]! ** 2;
    return sum;
  };
  return (envelope) => {
    const length = envelope.length;
    let mean = 0;
    for (let n = 0; n < length; n++) mean += envelope[n]! / length;
    let variance = 0;
    x.fill(0);
    for (let n = 0; n < length; n++) {
      const deviation = mean > 0 ? envelope[n]! / mean - 1 : 0;
      variance += deviation ** 2 / length;
      x[n] = deviation * (1 - Math.cos((2 * Math.PI * (n + 0.5)) / length));
    }
    fft.forward(x, re, im);
    const all = energy(0.5, 20);
    result.ratio = all > 0 ? energy(2, 8) / all : 0;
    result.depth = Math.sqrt(variance);
    return result;
  };
}
