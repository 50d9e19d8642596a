/** The port every sound source implements: WAV file, PCM on stdin, the world in audio. */

export const SAMPLE_RATE_HZ = 16_000;

export interface Microphone {
  /**
   * Sound pressure in pascal at 16 kHz, in blocks of any length, in order; ends when the source ends.
   * The block may be reused: whoever needs it after asking for the next one copies it.
   */
  blocks(): AsyncIterable<Float32Array>;
}
