/** What an attentive listener makes of speech through a boundary: the uniformly weighted signal-to-noise ratio, and words. */
import { mean, requireBands, THIRDS_HZ, thirdsFromOctaves } from "./bands.ts";

/** A band in which speech lies this far below the noise carries nothing; further below counts no less, dB. */
const NOTHING_HEARD_DB = -32;

/**
 * SNR_uni, dB, at least −32: mean of speech minus noise over the 16 thirds 160–5000 Hz (Gover & Bradley 2004), from
 * third-octave levels at the listener, dB. Throws a RangeError on another number of bands.
 */
export function snrUni(speechLevels: readonly number[], noiseLevels: readonly number[]): number {
  requireBands(speechLevels, THIRDS_HZ.length);
  requireBands(noiseLevels, THIRDS_HZ.length);
  return clippedMean(speechLevels.map((level, i) => level - noiseLevels[i]!));
}

/** The same from the five octave levels 250–4000 Hz, dB: their differences interpolated to the thirds. */
export function snrUniOfOctaves(speechLevels: readonly number[], noiseLevels: readonly number[]): number {
  return clippedMean(thirdsFromOctaves(speechLevels.map((level, i) => level - noiseLevels[i]!)));
}

const clippedMean = (ratios: readonly number[]): number =>
  mean(ratios.map((ratio) => Math.max(NOTHING_HEARD_DB, ratio)));

/**
 * What an attentive listener makes of it (ACOUSTICS §3.2, §3.3, §9.3): by SNR_uni below −12 dB (−22 audible, −16 single
 * words), by SII5 above (0.31 intelligible, 0.52 clearly).
 */
export const HEARINGS = ["inaudible", "audible", "words", "partly", "intelligible", "clearly"] as const;
export type Hearing = (typeof HEARINGS)[number];

/** SNR_uni at which half of attentive listeners hear that somebody talks, and catch a word (Gover & Bradley 2004), dB. */
export const AUDIBLE_SNR_DB = -22;
export const WORDS_SNR_DB = -16;
/** SNR_uni above which confidential privacy is lost, dB: Privacy Index below 95 (ACOUSTICS §3.2). */
export const OVERHEARD_SNR_DB = -12;
/** SII5 of a Privacy Index of 80 and of 60: talk can be followed, and followed with ease (ACOUSTICS §3.2). */
export const INTELLIGIBLE_SII5 = 0.31;
export const CLEARLY_SII5 = 0.52;

/** What is heard at an SNR_uni in dB and an SII5 (0–1). Above −12 dB parts are understood whatever the index says. */
export function hearingOf(snr: number, sii5: number): Hearing {
  if (snr < AUDIBLE_SNR_DB) return "inaudible";
  if (snr < WORDS_SNR_DB) return "audible";
  if (snr <= OVERHEARD_SNR_DB) return "words";
  if (sii5 > CLEARLY_SII5) return "clearly";
  return sii5 > INTELLIGIBLE_SII5 ? "intelligible" : "partly";
}
