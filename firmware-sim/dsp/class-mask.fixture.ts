/** Limits of relative attenuation, IEC 61260-1:2014 Table 1, class 1, for the tests of the band filters. */
import { OCTAVE_RATIO as G } from "./bands.ts";

/** Ω of an octave filter above mid-band; least and greatest relative attenuation inside the band, dB. */
const passBand = [
  [G ** 0, -0.4, 0.4],
  [G ** (1 / 8), -0.4, 0.5],
  [G ** (1 / 4), -0.4, 0.7],
  [G ** (3 / 8), -0.4, 1.4],
  [G ** (1 / 2), -0.4, 5.3],
] as const;
/** Ω and least relative attenuation outside the band, dB. */
const stopBand = [
  [G ** (1 / 2), 1.2],
  [G ** 1, 16.6],
  [G ** 2, 40.5],
  [G ** 3, 60],
  [G ** 4, 70],
] as const;

/** Ω of a filter of `fraction` bands to an octave that answers to Ω of an octave filter (clause 5.10.3). */
const mapped = (octaveOmega: number, fraction: number): number =>
  1 + ((G ** (1 / (2 * fraction)) - 1) / (G ** (1 / 2) - 1)) * (octaveOmega - 1);

/** The frequencies, relative to mid-band, at which the mask has a corner; the lower side mirrors them. */
export const cornersOf = (fraction: number): number[] =>
  [...passBand.slice(0, -1), ...stopBand].map(([omega]) => mapped(omega, fraction));

/** Least and greatest relative attenuation at `ratio` = f / fm, dB; at the band edge itself both sides' limits hold. */
export function class1Limits(ratio: number, fraction: number): { least: number; greatest: number } {
  const omega = Math.max(ratio, 1 / ratio);
  const edge = mapped(G ** (1 / 2), fraction);
  const inside = omega <= edge * (1 + 1e-9);
  const outside = omega >= edge * (1 - 1e-9);
  const greatest = passBand.map(([o, , most]) => [mapped(o, fraction), most] as const);
  const least = stopBand.map(([o, fewest]) => [mapped(o, fraction), fewest] as const);
  return {
    least: outside ? between(least, omega) : -0.4,
    greatest: inside ? between(greatest, omega) : Number.POSITIVE_INFINITY,
  };
}

/** Linear in log Ω; held at the ends. */
function between(points: readonly (readonly [number, number])[], omega: number): number {
  for (let i = 1; i < points.length; i++) {
    const [o0, v0] = points[i - 1]!;
    const [o1, v1] = points[i]!;
    if (omega <= o1) return v0 + ((v1 - v0) * Math.max(0, Math.log(omega / o0))) / Math.log(o1 / o0);
  }
  return points.at(-1)![1];
}
