/**
 * The melody of what is voiced. A voice glides; an instrument holds its notes, steps between them at once, and keeps them on
 * the semitones of one tuning (for pitch statistics of music and speech see Patel, Music, Language, and the Brain, 2008).
 */
import { FRAMES_PER_SECOND } from "./frames.ts";

const WINDOW = Math.floor(2 * FRAMES_PER_SECOND);
/** Frames over which a glide is told from a held note: 96 ms. */
const REACH = 6;
const GLIDE = 0.4;
/** Steps from frame to frame, semitones: a glide's least, and the greatest within one run. */
const LEAST_STEP = 0.15;
const GREATEST_STEP = 1.5;
/** What fewer voiced frames than this say of the two seconds counts less. */
const FEWEST = 15;
/** Voiced frames, and frames of any kind, after which the tuning is all but forgotten (1/e). */
const VOICED_MEMORY = 250;
const MEMORY = 15 * FRAMES_PER_SECOND;
/** Voiced frames before the tuning counts in full. */
const ENOUGH = 100;
const SHARE_MEMORY = 8 * FRAMES_PER_SECOND;

export interface Melody {
  /** Share of the voiced steps of 16 ms that move by 0.15–1.5 semitones. */
  moving: number;
  /** Share of the voiced stretches of 96 ms that end more than 0.4 semitones from their start. */
  gliding: number;
  /** Mean length of voiced runs, frames. */
  run: number;
  /** Standard deviation of the pitch, semitones. */
  spread: number;
  /** Concentration of the last pitches on one grid of semitones, 0–1: the length of their mean phase. */
  grid: number;
  /** Share of the last frames that were voiced. */
  voiced: number;
}

export interface Contour {
  add(voiced: boolean, semitones: number): void;
  /** Over the last two seconds, tuning and share over longer. Writes into one `Melody` that it keeps. */
  melody(): Melody;
  reset(): void;
}

export function createContour(): Contour {
  const pitch = new Float64Array(WINDOW);
  const grid = createGrid();
  const result: Melody = { moving: 0, gliding: 0, run: 0, spread: 0, grid: 0, voiced: 0 };
  let frames = 0;
  let voicedShare = 0;
  return {
    add(voiced, semitones) {
      pitch[frames % WINDOW] = voiced ? semitones : Number.NaN;
      grid.add(voiced, semitones);
      voicedShare += ((voiced ? 1 : 0) - voicedShare) / SHARE_MEMORY;
      frames++;
    },
    melody() {
      const count = Math.min(frames, WINDOW);
      measureMovement(pitch, frames - count, count, result);
      measureSpread(pitch, count, result);
      result.grid = grid.concentration();
      result.voiced = voicedShare;
      return result;
    },
    reset() {
      frames = 0;
      voicedShare = 0;
      grid.reset();
    },
  };
}

function measureMovement(pitch: Float64Array, first: number, count: number, into: Melody): void {
  let voiced = 0;
  let steps = 0;
  let moves = 0;
  let stretches = 0;
  let glides = 0;
  let runs = 0;
  let length = 0;
  let before = Number.NaN;
  for (let n = 0; n < count; n++) {
    const now = pitch[(first + n) % WINDOW]!;
    const step = Math.abs(now - before);
    before = now;
    if (Number.isNaN(now)) {
      length = 0;
      continue;
    }
    voiced++;
    if (!Number.isNaN(step)) steps++;
    if (step > LEAST_STEP && step < GREATEST_STEP) moves++;
    if (length > 0 && step < GREATEST_STEP) length++;
    else {
      length = 1;
      runs++;
    }
    if (length <= REACH) continue;
    stretches++;
    if (Math.abs(now - pitch[(first + n - REACH) % WINDOW]!) > GLIDE) glides++;
  }
  into.moving = moves / Math.max(FEWEST, steps);
  into.gliding = glides / Math.max(FEWEST, stretches);
  into.run = runs > 0 ? voiced / runs : 0;
}

function measureSpread(pitch: Float64Array, count: number, into: Melody): void {
  let voiced = 0;
  let sum = 0;
  let squares = 0;
  for (let n = 0; n < count; n++) {
    const now = pitch[n]!;
    if (Number.isNaN(now)) continue;
    voiced++;
    sum += now;
    squares += now * now;
  }
  const deviation = voiced > 0 ? Math.sqrt(Math.max(0, squares / voiced - (sum / voiced) ** 2)) : 0;
  into.spread = deviation * Math.min(1, voiced / FEWEST);
}

/** Mean direction of the pitches' places between semitones. */
function createGrid() {
  const ageing = 1 - 1 / MEMORY;
  const replacing = 1 - 1 / VOICED_MEMORY;
  let cos = 0;
  let sin = 0;
  let weight = 0;
  return {
    add(voiced: boolean, semitones: number) {
      const keep = voiced ? ageing * replacing : ageing;
      cos = keep * cos + (voiced ? Math.cos(2 * Math.PI * semitones) : 0);
      sin = keep * sin + (voiced ? Math.sin(2 * Math.PI * semitones) : 0);
      weight = keep * weight + (voiced ? 1 : 0);
    },
    concentration: () => (weight > 0 ? (Math.hypot(cos, sin) / weight) * Math.min(1, weight / ENOUGH) : 0),
    reset() {
      cos = 0;
      sin = 0;
      weight = 0;
    },
  };
}
