/**
 * An integrating sound level meter with A-weighting, Fast time weighting and thirds: pressure at 16 kHz in, what one
 * UTC second was out. The seconds do not depend on how the samples were cut into blocks.
 */
import { A_WEIGHTING_16_KHZ } from "./a-weighting.ts";
import { createBiquadCascade } from "./biquad.ts";
import { CLIPPED_FROM } from "./calibration.ts";
import { LAF_PER_SECOND, type Second, THIRDS_HZ } from "./second.ts";
import { createThirdOctaveBank } from "./third-octave-bank.ts";
import { FAST_S, timeWeight } from "./time-weighting.ts";

export const SECOND_SAMPLES = 16_000;
const LAF_SAMPLES = SECOND_SAMPLES / LAF_PER_SECOND;
/** Samples worked on at once, 25 ms: five chunks to each LAF. The meter remembers no sample for longer. */
export const CHUNK = 400;

/** Pole of the DC block; −3 dB at 6 Hz (ACOUSTICS §1.5). */
const DC_POLE = 0.9976;
const FAST = timeWeight(FAST_S, SECOND_SAMPLES);
/** Pa²; −140 dB. Below this the time-weighted square is silence (see biquad.ts). */
const SILENCE = 4e-24;

/** A second's levels, before its time and its speech are known. */
export type Levels = Required<Omit<Second, "t" | "speech">>;

export interface LevelMeter {
  /** Samples still missing to the end of the second, 1–16000. */
  remaining(): number;
  /** Hears pressure in Pa. Throws a RangeError when the block reaches beyond the second. */
  process(block: Float32Array): void;
  /** What the second was; begins the next. Throws an Error before its end. */
  close(): Levels;
}

/** `fullScale` is the pressure at the microphone's full scale, Pa. */
export function createLevelMeter(fullScale: number): LevelMeter {
  const clipAt = fullScale * CLIPPED_FROM;
  const chunk = new Float64Array(CHUNK);
  const weighting = createBiquadCascade(A_WEIGHTING_16_KHZ);
  const bank = createThirdOctaveBank(CHUNK);
  const laf = new Float64Array(LAF_PER_SECOND);
  let heard = 0;
  let previous = 0;
  let blocked = 0;
  let fast = 0;
  let lafMax = 0;
  let squares = 0;
  let offset = 0;
  let clipped = false;

  /** Takes out DC and looks for clipping; answers how many samples it took into the chunk. */
  function condition(block: Float32Array, from: number): number {
    const filled = heard % CHUNK;
    const length = Math.min(CHUNK - filled, block.length - from);
    let x1 = previous;
    let y = blocked;
    let sum = offset;
    let peak = 0;
    for (let n = 0; n < length; n++) {
      const sample = block[from + n]!;
      // One faulty number would stay in the filters for ever.
      const x = Number.isFinite(sample) ? sample : 0;
      peak = Math.max(peak, Math.abs(x));
      sum += x;
      y = x - x1 + DC_POLE * y;
      x1 = x;
      chunk[filled + n] = y;
    }
    previous = x1;
    blocked = y;
    offset = sum;
    clipped ||= peak >= clipAt;
    return length;
  }

  /** Measures a full chunk. */
  function measure(): void {
    bank.process(chunk);
    weighting.process(chunk, CHUNK);
    let weighted = fast;
    let greatest = lafMax;
    let sum = squares;
    for (let n = 0; n < CHUNK; n++) {
      const square = chunk[n]! * chunk[n]!;
      sum += square;
      weighted += FAST * (square - weighted);
      greatest = Math.max(greatest, weighted);
    }
    fast = weighted < SILENCE ? 0 : weighted;
    lafMax = greatest;
    squares = sum;
    if (Math.abs(blocked) < SILENCE) blocked = 0;
    if (heard % LAF_SAMPLES === 0) laf[heard / LAF_SAMPLES - 1] = fast;
  }

  return {
    remaining: () => SECOND_SAMPLES - heard,
    process(block) {
      if (block.length > SECOND_SAMPLES - heard) throw new RangeError("the block reaches beyond the second");
      for (let from = 0; from < block.length; ) {
        const taken = condition(block, from);
        from += taken;
        heard += taken;
        if (heard % CHUNK === 0) measure();
      }
    },
    close() {
      if (heard !== SECOND_SAMPLES)
        throw new Error(`the second is not over: ${SECOND_SAMPLES - heard} samples missing`);
      const thirds = new Float64Array(THIRDS_HZ.length);
      bank.take(SECOND_SAMPLES, thirds);
      const levels: Levels = {
        thirds,
        a: squares / SECOND_SAMPLES,
        laf: laf.slice(),
        lafMax,
        clipped,
        dc: offset / SECOND_SAMPLES / fullScale,
      };
      heard = 0;
      lafMax = 0;
      squares = 0;
      offset = 0;
      clipped = false;
      return levels;
    },
  };
}
