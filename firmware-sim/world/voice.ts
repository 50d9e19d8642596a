/** Voices as the audio world needs them: speech without silence around it, at a known level. */
import { A_WEIGHTING_16_KHZ } from "#firmware/dsp/a-weighting.ts";
import { createBiquadCascade } from "#firmware/dsp/biquad.ts";
import { atFrequency, NORMAL_VOICE, type Octaves, RAISED_VOICE } from "./spectra.ts";
import { filtered, impulseResponse } from "./spectral-filter.ts";

/** Utterances of one person, mono at 16 kHz, in any scale. Recordings are handed in as data; none is in the project. */
export interface Voice {
  readonly utterances: readonly Float32Array[];
}

/** One voice made ready: its utterances one after another, A-weighted mean square 1 while speaking. */
export interface Tape {
  readonly normal: Float32Array;
  readonly raised: Float32Array;
}

const FRAME = 320;
/** Frames this far below the loudest do not count as speech, dB. */
const ACTIVE_WITHIN_DB = 30;

/**
 * A-weighted mean square of the frames (20 ms) within 30 dB of the loudest: active speech level, after ITU-T P.56. Weighted,
 * because recordings differ in their bass by more than voices do in what carries speech.
 */
export function activeMeanSquare(samples: Float32Array): number {
  const energies = frameEnergies(samples);
  const least = Math.max(...energies) * 10 ** (-ACTIVE_WITHIN_DB / 10);
  const weighted = Float64Array.from(samples);
  createBiquadCascade(A_WEIGHTING_16_KHZ).process(weighted, weighted.length);
  const active = frameEnergies(weighted).filter((_, f) => energies[f]! > least);
  return active.reduce((sum, energy) => sum + energy, 0) / Math.max(1, active.length);
}

function frameEnergies(samples: Float32Array | Float64Array): number[] {
  return Array.from({ length: Math.floor(samples.length / FRAME) }, (_, f) => {
    let sum = 0;
    for (let n = f * FRAME; n < (f + 1) * FRAME; n++) sum += samples[n]! ** 2;
    return sum / FRAME;
  });
}

/** An utterance without the silence before and after it. */
function trimmed(samples: Float32Array): Float32Array {
  const energies = frameEnergies(samples);
  const least = Math.max(...energies) * 10 ** (-ACTIVE_WITHIN_DB / 10);
  const first = energies.findIndex((energy) => energy > least);
  const last = energies.findLastIndex((energy) => energy > least);
  return first < 0 ? new Float32Array(0) : samples.subarray(first * FRAME, (last + 1) * FRAME);
}

/** Makes a voice ready. Throws a RangeError when it says nothing. */
export function createTape(voice: Voice): Tape {
  const parts = voice.utterances.map((utterance) => levelled(trimmed(utterance)));
  const normal = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    normal.set(part, at);
    at += part.length;
  }
  if (normal.length < 16_000) throw new RangeError("a voice needs at least a second of speech");
  return { normal, raised: levelled(filtered(normal, RAISING)) };
}

function levelled(samples: Float32Array): Float32Array {
  const gain = 1 / Math.sqrt(activeMeanSquare(samples) || 1);
  return samples.map((sample) => sample * gain);
}

const tilt: Octaves = RAISED_VOICE.map((level, i) => level - NORMAL_VOICE[i]!);
const RAISING = impulseResponse((hz) => atFrequency(tilt, hz));
