/** The gateway's only source of time; pure folders get times as data. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "#protocol/quantities.ts";

export interface Clock {
  now(): Millis;
  /** Resolves after `ms` of this clock's time; at once, with an AbortError, when the signal fires. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
};

/** A clock that is moved by hand: for tests, and for replaying recorded time at any speed. */
export interface HandClock extends Clock {
  /** Moves time forward and wakes whoever waited for a moment that has passed, in order. Never moves back. */
  advanceTo(at: Millis): void;
}

export function handClock(start: Millis): HandClock {
  let now = start;
  const waiting: { at: Millis; wake: () => void }[] = [];
  return {
    now: () => now,
    wait(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const entry = { at: now + ms, wake: resolve };
        waiting.push(entry);
        signal?.addEventListener("abort", () => {
          const index = waiting.indexOf(entry);
          if (index >= 0) waiting.splice(index, 1);
          reject(signal.reason);
        });
      });
    },
    advanceTo(at) {
      if (at <= now) return;
      now = at;
      const due = waiting.filter((w) => w.at <= now).sort((a, b) => a.at - b.at);
      for (const entry of due) {
        waiting.splice(waiting.indexOf(entry), 1);
        entry.wake();
      }
    },
  };
}
