/** Windows that begin at whole multiples of their length since 1970, UTC, so that all devices' windows are the same. */
import type { Millis } from "#protocol/quantities.ts";

const SECOND_MS = 1000;

export interface AlignedWindow {
  /** A second is heard; answers how many of its window have been, this one included. 1: a new window has begun. */
  enter(t: Millis): number;
  /** This second is the window's last one. */
  endsWith(t: Millis): boolean;
  /** Start of the window entered last. */
  start(): Millis;
  clear(): void;
}

export function createAlignedWindow(lengthS: number): AlignedWindow {
  const length = lengthS * SECOND_MS;
  let start = Number.NaN;
  let heard = 0;
  return {
    enter(t) {
      const begins = t - (t % length);
      if (begins !== start) heard = 0;
      start = begins;
      return ++heard;
    },
    endsWith: (t) => t + SECOND_MS === start + length,
    start: () => start,
    clear() {
      start = Number.NaN;
    },
  };
}
