/** Butterworth band-pass filters by the bilinear transform, prewarped at the band's edges (ACOUSTICS §2.3). */
import type { Band } from "./bands.ts";

export interface BandPass {
  /** Makes |H| one at the mid-band frequency. */
  readonly gain: number;
  /** a1, a2 of each section; every numerator is 1 − z^−2. */
  readonly poles: Float64Array;
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

const times = (a: Complex, b: Complex): Complex => ({ re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re });
const quotient = (a: Complex, b: Complex): Complex => {
  const size = b.re ** 2 + b.im ** 2;
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size };
};
const squareRoot = ({ re, im }: Complex): Complex => {
  const radius = Math.sqrt(Math.hypot(re, im));
  const angle = Math.atan2(im, re) / 2;
  return { re: radius * Math.cos(angle), im: radius * Math.sin(angle) };
};

/** A band-pass of `order` per skirt (`order` sections) at `rate` Hz; the band must end below rate / 2. */
export function designBandPass({ low, high, mid }: Band, order: number, rate: number): BandPass {
  const w1 = 2 * rate * Math.tan((Math.PI * low) / rate);
  const w2 = 2 * rate * Math.tan((Math.PI * high) / rate);
  const sections: number[] = [];
  for (let k = 1; k <= order; k++) {
    const angle = (Math.PI * (2 * k + order - 1)) / (2 * order);
    const q: Complex = { re: (Math.cos(angle) * (w2 - w1)) / 2, im: (Math.sin(angle) * (w2 - w1)) / 2 };
    const square = times(q, q);
    const root = squareRoot({ re: square.re - w1 * w2, im: square.im });
    for (const sign of [1, -1]) {
      const s = { re: q.re + sign * root.re, im: q.im + sign * root.im };
      const z = quotient({ re: 2 * rate + s.re, im: s.im }, { re: 2 * rate - s.re, im: -s.im });
      if (z.im > 0) sections.push(-2 * z.re, z.re ** 2 + z.im ** 2);
    }
  }
  const poles = Float64Array.from(sections);
  return { gain: 1 / bandPassMagnitude({ gain: 1, poles }, mid, rate), poles };
}

/** |H| at a frequency in Hz. */
export function bandPassMagnitude({ gain, poles }: BandPass, frequency: number, rate: number): number {
  const w = (2 * Math.PI * frequency) / rate;
  let magnitude = gain;
  for (let i = 0; i < poles.length; i += 2) {
    const re = 1 + poles[i]! * Math.cos(w) + poles[i + 1]! * Math.cos(2 * w);
    const im = poles[i]! * Math.sin(w) + poles[i + 1]! * Math.sin(2 * w);
    magnitude *= Math.hypot(1 - Math.cos(2 * w), Math.sin(2 * w)) / Math.hypot(re, im);
  }
  return magnitude;
}
