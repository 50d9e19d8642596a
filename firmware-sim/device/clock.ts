/** The device's source of time for retries and back-off. What is heard brings its own time. */
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
