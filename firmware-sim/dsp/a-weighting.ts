/** Frequency weighting A (IEC 61672-1:2013). */
import type { BiquadCoefficients } from "./biquad.ts";

// Pole frequencies of Annex E, Hz.
const F1 = 20.598997;
const F2 = 107.65265;
const F3 = 737.86223;
const F4 = 12194.217;

const magnitude = (f: number): number =>
  (F4 ** 2 * f ** 4) / ((f ** 2 + F1 ** 2) * Math.sqrt((f ** 2 + F2 ** 2) * (f ** 2 + F3 ** 2)) * (f ** 2 + F4 ** 2));

/** Weighting A at a frequency in Hz, dB, 0 at 1 kHz (Annex E.4). */
export const aWeightingDb = (frequency: number): number => 20 * Math.log10(magnitude(frequency) / magnitude(1000));

/**
 * A-weighting at 16 kHz within the class 1 limits of Table 3 up to the Nyquist frequency. The bilinear transform is
 * 5.8 dB off at 6.3 kHz at this rate; here the low poles are matched-z and the high pair is a free section fitted to
 * the analytic curve (ACOUSTICS §1.3).
 */
// biome-ignore format: one section per line
export const A_WEIGHTING_16_KHZ: BiquadCoefficients = Float64Array.of(
  0.99988584383, -1.99977168766, 0.99988584383, -1.98388684478, 0.983951753221,
  1, -2, 1, -1.70705083873, 0.717463705757,
  0.934769529743, 0.795792698104, 0.107981048843, 0.702017290394, 0.030180448003,
);
