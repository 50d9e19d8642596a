/**
 * `stats`: what five minutes were like in one-third octaves. Thirds leave a device only as statistics over at least 60 s
 * (DESIGN §4), so fewer speech seconds than that give no speech spectrum, and fewer others no background.
 */
import { exceededLevel } from "#firmware/dsp/percentile.ts";
import { LAF_PER_SECOND, P0_SQUARED, type Second, THIRDS_HZ } from "#firmware/dsp/second.ts";
import { STATS_WINDOW_S } from "#protocol/cadence.ts";
import { levelOf } from "#protocol/decibel.ts";
import { LevelDb, ThirdDb } from "#protocol/quantities.ts";
import { createAlignedWindow } from "./aligned-window.ts";
import { SPEECH_FROM } from "./level.ts";
import { quantiser } from "./quantiser.ts";
import type { Reading } from "./reading.ts";

/** A third-octave statistic rests on at least this many seconds. */
export const FEWEST_SECONDS = 60;
/** A window of which fewer seconds were heard (a start, a clock set anew) is not said. */
const FEWEST_HEARD = 0.9 * STATS_WINDOW_S;
const THIRDS = THIRDS_HZ.length;

const levelDb = quantiser(LevelDb);
const thirdDb = quantiser(ThirdDb);

export interface StatsWindow {
  /** Answers the reading with the last second of a window of which at least nine tenths were heard. */
  add(second: Second): Reading<"stats"> | null;
  clear(): void;
}

export function createStatsWindow(): StatsWindow {
  const window = createAlignedWindow(STATS_WINDOW_S);
  const laf = new Float64Array(STATS_WINDOW_S * LAF_PER_SECOND);
  const speech = createSpeechSpectrum();
  const background = createBackgroundSpectrum();
  let squares = 0;
  return {
    add(second) {
      const heard = window.enter(second.t);
      if (heard === 1) {
        squares = 0;
        speech.clear();
        background.clear();
      }
      squares += second.a;
      laf.set(second.laf, (heard - 1) * LAF_PER_SECOND);
      if (second.speech >= SPEECH_FROM) speech.add(second.thirds);
      else background.add(second.thirds);
      if (!window.endsWith(second.t) || heard < FEWEST_HEARD) return null;
      const exceeded = (x: number) => levelDb(exceededLevel(x, laf, heard * LAF_PER_SECOND));
      const body = {
        t: window.start(),
        speechSeconds: speech.seconds(),
        speech: speech.levels(),
        background: background.levels(),
        laeq: levelDb(levelOf(squares / heard / P0_SQUARED)),
        l10: exceeded(10),
        l50: exceeded(50),
        l90: exceeded(90),
      };
      return { channel: "stats", body };
    },
    clear: () => window.clear(),
  };
}

/** Energy mean per third over the speech seconds. */
function createSpeechSpectrum() {
  const sums = new Float64Array(THIRDS);
  let seconds = 0;
  return {
    add(thirds: Float64Array) {
      for (let i = 0; i < THIRDS; i++) sums[i]! += thirds[i]!;
      seconds++;
    },
    seconds: () => seconds,
    levels: (): number[] | null =>
      seconds < FEWEST_SECONDS ? null : Array.from(sums, (sum) => thirdDb(levelOf(sum / seconds / P0_SQUARED))),
    clear() {
      sums.fill(0);
      seconds = 0;
    },
  };
}

/** L90 per third over the other seconds. */
function createBackgroundSpectrum() {
  const series = Array.from({ length: THIRDS }, () => new Float64Array(STATS_WINDOW_S));
  let seconds = 0;
  return {
    add(thirds: Float64Array) {
      for (let i = 0; i < THIRDS; i++) series[i]![seconds] = thirds[i]!;
      seconds++;
    },
    levels: (): number[] | null =>
      seconds < FEWEST_SECONDS ? null : series.map((third) => thirdDb(exceededLevel(90, third, seconds))),
    clear() {
      seconds = 0;
    },
  };
}
