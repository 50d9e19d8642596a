/**
 * Sums and means of levels. Levels are never added or averaged as numbers: the energies are (ACOUSTICS, conventions).
 * An energy here is a mean-square pressure relative to p0², so a level is 10·log10 of it.
 */

/** Energy of a level: 10^(L/10). */
export const energyOf = (levelDb: number): number => 10 ** (levelDb / 10);

/** Level of an energy; -Infinity for silence. */
export const levelOf = (energy: number): number => 10 * Math.log10(energy);

/** Energetic sum of levels, dB. */
export const addLevels = (levelsDb: readonly number[]): number =>
  levelOf(levelsDb.reduce((sum, level) => sum + energyOf(level), 0));

/** Energetic mean of levels, dB; with `weights` (durations) the equivalent level of unequal periods. */
export function meanLevel(levelsDb: readonly number[], weights?: readonly number[]): number {
  let energy = 0;
  let total = 0;
  for (let i = 0; i < levelsDb.length; i++) {
    const weight = weights?.[i] ?? 1;
    energy += weight * energyOf(levelsDb[i]!);
    total += weight;
  }
  return levelOf(energy / total);
}

/** Energetic difference: what is left of `total` when `part` is taken out, dB (70 minus 60 is 69.54). */
export const subtractLevel = (totalDb: number, partDb: number): number => levelOf(energyOf(totalDb) - energyOf(partDb));
