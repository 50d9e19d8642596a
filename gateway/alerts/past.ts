/** What a watch remembers of its alerts that are over, and what that means for the next one. */
import type { Millis } from "#protocol/quantities.ts";
import type { Transition } from "./alert.ts";
import { CONTINUATION_MS, REARM_MS } from "./rules.ts";

/** An alert that is over. */
export interface Past {
  readonly start: Millis;
  readonly end: Millis;
  readonly fired: boolean;
}

const KEPT = 32;

/** In order of start, with the alert that `resolved` ended; bounded. */
export function remember(past: readonly Past[], { at, alert }: Transition): readonly Past[] {
  const one: Past = { start: alert.startedAt, end: at, fired: alert.firedAt !== null };
  return [...past, one].sort((a, b) => a.start - b.start).slice(-KEPT);
}

/**
 * Start and fire time of an alert about a conversation that began at `start`, opened at `at`. An alert's start names it:
 * a conversation that goes on after its alert ended is told under the time it was taken up again.
 */
export function opening(past: readonly Past[], start: Millis, at: Millis, afterMs: Millis) {
  const startedAt = past.some((one) => one.start === start) ? at : start;
  return { startedAt, fireAt: Math.max(startedAt + waitFor(past, startedAt, afterMs), at) };
}

/** How long a conversation lasts before it is told: long, when what came just before it was told already. */
export function waitFor(past: readonly Past[], start: Millis, afterMs: Millis): Millis {
  const continues = past.some(({ fired, start: told, end }) => fired && told <= start && start < end + REARM_MS);
  return continues ? Math.max(CONTINUATION_MS, afterMs) : afterMs;
}
