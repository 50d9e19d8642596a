/** The five octaves in which leakage is measured. */
import { number } from "../texts/format.ts";

export const octavesHz = [250, 500, 1000, 2000, 4000] as const;

/** Each with its unit: 250 Hz, 1 kHz. */
export const octaveNames = (locale: string): string[] =>
  octavesHz.map((hz) => (hz < 1000 ? `${number(hz, locale)} Hz` : `${number(hz / 1000, locale)} kHz`));

/** ISO 717-1, reference values of octaves 250–2000 Hz; it has none at 4000 Hz. A boundary just like it rates 54 dB. */
const REFERENCE_54 = [45, 52, 55, 56] as const;

/** A boundary of the reference's shape that rates `rw`, dB. */
export const referenceCurve = (rw: number): number[] => REFERENCE_54.map((value) => value + rw - 54);
