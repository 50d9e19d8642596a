/**
 * The rhythm of syllables: how much of an envelope's movement lies at 2–8 Hz (Houtgast and Steeneken, JASA 77, 1985;
 * Scheirer and Slaney, ICASSP 1997).
 */
import { createRealFft } from "#firmware/dsp/fft.ts";
import { FRAMES_PER_SECOND } from "./frames.ts";

const SIZE = 256;
const bin = (hz: number) => Math.round((hz * SIZE) / FRAMES_PER_SECOND);

/** Of the first `count` (≤ 256) frame amplitudes, oldest first: energy at 2–8 Hz over energy at 0.5–20 Hz, 0–1. */
export function createModulationMeter(): (envelope: Float64Array, count: number) => number {
  const fft = createRealFft(SIZE);
  const x = new Float64Array(SIZE);
  const re = new Float64Array(SIZE / 2 + 1);
  const im = new Float64Array(SIZE / 2 + 1);
  const energy = (fromHz: number, toHz: number) => {
    let sum = 0;
    for (let k = bin(fromHz); k <= bin(toHz); k++) sum += re[k]! ** 2 + im[k]! ** 2;
    return sum;
  };
  return (envelope, count) => {
    let mean = 0;
    for (let n = 0; n < count; n++) mean += envelope[n]! / count;
    if (mean === 0) return 0;
    x.fill(0);
    for (let n = 0; n < count; n++) {
      x[n] = (envelope[n]! / mean - 1) * (1 - Math.cos((2 * Math.PI * (n + 0.5)) / count));
    }
    fft.forward(x, re, im);
    const all = energy(0.5, 20);
    return all > 0 ? energy(2, 8) / all : 0;
  };
}
