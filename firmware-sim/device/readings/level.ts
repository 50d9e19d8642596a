/** `level`: ten seconds of A-weighted sound, and the background of the last sixty. */
import { exceededLevel } from "#firmware/dsp/percentile.ts";
import { LAF_PER_SECOND, P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import { LEVEL_WINDOW_S } from "#protocol/cadence.ts";
import { levelOf } from "#protocol/decibel.ts";
import { LevelDb, Ratio10 } from "#protocol/quantities.ts";
import { createAlignedWindow } from "./aligned-window.ts";
import { quantiser } from "./quantiser.ts";
import type { Reading } from "./reading.ts";

/** From this probability on a second counts as speech. */
export const SPEECH_FROM = 0.5;
const BACKGROUND_S = 60;
/** A level this close to the microphone's own noise is that noise as much as the room's, dB. */
const NOISE_MARGIN_DB = 3;

const levelDb = quantiser(LevelDb);
const ratio = quantiser(Ratio10);
const soundLevel = (meanSquare: number) => levelOf(meanSquare / P0_SQUARED);

export interface LevelWindow {
  /** Answers the reading when this second completes ten that were all heard. */
  add(second: Second): Reading<"level"> | null;
  clear(): void;
}

/** `selfNoiseDba` is the microphone's equivalent input noise. */
export function createLevelWindow(selfNoiseDba: number): LevelWindow {
  const window = createAlignedWindow(LEVEL_WINDOW_S);
  const background = createBackground();
  let squares = 0;
  let greatest = 0;
  let speech = 0;
  let clipped = false;
  return {
    add(second) {
      const heard = window.enter(second.t);
      if (heard === 1) {
        squares = 0;
        greatest = 0;
        speech = 0;
        clipped = false;
      }
      squares += second.a;
      greatest = Math.max(greatest, second.lafMax);
      if (second.speech >= SPEECH_FROM) speech++;
      clipped ||= second.clipped;
      background.add(second);
      if (heard < LEVEL_WINDOW_S) return null;
      const laeq = soundLevel(squares / LEVEL_WINDOW_S);
      const body = {
        t: window.start(),
        laeq: levelDb(laeq),
        lafmax: levelDb(soundLevel(greatest)),
        l90: levelDb(background.l90(second.t)),
        speechRatio: ratio(speech / LEVEL_WINDOW_S),
        noiseLimited: laeq < selfNoiseDba + NOISE_MARGIN_DB,
        clipped,
      };
      return { channel: "level", body };
    },
    clear() {
      window.clear();
      background.clear();
    },
  };
}

/** LAF of the last sixty seconds, or of those of them that were heard. */
function createBackground() {
  const laf = new Float64Array(BACKGROUND_S * LAF_PER_SECOND);
  const times = new Float64Array(BACKGROUND_S).fill(Number.NEGATIVE_INFINITY);
  const chosen = new Float64Array(laf.length);
  return {
    add({ t, laf: eighths }: Second) {
      const place = (t / 1000) % BACKGROUND_S;
      times[place] = t;
      laf.set(eighths, place * LAF_PER_SECOND);
    },
    /** L90 of the sixty seconds that end with the second `t`. */
    l90(t: number): number {
      const since = t - BACKGROUND_S * 1000;
      let missing = 0;
      for (let place = 0; place < BACKGROUND_S; place++) if (times[place]! <= since) missing++;
      if (missing === 0) {
        chosen.set(laf);
        return exceededLevel(90, chosen);
      }
      let count = 0;
      for (let place = 0; place < BACKGROUND_S; place++) {
        if (times[place]! <= since) continue;
        for (let i = 0; i < LAF_PER_SECOND; i++) chosen[count++] = laf[place * LAF_PER_SECOND + i]!;
      }
      return exceededLevel(90, chosen, count);
    },
    clear() {
      times.fill(Number.NEGATIVE_INFINITY);
    },
  };
}
