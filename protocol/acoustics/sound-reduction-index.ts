/**
 * Sound insulation of a boundary as one number (ISO 717-1:2020): R'w of reduction indices, DnT,w of standardised level
 * differences, with the spectrum adaptation terms C (speech, living) and Ctr (traffic).
 */
import { addLevels } from "../decibel.ts";

interface Reference {
  /** Reference curve, dB (table 3), and where in it 500 Hz is. */
  readonly curve: readonly number[];
  readonly at500Hz: number;
  /** Greatest sum of unfavourable deviations, dB (4.4). */
  readonly deviations: number;
  /** Spectra 1 and 2 for C and Ctr, A-weighted, dB (table 4). */
  readonly speech: readonly number[];
  readonly traffic: readonly number[];
}

/** 16 thirds, 100–3150 Hz. */
const THIRDS: Reference = {
  curve: [33, 36, 39, 42, 45, 48, 51, 52, 53, 54, 55, 56, 56, 56, 56, 56],
  at500Hz: 7,
  deviations: 32,
  speech: [-29, -26, -23, -21, -19, -17, -15, -13, -12, -11, -10, -9, -9, -9, -9, -9],
  traffic: [-20, -20, -18, -16, -15, -14, -13, -12, -11, -9, -8, -9, -10, -11, -13, -15],
};

/** 5 octaves, 125–2000 Hz. */
const OCTAVES: Reference = {
  curve: [36, 45, 52, 55, 56],
  at500Hz: 2,
  deviations: 10,
  speech: [-21, -14, -8, -5, -4],
  traffic: [-14, -10, -7, -4, -6],
};

export interface Rating {
  /** The shifted reference curve at 500 Hz, whole dB. */
  readonly w: number;
  /** Spectrum adaptation terms, whole dB. */
  readonly c: number;
  readonly ctr: number;
  /** Sum of unfavourable deviations at that shift, dB. */
  readonly deviations: number;
}

/**
 * Rating of 16 values in thirds 100–3150 Hz or 5 in octaves 125–2000 Hz, dB; tenths count. Throws a RangeError on another
 * number of values, or where one is no finite number.
 */
export function rate(values: readonly number[]): Rating {
  const reference = referenceFor(values);
  // Whole tenths of a decibel, so that a sum of exactly 32.0 dB is not lost to binary fractions.
  const tenths = values.map((value) => Math.floor(10 * value + 0.5));
  const deviationsAt = (shift: number) =>
    reference.curve.reduce((sum, level, i) => sum + Math.max(0, 10 * (level + shift) - tenths[i]!), 0);
  let shift = Math.floor(Math.min(...tenths) / 10) - Math.max(...reference.curve);
  while (deviationsAt(shift + 1) <= 10 * reference.deviations) shift++;
  const w = reference.curve[reference.at500Hz]! + shift;
  return {
    w,
    c: adaptation(reference.speech, tenths) - w,
    ctr: adaptation(reference.traffic, tenths) - w,
    deviations: deviationsAt(shift) / 10,
  };
}

function referenceFor(values: readonly number[]): Reference {
  const reference = [THIRDS, OCTAVES].find(({ curve }) => curve.length === values.length);
  if (!reference) throw new RangeError(`${values.length} values: 16 thirds or 5 octaves are rated`);
  if (!values.every(Number.isFinite)) throw new RangeError(`no rating of ${values.join(" ")}`);
  return reference;
}

/** Level difference of a sound with this spectrum, whole dB. */
const adaptation = (spectrum: readonly number[], tenths: readonly number[]): number =>
  Math.floor(-addLevels(spectrum.map((level, i) => level - tenths[i]! / 10)) + 0.5);

/** Sound reduction of a usual partition that rates `rw`, dB, at `WIDE_OCTAVES_HZ` (ACOUSTICS §7.2). Never a gain. */
export const typicalReduction = (rw: number): number[] =>
  [-16, -7, 0, 3, 4, 4, 4].map((step) => Math.max(0, rw - 2 + step));
