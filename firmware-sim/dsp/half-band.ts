/**
 * Decimation by two with a half-band filter made of two all-pass branches, each at the lower rate. The pass band of
 * such a filter is flat to well under 0.001 dB, its price is a phase that is not linear, which levels do not have.
 *
 * Elliptic design after Valenzuela & Constantinides, "Digital signal processing schemes for efficient interpolation
 * and decimation", IEE Proceedings G 130 (1983), p. 225.
 */
import { flushSilence } from "./biquad.ts";

export interface HalfBandDecimator {
  /** Filters the first `length` values of `input`, an even number, and writes half as many to `output`. */
  process(input: Float64Array, length: number, output: Float64Array): void;
}

/**
 * Coefficients of the all-pass sections, even positions for the branch of the newer sample, odd ones for the other.
 * `transition` is the width between pass band and stop band, which lie around a quarter of the input rate, as a share
 * of the input rate.
 */
export function designHalfBand(sections: number, transition: number): Float64Array {
  const k = Math.tan(((1 - 2 * transition) * Math.PI) / 4) ** 2;
  const root = (1 - k * k) ** 0.25;
  const e = (0.5 * (1 - root)) / (1 + root);
  const nome = e * (1 + 2 * e ** 4 + 15 * e ** 8 + 150 * e ** 12);
  return Float64Array.from({ length: sections }, (_, i) => {
    const angle = ((i + 1) * Math.PI) / (2 * sections + 1);
    const w = ((nome ** 0.25 * thetaSines(nome, angle)) / (0.5 + thetaCosines(nome, angle))) ** 2;
    const x = Math.sqrt((1 - w * k) * (1 - w / k)) / (1 + w);
    return (1 - x) / (1 + x);
  });
}

// Ten terms of the theta series: nome < 0.1 makes the next one smaller than 10^-100.
const TERMS = 10;

function thetaSines(nome: number, angle: number): number {
  let sum = 0;
  for (let i = 0; i < TERMS; i++) sum += (-1) ** i * nome ** (i * (i + 1)) * Math.sin((2 * i + 1) * angle);
  return sum;
}

function thetaCosines(nome: number, angle: number): number {
  let sum = 0;
  for (let i = 1; i < TERMS; i++) sum += (-1) ** i * nome ** (i * i) * Math.cos(2 * i * angle);
  return sum;
}

/** Four all-pass sections: pass band to 0.176 of the input rate, 84 dB of stop band from 0.324 of it. */
const COEFFICIENTS = designHalfBand(4, 0.1478);

export function createHalfBandDecimator(): HalfBandDecimator {
  const a0 = COEFFICIENTS[0]!;
  const a1 = COEFFICIENTS[2]!;
  const b0 = COEFFICIENTS[1]!;
  const b1 = COEFFICIENTS[3]!;
  // Of each branch: its last input, the last output of its first section (the second's input), its last output.
  const state = new Float64Array(6);
  return {
    process(input, length, output) {
      let x0 = state[0]!;
      let u0 = state[1]!;
      let y0 = state[2]!;
      let x1 = state[3]!;
      let u1 = state[4]!;
      let y1 = state[5]!;
      for (let n = 0; n < length; n += 2) {
        const older = input[n]!;
        const newer = input[n + 1]!;
        const u = a0 * (newer - u0) + x0;
        y0 = a1 * (u - y0) + u0;
        x0 = newer;
        u0 = u;
        const v = b0 * (older - u1) + x1;
        y1 = b1 * (v - y1) + u1;
        x1 = older;
        u1 = v;
        output[n >> 1] = 0.5 * (y0 + y1);
      }
      state[0] = x0;
      state[1] = u0;
      state[2] = y0;
      state[3] = x1;
      state[4] = u1;
      state[5] = y1;
      flushSilence(state);
    },
  };
}
