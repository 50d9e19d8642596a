/**
 * A device whose clock is wrong: what it believes the time to be, and which sound it takes for which second. A clock that
 * is 0.25 s ahead begins each of its seconds with the last quarter of the true one before.
 */
import type { Second } from "#firmware/dsp/second.ts";
import type { Millis } from "#protocol/quantities.ts";
import { type Fault, faultAt } from "./fault.ts";

const SECOND_MS = 1000;
const CLOCK_FAULTS = ["skew", "drift", "jump"] as const;

/** How far the device's clock is ahead, ms; negative when it is behind. Elapsed in ms after the start of the run. */
export const clockAhead = (faults: readonly Fault[], elapsed: number): Millis =>
  CLOCK_FAULTS.reduce((sum, kind) => sum + Math.round(SECOND_MS * (faultAt(faults, kind, elapsed)?.amount ?? 0)), 0);

/** The part of it that the device knows, ms. */
export const knownClockAhead = (faults: readonly Fault[], elapsed: number): Millis =>
  SECOND_MS * (faultAt(faults, "drift", elapsed)?.amount ?? 0);

/** Whether such a clock is ever wrong. */
export const hasClockFault = (faults: readonly Fault[]): boolean =>
  faults.some(({ kind }) => (CLOCK_FAULTS as readonly string[]).includes(kind));

/** The time the device believes it is at the true time `t`; the run began at `start`. */
export const deviceTime =
  (faults: readonly Fault[], start: Millis): ((t: Millis) => Millis) =>
  (t) =>
    t + clockAhead(faults, t - start);

/** The last of the device's seconds that is over when the true second that starts at `t` is. */
export interface DeviceSecond {
  /** When it starts, by the device's clock. */
  readonly t: Millis;
  /** When it truly ends. */
  readonly endsAt: Millis;
  /** How much of it lies before `t`, 0–1. */
  readonly before: number;
}

export function deviceSecond(t: Millis, ahead: Millis): DeviceSecond {
  const whole = Math.floor(ahead / SECOND_MS) * SECOND_MS;
  const part = ahead - whole;
  return { t: t + whole, endsAt: t + SECOND_MS - part, before: part / SECOND_MS };
}

/** Divides the sound of true seconds anew. A second whose predecessor was not heard is taken for the whole. */
export function createDivider(): (second: Second, device: DeviceSecond) => Second {
  let previous: Second | undefined;
  return (second, { t, before }) => {
    const earlier = previous?.t === second.t - SECOND_MS ? previous : second;
    if (before > 0) previous = { ...second, thirds: second.thirds.slice(), laf: second.laf.slice() };
    return before > 0 ? { ...blend(earlier, second, before), t } : { ...second, t };
  };
}

/** The second that begins with the last `before` (0–1) of the earlier one. */
function blend(earlier: Second, later: Second, before: number): Second {
  const mix = (one: number, other: number) => before * one + (1 - before) * other;
  const eighths = Math.round(before * later.laf.length);
  const laf = new Float64Array(later.laf.length);
  laf.set(earlier.laf.subarray(laf.length - eighths));
  laf.set(later.laf.subarray(0, laf.length - eighths), eighths);
  return {
    ...later,
    thirds: later.thirds.map((energy, i) => mix(earlier.thirds[i]!, energy)),
    a: mix(earlier.a, later.a),
    laf,
    lafMax: Math.max(...laf, before > 0.5 ? earlier.lafMax : later.lafMax),
    speech: mix(earlier.speech, later.speech),
    clipped: earlier.clipped || later.clipped,
  };
}
