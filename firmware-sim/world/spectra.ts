/**
 * Spectra of sources, ventilation and boundaries, in one-third octaves. Energies are mean squares in Pa² for sound at a
 * place, and the same number at "0 dB of 1 m² absorption" for a source's power, so that power × field gain = mean square.
 */
import { aWeightingDb } from "#firmware/dsp/a-weighting.ts";
import { band } from "#firmware/dsp/bands.ts";
import { P0_SQUARED, THIRDS_HZ } from "#firmware/dsp/second.ts";
import { addLevels, energyOf } from "#protocol/decibel.ts";

/** Bands of the sums below: 50 Hz to 6.3 kHz, all that 16 kHz sampling carries of A-weighted sound. */
const FIRST = -13;
const LAST = 8;
/** Third of the first value of `Bands`: 160 Hz. */
export const FIRST_READ = -8;

/**
 * Sound as the world adds it up: 16 values for the thirds 160 Hz–5 kHz, then the A-weighted rest outside them, all Pa².
 * One array of 17, so that one loop adds sources.
 */
export type Bands = Float64Array;
export const BANDS = THIRDS_HZ.length + 1;
export const REST = THIRDS_HZ.length;

/** Exact mid-band frequency of third `n`, 1000·10^(n/10) Hz. */
export const midBand = (n: number): number => band(n, 3).mid;
/** Mid-band frequencies of all the thirds that are summed, Hz: 50 Hz to 6.3 kHz. */
export const SUMMED_HZ: Float64Array<ArrayBuffer> = Float64Array.from({ length: LAST - FIRST + 1 }, (_, k) =>
  midBand(FIRST + k),
);
/** Width of a third, as a share of its mid-band frequency. */
export const THIRD_WIDTH = band(0, 3).high / 1000 - band(0, 3).low / 1000;

/** A-weighting of each value of `Bands` as a factor on energy; the rest is weighted already. */
export const A_FACTORS: Bands = Float64Array.from({ length: BANDS }, (_, i) =>
  i === REST ? 1 : energyOf(aWeightingDb(midBand(FIRST_READ + i))),
);

/** A-weighted mean square of a sound, Pa². */
export function aWeighted(bands: Bands): number {
  let sum = 0;
  for (let i = 0; i < BANDS; i++) sum += bands[i]! * A_FACTORS[i]!;
  return sum;
}

/** Eight values in dB, by octave from 63 Hz to 8 kHz. */
export type Octaves = readonly number[];

/** Values at each of `SUMMED_HZ`, at any frequency: linear over log f between them, flat beyond the ends. */
export function betweenThirds(values: Float64Array, hz: number): number {
  const position = Math.min(values.length - 1, Math.max(0, 10 * Math.log10(hz / 1000) - FIRST));
  const below = Math.min(values.length - 2, Math.floor(position));
  return values[below]! + (position - below) * (values[below + 1]! - values[below]!);
}

/** Octave values at any frequency: linear over log2 f between the centres, flat beyond the ends (ACOUSTICS §3.7). */
export function atFrequency(octaves: Octaves, hz: number): number {
  const position = Math.min(7, Math.max(0, Math.log2(hz / 1000) + 4));
  const below = Math.min(6, Math.floor(position));
  return octaves[below]! + (position - below) * (octaves[below + 1]! - octaves[below]!);
}

/** Level per hertz of a sound given by octave levels, dB re p0² per Hz, at any frequency. */
export function densityAt(octaveLevels: Octaves, hz: number): number {
  const densities = octaveLevels.map((level, i) => level - 10 * Math.log10(Math.SQRT1_2 * 62.5 * 2 ** i));
  return atFrequency(densities, hz);
}

/** Levels of the thirds FIRST…LAST of a sound given by octave levels, dB; the three of an octave sum to its level. */
function thirdLevels(octaveLevels: Octaves): number[] {
  const raw = (n: number) => densityAt(octaveLevels, midBand(n)) + 10 * Math.log10(THIRD_WIDTH * midBand(n));
  return Array.from({ length: LAST - FIRST + 1 }, (_, i) => {
    const n = FIRST + i;
    const octave = Math.round(n / 3);
    const sum = addLevels([3 * octave - 1, 3 * octave, 3 * octave + 1].map(raw));
    return raw(n) + octaveLevels[octave + 4]! - sum;
  });
}

/** Bands of a sound given by octave levels, optionally through a filter (a factor on energy at each of `SUMMED_HZ`). */
export function bandsOf(octaveLevels: Octaves, gains?: Float64Array): Bands {
  const bands = new Float64Array(BANDS);
  for (const [k, level] of thirdLevels(octaveLevels).entries()) {
    const energy = P0_SQUARED * energyOf(level) * (gains?.[k] ?? 1);
    const i = FIRST + k - FIRST_READ;
    if (i >= 0 && i < REST) bands[i] = energy;
    else bands[REST]! += energy * energyOf(aWeightingDb(SUMMED_HZ[k]!));
  }
  return bands;
}

/** Sound power of a normal voice, dB by octave: ISO 3382-3's 1 m spectrum + 11 dB; 68.4 dBA (ACOUSTICS §7.1). 63 Hz is nothing. */
export const NORMAL_VOICE: Octaves = [40, 60.9, 65.3, 69.0, 63.0, 55.8, 49.8, 44.5];
/** What raising the voice adds, dB by octave: ANSI S3.5 raised minus normal (ACOUSTICS §3.1); 125 Hz as 250 Hz. */
const RAISING: Octaves = [0, 4.2, 4.23, 5.88, 8.85, 8.0, 7.45, 3.94];
export const RAISED_VOICE = NORMAL_VOICE.map((level, i) => level + RAISING[i]!);

/** A-weighted sound power of a normal and of a raised voice while speaking, Pa²·m². */
export const NORMAL_POWER = aWeighted(bandsOf(NORMAL_VOICE));
export const RAISED_POWER = aWeighted(bandsOf(RAISED_VOICE));

/** Octave levels moved together so that their A-weighted sum is `dba`. */
export function scaledTo(octaveLevels: Octaves, dba: number): Octaves {
  const offset = dba - 10 * Math.log10(aWeighted(bandsOf(octaveLevels)) / P0_SQUARED);
  return octaveLevels.map((level) => level + offset);
}

/** What of a normal voice makes up the rest: the share of each summed third in it, none for the thirds that are read. */
const SHARE_OF_REST: Float64Array = (() => {
  const whole = bandsOf(NORMAL_VOICE)[REST]!;
  const only = (third: number) => SUMMED_HZ.map((_, k) => (k === third ? 1 : 0));
  return SUMMED_HZ.map((_, k) => bandsOf(NORMAL_VOICE, only(k))[REST]! / whole);
})();

/** A filter (a factor on energy at each of `SUMMED_HZ`) as factors on `Bands`; the rest as if it were a normal voice's. */
export function bandGains(gains: Float64Array): Bands {
  const bands = new Float64Array(BANDS);
  for (let k = 0; k < gains.length; k++) {
    const i = FIRST + k - FIRST_READ;
    if (i >= 0 && i < REST) bands[i] = gains[k]!;
    else bands[REST]! += gains[k]! * SHARE_OF_REST[k]!;
  }
  return bands;
}

/** A MEMS microphone's own noise, white, 30 dBA (ACOUSTICS §7.6). */
export const SELF_NOISE: Octaves = scaledTo([0, 3, 6, 9, 12, 15, 18, 21], 30);
