/** How an office's sounds look within a second: the audio world multiplies shaped noise by these. */
import type { Random } from "./random.ts";
import { DOOR, KEYBOARD, PRINTER, RING, STEPS, VACUUM } from "./tracks.ts";

const SAMPLES = 16_000;

/** Fills `envelope` (one second) with amplitudes of mean square one for the sound of this bit. */
export function shapeSound(bit: number, envelope: Float32Array, random: Random): void {
  envelope.fill(0);
  if (bit === KEYBOARD) addBursts(envelope, random.integer(4, 8), 0.005, 2.5, random);
  else if (bit === DOOR) addBursts(envelope, 1, 0.06, 0, random);
  else if (bit === STEPS) addBursts(envelope, 2, 0.025, 1.5, random);
  else if (bit === PRINTER) hum(envelope, 7, 0.5);
  else if (bit === RING) hum(envelope, 20, 0.8);
  else if (bit === VACUUM) hum(envelope, 3, 0.1);
  normalise(envelope);
}

function normalise(envelope: Float32Array): void {
  let sum = 0;
  for (const amplitude of envelope) sum += amplitude * amplitude;
  const gain = Math.sqrt(SAMPLES / sum);
  for (let n = 0; n < SAMPLES; n++) envelope[n]! *= gain;
}

/** Strokes spread over the second, each dying away with a time constant, some harder than others. */
function addBursts(envelope: Float32Array, count: number, decayS: number, spreadDb: number, random: Random): void {
  const step = Math.exp(-1 / (decayS * SAMPLES));
  for (let i = 0; i < count; i++) {
    const from = Math.floor(((i + 0.8 * random.uniform()) / count) * SAMPLES);
    let amplitude = 10 ** ((spreadDb * random.gaussian()) / 20);
    for (let n = from; n < SAMPLES && amplitude > 1e-3; n++) {
      envelope[n]! += amplitude;
      amplitude *= step;
    }
  }
}

/** Steady with a beat. */
function hum(envelope: Float32Array, beatHz: number, depth: number): void {
  for (let n = 0; n < SAMPLES; n++) envelope[n] = 1 + depth * Math.sin((2 * Math.PI * beatHz * n) / SAMPLES);
}

/** Music as an envelope: a beat of two a second, each dying away, over a ground that goes on. */
export function shapeMusic(envelope: Float32Array, random: Random): void {
  envelope.fill(0.4);
  addBursts(envelope, 2, 0.15, 1, random);
  normalise(envelope);
}

/** The tones of a telephone, mean square one: two partials and what lies above them. */
export function ringTone(out: Float32Array): void {
  const partials = [
    [1050, 0.6],
    [2100, 1],
    [4200, 0.4],
  ] as const;
  const gain = Math.sqrt(2 / partials.reduce((sum, [, a]) => sum + a * a, 0));
  for (let n = 0; n < SAMPLES; n++) {
    let sum = 0;
    for (const [hz, amplitude] of partials) sum += amplitude * Math.sin((2 * Math.PI * hz * n) / SAMPLES);
    out[n] = gain * sum;
  }
}
