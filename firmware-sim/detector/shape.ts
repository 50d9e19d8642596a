/** A frame's spectrum above the noise, as a few numbers: how far it rises, how broad and how bright it is, how it changes. */
import { BANDS, bandOf } from "./bands.ts";

/** Frames between which the shape is compared: 64 ms. */
const LAG = 4;
/** A band stands out from this ratio to its noise. */
const OUT = 4;
const DULL = [bandOf(250), bandOf(1000)] as const;
const BRIGHT = [bandOf(1500), bandOf(3600)] as const;

export interface Shape {
  /** Mean over the bands of power over noise. */
  whitened: number;
  /** Share of the bands that stand out, 0–1. */
  breadth: number;
  /** Treble (1.5–3.7 kHz) over bass (250–1200 Hz), each above its noise, dB. */
  tilt: number;
  /** Mean change of a band's level relative to the others in 64 ms (spectral flux), nepers of power. */
  flux: number;
}

export interface ShapeMeter {
  /** Writes into one `Shape` that it keeps. Both arguments are Pa² per band. */
  measure(bands: Float64Array, noise: Float64Array): Shape;
  reset(): void;
}

export function createShapeMeter(): ShapeMeter {
  const ratios = new Float64Array(BANDS);
  const logs = new Float64Array(BANDS);
  const past = new Float64Array(BANDS * LAG);
  const shape: Shape = { whitened: 0, breadth: 0, tilt: 0, flux: 0 };
  let frames = 0;
  const meanOf = (from: number, to: number) => {
    let sum = 0;
    for (let b = from; b <= to; b++) sum += ratios[b]!;
    return sum / (to - from + 1);
  };
  return {
    measure(bands, noise) {
      let out = 0;
      let mean = 0;
      for (let b = 0; b < BANDS; b++) {
        ratios[b] = bands[b]! / noise[b]!;
        logs[b] = Math.log(1 + ratios[b]!);
        mean += logs[b]! / BANDS;
        if (ratios[b]! > OUT) out++;
      }
      shape.whitened = meanOf(0, BANDS - 1);
      shape.breadth = out / BANDS;
      shape.tilt = 10 * Math.log10((1 + meanOf(...BRIGHT)) / (1 + meanOf(...DULL)));
      shape.flux = 0;
      const then = (frames % LAG) * BANDS;
      for (let b = 0; b < BANDS; b++) {
        const relative = logs[b]! - mean;
        if (frames >= LAG) shape.flux += Math.abs(relative - past[then + b]!) / BANDS;
        past[then + b] = relative;
      }
      frames++;
      return shape;
    },
    reset() {
      frames = 0;
    },
  };
}
