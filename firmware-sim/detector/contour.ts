/**
 * The melody of what is voiced. A voice glides; an instrument holds its notes, steps between them at once, and keeps them on
 * the semitones of one tuning.
 */

/** Frames over which a held note is told from a glide: 96 ms. */
const REACH = 6;
/** Greatest step in semitones from frame to frame within one run. */
const STEP = 1.5;
const WINDOW = 125;
/** Voiced frames in which long-term figures forget half: some five seconds of talk. */
const MEMORY = 250;

export interface Contour {
  add(voiced: boolean, semitones: number): void;
  summary(): {
    moving: number;
    gliding: number;
    held: number;
    runLength: number;
    grid: number;
    spread: number;
    heldLong: number;
    voicedLong: number;
  };
  reset(): void;
}

export function createContour(): Contour {
  const pitch = new Float64Array(WINDOW);
  const result = { moving: 0, gliding: 0, held: 0, runLength: 0, grid: 0, spread: 0, heldLong: 0, voicedLong: 0 };
  let frames = 0;
  let cos = 0;
  let sin = 0;
  let weight = 0;
  let held = 0;
  let reached = 0;
  let voicedShare = 0;
  let run = 0;
  let before = 0;
  return {
    add(voiced, semitones) {
      voicedShare += ((voiced ? 1 : 0) - voicedShare) / 500;
      pitch[frames % WINDOW] = voiced ? semitones : Number.NaN;
      run = voiced && run > 0 && Math.abs(semitones - before) < STEP ? run + 1 : voiced ? 1 : 0;
      before = semitones;
      frames++;
      if (!voiced) return;
      const forget = 1 - 1 / MEMORY;
      cos = cos * forget + Math.cos(2 * Math.PI * semitones);
      sin = sin * forget + Math.sin(2 * Math.PI * semitones);
      weight = weight * forget + 1;
      if (run <= REACH) return;
      const reach = Math.abs(semitones - pitch[(frames - 1 - REACH + WINDOW) % WINDOW]!);
      held = held * forget + (reach < 0.2 ? 1 : 0);
      reached = reached * forget + 1;
    },
    summary() {
      const count = Math.min(frames, WINDOW);
      let pairs = 0;
      let moving = 0;
      let reaches = 0;
      let glides = 0;
      let holds = 0;
      let runs = 0;
      let inRuns = 0;
      let length = 0;
      let sum = 0;
      let squares = 0;
      let voiced = 0;
      for (let n = 0; n < count; n++) {
        const now = pitch[(frames - count + n) % WINDOW]!;
        const last = n > 0 ? pitch[(frames - count + n - 1) % WINDOW]! : Number.NaN;
        if (Number.isNaN(now)) {
          length = 0;
          continue;
        }
        voiced++;
        sum += now;
        squares += now * now;
        const step = Math.abs(now - last);
        if (!Number.isNaN(last)) {
          pairs++;
          if (step > 0.15 && step < STEP) moving++;
        }
        if (length > 0 && step < STEP) length++;
        else {
          length = 1;
          runs++;
        }
        inRuns++;
        if (length <= REACH) continue;
        const reach = Math.abs(now - pitch[(frames - count + n - REACH) % WINDOW]!);
        reaches++;
        if (reach < 0.2) holds++;
        else if (reach > 0.4) glides++;
      }
      result.moving = pairs > 4 ? moving / pairs : 0;
      result.gliding = reaches > 4 ? glides / reaches : 0;
      result.held = reaches > 4 ? holds / reaches : 0;
      result.runLength = runs > 0 ? inRuns / runs : 0;
      result.grid = weight > 0 ? (Math.hypot(cos, sin) / weight) * Math.min(1, weight / 100) : 0;
      result.spread = voiced > 4 ? Math.min(1, Math.sqrt(Math.max(0, squares / voiced - (sum / voiced) ** 2)) / 12) : 0;
      result.heldLong = reached > 20 ? held / reached : 0;
      result.voicedLong = voicedShare;
      return result;
    },
    reset() {
      frames = 0;
      cos = 0;
      sin = 0;
      weight = 0;
      held = 0;
      reached = 0;
      voicedShare = 0;
      run = 0;
    },
  };
}
