/** Calibrated levels for recorded sounds (ACOUSTICS §7.6). */

const FRAME = 320;

function frameEnergies(samples: Float32Array): number[] {
  const energies: number[] = [];
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
    let sum = 0;
    for (let n = at; n < at + FRAME; n++) sum += samples[n]! ** 2;
    energies.push(sum / FRAME);
  }
  return energies;
}

/** Mean square over the 20 ms frames within 30 dB of the loudest: the active level in the manner of ITU-T P.56. */
function activeMeanSquare(samples: Float32Array): number {
  const energies = frameEnergies(samples);
  const loudest = Math.max(0, ...energies);
  const active = energies.filter((energy) => energy > loudest / 1000);
  return active.length === 0 ? 0 : active.reduce((sum, energy) => sum + energy, 0) / active.length;
}

/** Factor that brings `samples` to an active level of `levelDb`, in pascal; 0 for silence. */
export function gainTo(levelDb: number, samples: Float32Array): number {
  const meanSquare = activeMeanSquare(samples);
  return meanSquare > 0 ? (2e-5 * 10 ** (levelDb / 20)) / Math.sqrt(meanSquare) : 0;
}

/** Without the silence before and after: what lies more than 30 dB below the loudest 20 ms. */
export function trimmed(samples: Float32Array): Float32Array {
  const energies = frameEnergies(samples);
  const threshold = Math.max(0, ...energies) / 1000;
  const first = energies.findIndex((energy) => energy > threshold);
  const last = energies.findLastIndex((energy) => energy > threshold);
  return first < 0 ? samples.subarray(0, 0) : samples.subarray(first * FRAME, (last + 1) * FRAME);
}
