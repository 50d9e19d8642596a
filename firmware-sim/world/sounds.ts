/** Sounds of an office other than speech: their power and their shape in time (ACOUSTICS §7.3, levels at 1 m). */

import { type Bands, bandsOf, type Octaves, scaledTo } from "./spectra.ts";
import { DOOR, KEYBOARD, PRINTER, RING, STEPS, VACUUM } from "./tracks.ts";

/** Level at 1 m in the open of a source of power Lw: Lw − 10·log10(4π). */
const POWER_OVER_1_M_DB = 11;

export interface SoundSource {
  readonly bit: number;
  /** Octave levels of its sound power, dB re p0²·m². */
  readonly power: Octaves;
  /** The same as bands, Pa²·m². */
  readonly bands: Bands;
  /** How its level varies from second to second, and from one eighth of a second to the next, dB. */
  readonly variation: number;
  readonly roughness: number;
}

const source = (
  bit: number,
  dbaAt1m: number,
  shape: Octaves,
  { variation, roughness }: Pick<SoundSource, "variation" | "roughness">,
): SoundSource => {
  const power = scaledTo(shape, dbaAt1m + POWER_OVER_1_M_DB);
  return { bit, power, bands: bandsOf(power), variation, roughness };
};

/** A door's second is half empty: what is 70 dBA while it slams is about 62 over the second. */
export const SOUND_SOURCES: readonly SoundSource[] = [
  source(KEYBOARD, 44, [-40, -25, -20, -12, -6, -3, 0, -3], { variation: 2.5, roughness: 4 }),
  source(PRINTER, 53, [-15, -10, -6, -3, 0, 0, -2, -6], { variation: 1, roughness: 1.5 }),
  source(RING, 62, [-50, -40, -30, -15, -3, 0, -5, -10], { variation: 1, roughness: 0.5 }),
  source(DOOR, 62, [3, 3, 0, -3, -8, -12, -18, -24], { variation: 3, roughness: 9 }),
  source(STEPS, 44, [0, 0, -2, -4, -8, -12, -16, -22], { variation: 3, roughness: 5 }),
  source(VACUUM, 70, [-20, -10, -5, -2, 0, 0, -3, -8], { variation: 0.7, roughness: 0.5 }),
];
