/** For tests that run a band-pass by itself; the device runs them in a bank. */
import type { BiquadCoefficients } from "./biquad.ts";
import type { BandPass } from "./butterworth.ts";

/** The same filter as a cascade of second-order sections, the gain in the first. */
export function bandPassSections({ gain, poles }: BandPass): BiquadCoefficients {
  const sections: number[] = [];
  for (let i = 0; i < poles.length; i += 2) {
    const g = i === 0 ? gain : 1;
    sections.push(g, 0, -g, poles[i]!, poles[i + 1]!);
  }
  return Float64Array.from(sections);
}
