/**
 * Insulation between two rooms as measured in the building (ISO 16283-1:2014), per band, dB. `difference` is D: energy mean
 * level in the source room minus that in the receiving room, without its background.
 */
import { subtractLevel } from "../decibel.ts";

/** Reverberation time that dwellings and offices are referred to, s. */
const REFERENCE_REVERBERATION_S = 0.5;

/** The room that the sound comes into: volume in m³, reverberation time in s. */
export interface ReceivingRoom {
  readonly volume: number;
  readonly reverberation: number;
}

/** Equivalent absorption area by Sabine's formula, m². */
export const absorptionArea = ({ volume, reverberation }: ReceivingRoom): number => (0.16 * volume) / reverberation;

/** DnT = D + 10·log10(T / 0.5 s), dB. */
export const standardisedDifference = (difference: number, reverberation: number): number =>
  difference + 10 * Math.log10(reverberation / REFERENCE_REVERBERATION_S);

/** R' = D + 10·log10(S / A), dB, of a common boundary of `area` m². */
export const apparentReduction = (difference: number, area: number, room: ReceivingRoom): number =>
  difference + 10 * Math.log10(area / absorptionArea(room));

/** D that a boundary with the apparent reduction index R' lets be measured, dB: the inverse of `apparentReduction`. */
export const differenceThrough = (reduction: number, area: number, room: ReceivingRoom): number =>
  reduction - 10 * Math.log10(area / absorptionArea(room));

/** Least distance from the background at which it need not be taken out, and at which it still can be, dB (9.2). */
const CLEAR_OF_BACKGROUND_DB = 10;
const ABOVE_BACKGROUND_DB = 6;
/** What is taken off nearer to the background than that, dB. */
const LIMITED_CORRECTION_DB = 1.3;

/**
 * Level in the receiving room without its background, dB. `limited`: too near to the background to tell; the signal is at
 * most this loud, so an insulation calculated from it is a lower bound.
 */
export function withoutBackground(level: number, background: number): { level: number; limited: boolean } {
  const above = level - background;
  if (above >= CLEAR_OF_BACKGROUND_DB) return { level, limited: false };
  if (above > ABOVE_BACKGROUND_DB) return { level: subtractLevel(level, background), limited: false };
  return { level: level - LIMITED_CORRECTION_DB, limited: true };
}
