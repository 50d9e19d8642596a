/** The present, as a signal that ticks each second; everything that shows an age reads it. */
import { signal } from "@preact/signals";

export const nowMs = signal(Date.now());

/** Returns its undo. */
export function startClock(): () => void {
  const timer = setInterval(() => {
    nowMs.value = Date.now();
  }, 1000);
  return () => clearInterval(timer);
}
