/**
 * Is this second speech? Features and weights of ACOUSTICS §5.2. Nothing here depends on the absolute level.
 */
import { createRealFft } from "#firmware/dsp/fft.ts";
import { createNoiseFloor } from "./floor.ts";
import { createFramer, FRAME, FRAMES_PER_SECOND, SAMPLE_RATE_HZ } from "./frames.ts";
import { createModulationMeter } from "./modulation.ts";
import { createVoicingMeter } from "./voicing.ts";

export interface SpeechDetector {
  /** Takes the next samples, 16 kHz, in pascal, in a block of any length. Allocates nothing. */
  process(block: Float32Array): void;
  reset(): void;
}

/**
 * `onSecond` is called with the probability of speech, 0–1, as soon as each 16 000th sample has been taken: the n-th call
 * belongs to samples 16 000·n … 16 000·n + 15 999 and rests on the two seconds that end with them, so a talker's first
 * second counts half and the second after their last still half.
 */
export function createSpeechDetector(onSecond: (probability: number) => void): SpeechDetector {
  const fft = createRealFft(FRAME);
  const re = new Float64Array(FRAME / 2 + 1);
  const im = new Float64Array(FRAME / 2 + 1);
  const power = new Float64Array(FRAME / 2 + 1);
  const floor = createNoiseFloor();
  const voicing = createVoicingMeter();
  const modulation = createModulationMeter();
  const recent = createRecent();
  const framer = createFramer((frame) => {
    fft.forward(frame, re, im);
    for (let k = 0; k < power.length; k++) power[k] = (re[k]! ** 2 + im[k]! ** 2) / FRAME;
    const band = bandPower(power);
    floor.add(levelOf(band));
    const { peak, pitchHz } = voicing(power);
    recent.add(band, peak, pitchHz);
  });
  let samples = 0;
  return {
    process(block) {
      let from = 0;
      while (from < block.length) {
        const to = Math.min(block.length, from + SAMPLE_RATE_HZ - samples);
        framer.process(block, from, to);
        samples += to - from;
        from = to;
        if (samples < SAMPLE_RATE_HZ) continue;
        samples = 0;
        onSecond(recent.probability(floor.floor(), modulation));
      }
    },
    reset() {
      samples = 0;
      framer.reset();
      floor.reset();
      recent.reset();
    },
  };
}

const BIN_HZ = SAMPLE_RATE_HZ / FRAME;
/** Far below any microphone's own noise, so that digital silence has a level; Pa². */
const LEAST_POWER = 4e-11;
const levelOf = (power: number) => 10 * Math.log10(power + LEAST_POWER);

function bandPower(power: Float64Array): number {
  let sum = 0;
  for (let k = Math.ceil(250 / BIN_HZ); k <= 4000 / BIN_HZ; k++) sum += power[k]!;
  return (2 * sum) / FRAME;
}

const WINDOW = Math.floor(2 * FRAMES_PER_SECOND);

/** The scalars of the last two seconds. */
function createRecent() {
  const band = new Float64Array(WINDOW);
  const peak = new Float64Array(WINDOW);
  const semitones = new Float64Array(WINDOW);
  const envelope = new Float64Array(WINDOW);
  const sorted = new Float64Array(WINDOW);
  let next = 0;
  let count = 0;
  return {
    add(power: number, voicing: number, pitchHz: number) {
      band[next] = power;
      peak[next] = voicing;
      semitones[next] = 12 * Math.log2(pitchHz / 100);
      next = (next + 1) % WINDOW;
      count = Math.min(count + 1, WINDOW);
    },
    reset() {
      next = 0;
      count = 0;
    },
    probability(floor: number, modulation: ReturnType<typeof createModulationMeter>): number {
      let mean = 0;
      for (let n = 0; n < count; n++) {
        const power = band[(next - count + n + WINDOW) % WINDOW]!;
        envelope[n] = Math.sqrt(power);
        sorted[n] = levelOf(power);
        mean += power / count;
      }
      sorted.fill(Number.POSITIVE_INFINITY, count).sort();
      const rise = sorted[Math.floor(0.9 * count)]! - floor;
      if (rise < 3) return 0;
      let voiced = 0;
      let low = 0;
      let pairs = 0;
      let moving = 0;
      let before = Number.NaN;
      for (let n = 0; n < count; n++) {
        const i = (next - count + n + WINDOW) % WINDOW;
        if (band[i]! < 0.5 * mean) low++;
        const isVoiced = peak[i]! > 0.45 && levelOf(band[i]!) - floor > 4;
        if (isVoiced) {
          voiced++;
          const step = Math.abs(semitones[i]! - before);
          if (!Number.isNaN(before)) pairs++;
          if (step > 0.15 && step < 1.5) moving++;
        }
        before = isVoiced ? semitones[i]! : Number.NaN;
      }
      const slope = pairs > 4 ? moving / pairs : 0;
      const { ratio, depth } = modulation(envelope.subarray(0, count));
      return sigmoid(
        -2.1 -
          0.03 * Math.min(20, rise) +
          (0.8 * voiced) / count +
          5.3 * ratio -
          0.6 * Math.min(1.2, depth) -
          (0.4 * low) / count +
          2.9 * slope,
      );
    },
  };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
