/** The bands that speech is measured in, their widths, and how values of octaves become values of thirds. */

/** Exact mid-band frequencies are 1000·10^(n/10) Hz (IEC 61260-1:2014, 5.3); these are their nominal names. */
export const OCTAVES_HZ = [250, 500, 1000, 2000, 4000] as const;
/** As above, n = −8…7: the thirds of the five octaves and the one below them. */
export const THIRDS_HZ = [
  160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000,
] as const;

/** Octaves of building acoustics and of speech transmission: the five and one on either side. */
export const WIDE_OCTAVES_HZ = [125, 250, 500, 1000, 2000, 4000, 8000] as const;

/** Bandwidths as 10·log10 of hertz: what a band level is above its spectrum level (ANSI S3.5-1997, tables 4 and 3), dB. */
export const OCTAVE_WIDTHS_DB: readonly number[] = OCTAVES_HZ.map((_, i) => 22.48 + 3 * i);
export const THIRD_WIDTHS_DB: readonly number[] = THIRDS_HZ.map((_, i) => 15.65 + i);

/**
 * Value at frequency `hz` of what is known at neighbouring octaves, the lowest at `firstHz`: linear in log2 f between their
 * centres, flat beyond the ends (ACOUSTICS §3.7). For what does not grow with bandwidth: level differences, spectrum
 * levels, signal-to-noise ratios. All values are finite.
 */
export function betweenOctaves(octaves: readonly number[], firstHz: number, hz: number): number {
  const { below, share } = placeBetween(octaves.length, firstHz, hz);
  return octaves[below]! + share * (octaves[below + 1]! - octaves[below]!);
}

/** Between which of so many octaves a frequency lies, and how far along. */
function placeBetween(octaves: number, firstHz: number, hz: number): { below: number; share: number } {
  const last = octaves - 1;
  const position = clip(Math.log2(hz / firstHz), 0, last);
  const below = Math.min(last - 1, Math.floor(position));
  return { below, share: position - below };
}

/** Values known at the five octaves, at the 16 thirds, as `betweenOctaves`. Throws a RangeError unless there are five. */
export function thirdsFromOctaves(octaves: readonly number[]): number[] {
  requireBands(octaves, OCTAVES_HZ.length);
  return THIRD_PLACES.map(({ below, share }) => octaves[below]! + share * (octaves[below + 1]! - octaves[below]!));
}

/** Third-octave levels of a sound known by its five octave levels, dB: spectrum levels interpolated (ACOUSTICS §3.7). */
export function thirdLevelsFromOctaves(octaveLevels: readonly number[]): number[] {
  const spectrum = octaveLevels.map((level, i) => level - OCTAVE_WIDTHS_DB[i]!);
  return thirdsFromOctaves(spectrum).map((level, i) => level + THIRD_WIDTHS_DB[i]!);
}

/** Throws a RangeError unless there is one value per band: a spectrum of other bands would give a plausible number. */
export function requireBands(values: readonly unknown[], bands: number): void {
  if (values.length !== bands) throw new RangeError(`${values.length} values for ${bands} bands`);
}

/** Arithmetic mean; of levels only where a standard says so, as for speech privacy. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** `value`, at least `low` and at most `high`. */
export const clip = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Of each third between the five octaves. */
const THIRD_PLACES = THIRDS_HZ.map((hz) => placeBetween(OCTAVES_HZ.length, OCTAVES_HZ[0], hz));
