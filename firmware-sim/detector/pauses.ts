/** How the level of 128 ms varied in the last ten seconds: talk swings widely and comes to rest often. */
import { FRAMES_PER_SECOND } from "./frames.ts";

const MEAN_FRAMES = 8;
const MEANS = Math.floor((10 * FRAMES_PER_SECOND) / MEAN_FRAMES);
/** A mean rise below this is a pause, dB. */
const PAUSE_DB = 3;
const FEWEST = 5;

export interface PauseMeter {
  /** Takes the next frame's rise above the noise, dB. */
  add(rise: number): void;
  /** Level exceeded in 10 % of the means over that exceeded in 90 %, dB. */
  swing(): number;
  /** Share of the means that are pauses. */
  share(): number;
  reset(): void;
}

export function createPauseMeter(): PauseMeter {
  const means = new Float64Array(MEANS);
  const sorted = new Float64Array(MEANS);
  let heard = 0;
  let frames = 0;
  let sum = 0;
  const count = () => Math.min(heard, MEANS);
  return {
    add(rise) {
      sum += rise;
      if (++frames < MEAN_FRAMES) return;
      means[heard++ % MEANS] = sum / MEAN_FRAMES;
      frames = 0;
      sum = 0;
    },
    swing() {
      if (count() < FEWEST) return 0;
      sorted.set(means);
      sorted.fill(Number.POSITIVE_INFINITY, count()).sort();
      return sorted[Math.floor(0.9 * count())]! - sorted[Math.floor(0.1 * count())]!;
    },
    share() {
      if (count() < FEWEST) return 0;
      let pauses = 0;
      for (let n = 0; n < count(); n++) if (means[n]! < PAUSE_DB) pauses++;
      return pauses / count();
    },
    reset() {
      heard = 0;
      frames = 0;
      sum = 0;
    },
  };
}
