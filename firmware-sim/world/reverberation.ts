/**
 * A room as an impulse response: the direct sound and a diffuse tail, Gaussian noise under an exponential decay
 * (Polack's model: Kuttruff, Room Acoustics, ch. 4), and the convolution that puts a sound into it.
 */
import { createRealFft } from "#firmware/dsp/fft.ts";
import type { Random } from "./random.ts";

const SAMPLE_RATE_HZ = 16_000;

export interface RoomResponse {
  /** Time in which the tail falls by 60 dB, s. */
  readonly rt60: number;
  /** Energy of the direct sound over that of the tail, dB; 0 at the critical distance, lower farther away. */
  readonly directToReverberantDb: number;
}

/**
 * Impulse response at 16 kHz, `rt60` seconds long, of energy one: what goes through it keeps its mean level.
 * The tail starts 2 ms after the direct sound.
 */
export function roomImpulseResponse(room: RoomResponse, random: Random): Float64Array {
  const response = new Float64Array(Math.max(64, Math.round(room.rt60 * SAMPLE_RATE_HZ)));
  const onset = Math.round(0.002 * SAMPLE_RATE_HZ);
  const decay = Math.LN10 * (3 / (room.rt60 * SAMPLE_RATE_HZ));
  let energy = 0;
  for (let n = onset; n < response.length; n++) {
    response[n] = random.gaussian() * Math.exp(-decay * n);
    energy += response[n]! ** 2;
  }
  const direct = 10 ** (room.directToReverberantDb / 10);
  const tail = Math.sqrt(1 / ((1 + direct) * energy));
  for (let n = onset; n < response.length; n++) response[n]! *= tail;
  response[0] = Math.sqrt(direct / (1 + direct));
  return response;
}

export interface Convolver {
  /** Samples per block. */
  readonly block: number;
  /** Convolves one block, in place and without delay; the tail comes out in the blocks that follow. */
  process(samples: Float32Array): void;
}

/**
 * Convolution with `response`, block by block: uniformly partitioned overlap-save
 * (Wefers, Partitioned convolution algorithms for real-time auralization, 2015, ch. 5). `block` is a power of two.
 */
export function createConvolver(response: Float64Array, block = 1024): Convolver {
  const fft = createRealFft(2 * block);
  const bins = block + 1;
  const parts = Math.max(1, Math.ceil(response.length / block));
  const input = new Float64Array(2 * block);
  const [filterRe, filterIm] = partitionSpectra(response, block, parts);
  const pastRe = new Float64Array(parts * bins);
  const pastIm = new Float64Array(parts * bins);
  const re = new Float64Array(bins);
  const im = new Float64Array(bins);
  const output = createInverse(block);
  let newest = 0;
  return {
    block,
    process(samples) {
      if (samples.length !== block) throw new RangeError(`a block of ${samples.length} samples, not ${block}`);
      input.copyWithin(0, block);
      for (let n = 0; n < block; n++) input[block + n] = samples[n]!;
      newest = (newest + parts - 1) % parts;
      fft.forward(
        input,
        pastRe.subarray(newest * bins, (newest + 1) * bins),
        pastIm.subarray(newest * bins, (newest + 1) * bins),
      );
      re.fill(0);
      im.fill(0);
      for (let p = 0; p < parts; p++) {
        const past = ((newest + p) % parts) * bins;
        for (let k = 0; k < bins; k++) {
          const a = pastRe[past + k]!;
          const b = pastIm[past + k]!;
          const c = filterRe[p * bins + k]!;
          const d = filterIm[p * bins + k]!;
          re[k]! += a * c - b * d;
          im[k]! += a * d + b * c;
        }
      }
      output(re, im, samples);
    },
  };
}

function partitionSpectra(response: Float64Array, block: number, parts: number): [Float64Array, Float64Array] {
  const fft = createRealFft(2 * block);
  const bins = block + 1;
  const re = new Float64Array(parts * bins);
  const im = new Float64Array(parts * bins);
  const padded = new Float64Array(2 * block);
  for (let p = 0; p < parts; p++) {
    padded.fill(0);
    padded.set(response.subarray(p * block, (p + 1) * block));
    fft.forward(padded, re.subarray(p * bins, (p + 1) * bins), im.subarray(p * bins, (p + 1) * bins));
  }
  return [re, im];
}

/** Inverse transform of a half spectrum; writes the second half of the real result, the part free of wrap-around. */
function createInverse(block: number): (re: Float64Array, im: Float64Array, out: Float32Array) => void {
  const size = 2 * block;
  const fft = createRealFft(size);
  // x = Σ X·e^{+jωn}/N. With H = Re X − Im X as a real sequence (the Hartley transform), Re and Im of its forward
  // transform give x back: x[n] = (Re F[n] − Im F[n]) / N.
  const hartley = new Float64Array(size);
  const fr = new Float64Array(block + 1);
  const fi = new Float64Array(block + 1);
  return (re, im, out) => {
    hartley[0] = re[0]!;
    hartley[block] = re[block]!;
    for (let k = 1; k < block; k++) {
      hartley[k] = re[k]! - im[k]!;
      hartley[size - k] = re[k]! + im[k]!;
    }
    fft.forward(hartley, fr, fi);
    for (let n = block; n < size; n++) {
      const mirrored = size - n;
      // F of a real sequence at n > N/2 is the conjugate of F at N − n.
      out[n - block] = (fr[mirrored]! + fi[mirrored]!) / size;
    }
  };
}
