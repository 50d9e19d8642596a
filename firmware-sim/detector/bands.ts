/** Power in 17 bands about as wide as the ear's, and the noise in each that never goes away. */
import { FRAME, FRAMES_PER_SECOND, SAMPLE_RATE_HZ } from "./frames.ts";

const BIN_HZ = SAMPLE_RATE_HZ / FRAME;
const EDGES_HZ = [
  150, 250, 350, 450, 570, 700, 840, 1000, 1200, 1450, 1750, 2100, 2500, 3000, 3700, 4600, 5700, 7000,
] as const;
const EDGES = EDGES_HZ.map((hz) => Math.round(hz / BIN_HZ));
export const BANDS = EDGES.length - 1;

/** First bin of band `b`; its last one is before the first of `b + 1`. */
export const firstBin = (b: number): number => EDGES[b]!;

/** The band that holds this frequency. */
export const bandOf = (hz: number): number => EDGES_HZ.findLastIndex((edge) => edge <= hz);

/** Far below the noise of any microphone, so that digital silence has a level; Pa² per band. */
const LEAST_POWER = 4e-12;

/**
 * Fills `bands` with mean-square pressure, Pa², from the squared magnitudes of a frame of mean square weight one, and
 * answers their sum.
 */
export function bandPowers(power: Float64Array, bands: Float64Array): number {
  let total = 0;
  for (let b = 0; b < BANDS; b++) {
    let sum = 0;
    for (let k = EDGES[b]!; k < EDGES[b + 1]!; k++) sum += power[k]!;
    bands[b] = (2 * sum) / (FRAME * FRAME) + LEAST_POWER;
    total += bands[b]!;
  }
  return total;
}

const FRAMES_PER_MEAN = 8;
const MEAN_SECONDS = FRAMES_PER_MEAN / FRAMES_PER_SECOND;
const SPANS = 5;
const SPAN_MEANS = Math.round(4 / MEAN_SECONDS);

/**
 * Minimum statistics (Martin, IEEE Trans. Speech Audio Proc. 9(5), 2001): the least mean of 128 ms in the last 16–20 s,
 * raised by what the least of so many means lies below their expectation in stationary noise.
 */
export interface NoiseFloor {
  /** Noise power per band, Pa². */
  readonly power: Float64Array;
  add(bands: Float64Array): void;
  reset(): void;
}

export function createNoiseFloor(): NoiseFloor {
  const power = new Float64Array(BANDS);
  const sum = new Float64Array(BANDS);
  const least = new Float64Array(BANDS * SPANS);
  const bias = minimumBias();
  let frames = 0;
  let means = 0;
  let span = 0;

  const close = () => {
    for (let b = 0; b < BANDS; b++) {
      const at = span * BANDS + b;
      least[at] = Math.min(least[at]!, sum[b]! / frames);
      sum[b] = 0;
      let lowest = Number.POSITIVE_INFINITY;
      for (let s = 0; s < SPANS; s++) lowest = Math.min(lowest, least[s * BANDS + b]!);
      power[b] = lowest * bias[b]!;
    }
    frames = 0;
    if (++means < SPAN_MEANS) return;
    means = 0;
    span = (span + 1) % SPANS;
    least.fill(Number.POSITIVE_INFINITY, span * BANDS, (span + 1) * BANDS);
  };
  const reset = () => {
    least.fill(Number.POSITIVE_INFINITY);
    sum.fill(0);
    power.fill(0);
    frames = 0;
    means = 0;
    span = 0;
  };

  reset();
  return {
    power,
    add(bands) {
      // Until the first mean there is nothing better than the first frame.
      if (power[0] === 0) power.set(bands);
      for (let b = 0; b < BANDS; b++) sum[b]! += bands[b]!;
      if (++frames === FRAMES_PER_MEAN) close();
    },
    reset,
  };
}

/** The least of some hundred independent means lies about 2.6 standard deviations, 4.34/√(BT) dB each, below their mean. */
function minimumBias(): Float64Array {
  return Float64Array.from({ length: BANDS }, (_, b) => {
    const bandwidth = (EDGES[b + 1]! - EDGES[b]!) * BIN_HZ;
    return 10 ** ((2.6 * 4.34) / Math.sqrt(bandwidth * MEAN_SECONDS) / 10);
  });
}
