/** From samples to pascal (ACOUSTICS §1.5). A microphone's sensitivity is the level in dBFS of a 94 dB sine at 1 kHz. */

/** RMS pressure of 94 dB re 20 µPa, taken as exactly 1 Pa. */
const SINE_CREST = Math.SQRT2;

/** Sound pressure at a sample of 1.0, Pa. A full-scale sine is 0 dBFS, so 1 Pa RMS peaks at 10^(S/20). */
export const fullScalePascal = (sensitivityDbfs: number): number => SINE_CREST / 10 ** (sensitivityDbfs / 20);

/** From this share of full scale on a sample counts as clipped: 0.1 dB below it. */
export const CLIPPED_FROM = 10 ** (-0.1 / 20);

/**
 * A MEMS microphone like the ICS-43434: −26 dBFS at 94 dB, 64 dBA signal to noise (ACOUSTICS §1.5, §7.6). The INMP441 has
 * the same sensitivity and 3 dB more noise.
 */
export const MEMS_MICROPHONE = { sensitivityDbfs: -26, selfNoiseDba: 30 } as const;
