/**
 * Speech Transmission Index, 0–1 (IEC 60268-16:2020, full method): how much of speech's modulation survives a room or a
 * boundary. It needs the impulse response or a modulated test signal, so it serves commissioning, never live measuring.
 *
 * A `Modulation` has one row per octave 125–8000 Hz and in it one value, 0–1, per modulation frequency 0.63–12.5 Hz.
 */
import { energyOf, levelOf } from "../decibel.ts";
import { clip, mean, requireBands, WIDE_OCTAVES_HZ } from "./bands.ts";

export type Modulation = readonly (readonly number[])[];

/** Modulation frequencies in each octave (A.2.2). */
export const MODULATION_HZ = [0.63, 0.8, 1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8, 10, 12.5] as const;

/** Weight of each octave, and what each shares with the next (table A.1, male speech). */
const WEIGHTS = [0.085, 0.127, 0.23, 0.233, 0.309, 0.224, 0.173];
const REDUNDANCIES = [0.085, 0.078, 0.065, 0.011, 0.047, 0.095];
/** Reception threshold of speech per octave, dB (table A.3). */
const RECEPTION_THRESHOLDS_DB = [46, 27, 12, 6.5, 7.5, 8, 12];
/** Spectrum of the test signal relative to 500 Hz, dB (A.6.1, male speech). */
export const STI_SPEECH_DB = [-2.5, 0.5, 0, -6, -12, -18, -24] as const;

/** What steady noise leaves of all modulation at a signal-to-noise ratio in dB, 0–1. */
export const modulationInNoise = (snr: number): number => 1 / (1 + energyOf(-snr));

/** What exponential decay leaves of modulation at `hz`, 0–1; `reverberation` is the time to −60 dB, s. */
export const modulationInReverberation = (hz: number, reverberation: number): number =>
  1 / Math.hypot(1, (2 * Math.PI * hz * reverberation) / 13.8);

/** Modulation that a room with these reverberation times, s, one per octave 125–8000 Hz, lets through. */
export function roomModulation(reverberation: readonly number[]): Modulation {
  requireBands(reverberation, WIDE_OCTAVES_HZ.length);
  return reverberation.map((time) => MODULATION_HZ.map((hz) => modulationInReverberation(hz, time)));
}

/**
 * What is left of `modulation` for a listener: background noise, masking by the next lower octave and the hearing threshold
 * take their share (A.5.3). Levels of speech and noise are octave levels 125–8000 Hz at the listener, dB.
 */
export function heardModulation(
  modulation: Modulation,
  speechLevels: readonly number[],
  noiseLevels: readonly number[],
): Modulation {
  for (const bands of [speechLevels, noiseLevels]) requireBands(bands, WIDE_OCTAVES_HZ.length);
  requireModulation(modulation);
  const total = speechLevels.map((level, k) => energyOf(level) + energyOf(noiseLevels[k]!));
  return modulation.map((row, k) => {
    const masking = k === 0 ? 0 : total[k - 1]! * energyOf(maskingDb(levelOf(total[k - 1]!)));
    const heard = energyOf(speechLevels[k]!) / (total[k]! + masking + energyOf(RECEPTION_THRESHOLDS_DB[k]!));
    return row.map((m) => m * heard);
  });
}

/** Level of an octave's masking in the next higher one relative to its own total level, dB (table A.2). */
export function maskingDb(level: number): number {
  if (level < 63) return 0.5 * level - 65;
  if (level < 67) return 1.8 * level - 146.9;
  return level < 100 ? 0.5 * level - 59.8 : -10;
}

/** The index of a modulation (A.5.4–A.5.6). Throws a RangeError unless it has 7 rows of 14. */
export function speechTransmissionIndex(modulation: Modulation): number {
  requireModulation(modulation);
  return indexOfOctaves(modulation.map((row) => mean(row.map(transmission))));
}

/** The index of the seven octaves' modulation transfer indices, each 0–1. */
export function indexOfOctaves(transfer: readonly number[]): number {
  requireBands(transfer, WIDE_OCTAVES_HZ.length);
  const weighted = WEIGHTS.reduce((sum, weight, k) => sum + weight * transfer[k]!, 0);
  const shared = REDUNDANCIES.reduce((sum, share, k) => sum + share * Math.sqrt(transfer[k]! * transfer[k + 1]!), 0);
  return clip(weighted - shared, 0, 1);
}

/** Transmission index of one modulation: its signal-to-noise ratio, from −15 to +15 dB, as 0–1. */
const transmission = (m: number): number => (clip(levelOf(m / (1 - m)), -15, 15) + 15) / 30;

function requireModulation(modulation: Modulation): void {
  requireBands(modulation, WIDE_OCTAVES_HZ.length);
  for (const row of modulation) requireBands(row, MODULATION_HZ.length);
}

const QUALIFICATIONS = ["U", "J", "I", "H", "G", "F", "E", "D", "C", "B", "A", "A+"] as const;
export type Qualification = (typeof QUALIFICATIONS)[number];

/** The letter of annex F: U below 0.36, then one letter per 0.04, A+ from 0.76. */
export function qualificationOf(sti: number): Qualification {
  const steps = Math.floor((sti - 0.36) / 0.04 + 1e-9) + 1;
  return QUALIFICATIONS[clip(steps, 0, QUALIFICATIONS.length - 1)]!;
}
