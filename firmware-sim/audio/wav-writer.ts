/** Mono 16-bit PCM as a WAV file's bytes. */

const HEADER_BYTES = 44;

/** `samples` have full scale ±1; what lies beyond is clipped. */
export function wavBytes(samples: Float32Array, rate: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const word = (at: number, letters: string) => bytes.set(Buffer.from(letters, "latin1"), at);
  word(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  for (let n = 0; n < samples.length; n++) {
    const counts = Math.round(samples[n]! * 2 ** 15);
    view.setInt16(HEADER_BYTES + 2 * n, Math.max(-(2 ** 15), Math.min(2 ** 15 - 1, counts)), true);
  }
  return bytes;
}
