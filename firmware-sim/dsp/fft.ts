/**
 * Discrete Fourier transform of power-of-two length, X[k] = Σ x[n]·exp(−2πi·kn/N), unscaled. Tables are made once;
 * a call allocates nothing.
 *
 * Radix-4 decimation in time on bit-reversed input, with one radix-2 pass first where log2 N is odd
 * (Oppenheim & Schafer, Discrete-Time Signal Processing, ch. 9).
 */

export interface Fft {
  readonly size: number;
  /** Transforms `size` complex values in place. */
  forward(re: Float64Array, im: Float64Array): void;
}

export interface RealFft {
  readonly size: number;
  /**
   * Transforms `size` real values; `re` and `im` receive the size/2 + 1 values from 0 Hz to half the sample rate.
   * A real even sequence has a real even transform, so the autocorrelation of a frame is this transform of its
   * mirrored power spectrum, divided by `size`.
   */
  forward(x: Float64Array, re: Float64Array, im: Float64Array): void;
}

/** Throws a RangeError unless `size` is a power of two, 2 or more. */
export function createFft(size: number): Fft {
  const bits = Math.log2(size);
  if (!Number.isInteger(bits) || bits < 1) throw new RangeError(`an FFT of ${size} values: not a power of two`);
  const swaps = bitReversalSwaps(size, bits);
  const { cos, sin } = twiddles(size);
  return {
    size,
    forward(re, im) {
      permute(re, im, swaps);
      let quarter = 1;
      if (bits % 2 === 1) {
        radix2First(re, im, size);
        quarter = 2;
      }
      for (; quarter < size; quarter *= 4) radix4Pass(re, im, size, quarter, cos, sin);
    },
  };
}

/** A transform of N real values by one of N/2 complex ones. Throws a RangeError unless `size` is a power of two, 4 or more. */
export function createRealFft(size: number): RealFft {
  const half = size / 2;
  const fft = createFft(half);
  const { cos, sin } = twiddles(size);
  const zr = new Float64Array(half);
  const zi = new Float64Array(half);
  return {
    size,
    forward(x, re, im) {
      for (let n = 0; n < half; n++) {
        zr[n] = x[2 * n]!;
        zi[n] = x[2 * n + 1]!;
      }
      fft.forward(zr, zi);
      re[0] = zr[0]! + zi[0]!;
      im[0] = 0;
      re[half] = zr[0]! - zi[0]!;
      im[half] = 0;
      for (let k = 1; k < half; k++) {
        const evenRe = 0.5 * (zr[k]! + zr[half - k]!);
        const evenIm = 0.5 * (zi[k]! - zi[half - k]!);
        const oddRe = 0.5 * (zi[k]! + zi[half - k]!);
        const oddIm = 0.5 * (zr[half - k]! - zr[k]!);
        re[k] = evenRe + oddRe * cos[k]! - oddIm * sin[k]!;
        im[k] = evenIm + oddRe * sin[k]! + oddIm * cos[k]!;
      }
    },
  };
}

/** exp(−2πi·k/size) for every k that a pass asks for. */
function twiddles(size: number): { cos: Float64Array; sin: Float64Array } {
  const cos = new Float64Array(size);
  const sin = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / size);
    sin[k] = -Math.sin((2 * Math.PI * k) / size);
  }
  return { cos, sin };
}

/** Pairs of indices to swap, one after the other. */
function bitReversalSwaps(size: number, bits: number): Uint32Array {
  const pairs: number[] = [];
  for (let i = 0; i < size; i++) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) if (i & (1 << bit)) reversed |= 1 << (bits - 1 - bit);
    if (reversed > i) pairs.push(i, reversed);
  }
  return Uint32Array.from(pairs);
}

function permute(re: Float64Array, im: Float64Array, swaps: Uint32Array): void {
  for (let s = 0; s < swaps.length; s += 2) {
    const i = swaps[s]!;
    const j = swaps[s + 1]!;
    const r = re[i]!;
    re[i] = re[j]!;
    re[j] = r;
    const q = im[i]!;
    im[i] = im[j]!;
    im[j] = q;
  }
}

function radix2First(re: Float64Array, im: Float64Array, size: number): void {
  for (let i = 0; i < size; i += 2) {
    const r = re[i + 1]!;
    const q = im[i + 1]!;
    re[i + 1] = re[i]! - r;
    im[i + 1] = im[i]! - q;
    re[i] = re[i]! + r;
    im[i] = im[i]! + q;
  }
}

/** Joins transforms of length `quarter`, four and four. */
function radix4Pass(
  re: Float64Array,
  im: Float64Array,
  size: number,
  quarter: number,
  cos: Float64Array,
  sin: Float64Array,
): void {
  const stride = size / (4 * quarter);
  for (let j = 0; j < quarter; j++) {
    const c1 = cos[j * stride]!;
    const s1 = sin[j * stride]!;
    const c2 = cos[2 * j * stride]!;
    const s2 = sin[2 * j * stride]!;
    const c3 = cos[3 * j * stride]!;
    const s3 = sin[3 * j * stride]!;
    for (let a = j; a < size; a += 4 * quarter) {
      const b = a + quarter;
      const c = b + quarter;
      const d = c + quarter;
      // Bit reversal puts the quarters in the order 0, 2, 1, 3.
      const br = re[b]! * c2 - im[b]! * s2;
      const bi = re[b]! * s2 + im[b]! * c2;
      const cr = re[c]! * c1 - im[c]! * s1;
      const ci = re[c]! * s1 + im[c]! * c1;
      const dr = re[d]! * c3 - im[d]! * s3;
      const di = re[d]! * s3 + im[d]! * c3;
      const sumR = re[a]! + br;
      const sumI = im[a]! + bi;
      const differenceR = re[a]! - br;
      const differenceI = im[a]! - bi;
      const oddSumR = cr + dr;
      const oddSumI = ci + di;
      const oddDifferenceR = cr - dr;
      const oddDifferenceI = ci - di;
      re[a] = sumR + oddSumR;
      im[a] = sumI + oddSumI;
      re[b] = differenceR + oddDifferenceI;
      im[b] = differenceI - oddDifferenceR;
      re[c] = sumR - oddSumR;
      im[c] = sumI - oddSumI;
      re[d] = differenceR - oddDifferenceI;
      im[d] = differenceI + oddDifferenceR;
    }
  }
}
