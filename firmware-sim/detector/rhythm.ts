/**
 * How regular the onsets are: rings, knocks, printers and most music repeat, talk does not. The highest peak of the onset
 * strength's autocorrelation, for periods of 0.2–1.5 s (Scheirer, JASA 103, 1998).
 */
import { createRealFft } from "#firmware/dsp/fft.ts";

const FRAMES = 500;
const SIZE = 1024;
const SHORTEST = 12;
const LONGEST = 94;

export interface RhythmMeter {
  /** Takes the next frame's level, dB. */
  add(level: number): void;
  /** 0–1 over the last 8 s. */
  peak(): number;
  reset(): void;
}

export function createRhythmMeter(): RhythmMeter {
  const onsets = new Float64Array(FRAMES);
  const fft = createRealFft(SIZE);
  const x = new Float64Array(SIZE);
  const re = new Float64Array(SIZE / 2 + 1);
  const im = new Float64Array(SIZE / 2 + 1);
  let frames = 0;
  let last = 0;
  let lastButOne = 0;
  return {
    add(level) {
      onsets[frames % FRAMES] = frames < 2 ? 0 : Math.max(0, level - lastButOne);
      lastButOne = last;
      last = level;
      frames++;
    },
    peak() {
      const count = Math.min(frames, FRAMES);
      if (count < 2 * LONGEST) return 0;
      let mean = 0;
      for (let n = 0; n < count; n++) mean += onsets[n]! / count;
      x.fill(0);
      for (let n = 0; n < count; n++) x[n] = onsets[(frames - count + n) % FRAMES]! - mean;
      fft.forward(x, re, im);
      for (let k = 0; k <= SIZE / 2; k++) {
        const power = re[k]! ** 2 + im[k]! ** 2;
        x[k] = power;
        if (k > 0) x[SIZE - k] = power;
      }
      fft.forward(x, re, im);
      if (re[0]! <= 0) return 0;
      let best = 0;
      for (let lag = SHORTEST; lag <= LONGEST; lag++)
        best = Math.max(best, (re[lag]! / re[0]!) * (count / (count - lag)));
      return Math.min(1, best);
    },
    reset() {
      frames = 0;
    },
  };
}
