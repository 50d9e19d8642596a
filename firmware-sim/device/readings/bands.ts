/** `bands`: ten one-second frames of five octaves, said only while the gateway's lease allows every one of them. */
import { octavesOf } from "#firmware/dsp/bands.ts";
import { P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import { BANDS_WINDOW_S } from "#protocol/cadence.ts";
import { levelOf } from "#protocol/decibel.ts";
import { type Millis, OctaveDb } from "#protocol/quantities.ts";
import { Bands } from "#protocol/readings.ts";
import { createAlignedWindow } from "./aligned-window.ts";
import { SPEECH_FROM } from "./level.ts";
import { quantiser } from "./quantiser.ts";
import type { Reading } from "./reading.ts";

const octaveDb = quantiser(OctaveDb);
const clockErrorMs = quantiser(Bands.shape.clockError);

export interface BandsWindow {
  /**
   * Answers the reading when this second completes ten that were all heard under a lease. `leaseUntil` is the lease's
   * end, null without one; `clockError` an estimate in ms.
   */
  add(second: Second, leaseUntil: Millis | null, clockError: number): Reading<"bands"> | null;
  clear(): void;
}

export function createBandsWindow(): BandsWindow {
  const window = createAlignedWindow(BANDS_WINDOW_S);
  let levels: number[][] = [];
  let speech: boolean[] = [];
  const clear = () => {
    window.clear();
    levels = [];
    speech = [];
  };
  return {
    add(second, leaseUntil, clockError) {
      if (leaseUntil === null || second.t + 1000 > leaseUntil) {
        clear();
        return null;
      }
      if (window.enter(second.t) === 1) {
        levels = [];
        speech = [];
      }
      levels.push(Array.from(octavesOf(second.thirds), (octave) => octaveDb(levelOf(octave / P0_SQUARED))));
      speech.push(second.speech >= SPEECH_FROM);
      if (levels.length < BANDS_WINDOW_S) return null;
      return {
        channel: "bands",
        body: { t: window.start(), levels, speech, clockError: clockErrorMs(clockError) },
      };
    },
    clear,
  };
}
