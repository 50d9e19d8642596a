/**
 * The boundary during one conversation: windows one after another, in segments between which a door opened or closed. A window
 * that contradicts the segment by more than 3 dB waits for a second one that agrees with it; an overwhelming one does not wait.
 */
import { bandLeak, estimateLeak, type LeakEstimate, type LeakSums, mergeLeak, noLeak } from "./leak.ts";

/** A jump of the level difference, dB, as a factor of energy. */
const JUMP = 10 ** 0.3;
/** Standard errors beyond the jump: of a window that waits for a second one, and of one that is enough. */
const SUSPECT_Z = 3;
const CERTAIN_Z = 8;

export interface EpisodeLeak {
  /** Sums of the current segment, and of the windows that contradict it. */
  readonly segment: LeakSums;
  readonly suspect: { readonly sums: LeakSums; readonly direction: Direction } | null;
  /** Segments so far, the current one included. */
  readonly segments: number;
}

/** How the boundary has become: `open` lets more through. */
type Direction = "open" | "closed";

export const freshEpisode: EpisodeLeak = { segment: noLeak, suspect: null, segments: 1 };

/** One more window of the same conversation. */
export function stepEpisode(episode: EpisodeLeak, window: LeakSums): EpisodeLeak {
  const jump = jumpOf(episode.segment, window);
  if (jump === null) {
    const sums = episode.suspect ? mergeLeak(episode.suspect.sums, window) : window;
    return { ...episode, segment: mergeLeak(episode.segment, sums), suspect: null };
  }
  const second = episode.suspect?.direction === jump.direction ? episode.suspect : null;
  const sums = second ? mergeLeak(second.sums, window) : window;
  if (second || jump.z >= CERTAIN_Z) return { segment: sums, suspect: null, segments: episode.segments + 1 };
  return { ...episode, suspect: { sums, direction: jump.direction } };
}

/** Of the current segment; a suspect window does not count until it is confirmed or cleared. */
export const estimateEpisode = (episode: EpisodeLeak): LeakEstimate => estimateLeak(episode.segment);

/** Whether the window differs from the segment by more than the jump, over all octaves together. */
function jumpOf(segment: LeakSums, window: LeakSums): { direction: Direction; z: number } | null {
  let [open, closed, octaves] = [0, 0, 0];
  for (const [k, sums] of segment.entries()) {
    const old = bandLeak(sums);
    const now = bandLeak(window[k]!);
    if (old === null || now === null) continue;
    octaves++;
    const before = Math.max(old.h, 0);
    open += (now.h - before * JUMP) / Math.hypot(now.se, old.se * JUMP);
    closed += (before / JUMP - now.h) / Math.hypot(now.se, old.se / JUMP);
  }
  if (octaves === 0) return null;
  const [direction, z]: [Direction, number] = open > closed ? ["open", open] : ["closed", closed];
  return z / Math.sqrt(octaves) > SUSPECT_Z ? { direction, z: z / Math.sqrt(octaves) } : null;
}
