/** A device whose clock is wrong: what it believes the time to be. Whole seconds, as the device's windows are. */
import type { Millis } from "#protocol/quantities.ts";
import { type Fault, faultAt } from "./fault.ts";

/** The time the device believes it is at the true time `t`; the run began at `start`. */
export function deviceTime(faults: readonly Fault[], start: Millis): (t: Millis) => Millis {
  const wrong = faults.filter(({ kind }) => kind === "skew" || kind === "jump");
  if (wrong.length === 0) return (t) => t;
  return (t) => {
    const seconds = (faultAt(wrong, "skew", t - start)?.amount ?? 0) + (faultAt(wrong, "jump", t - start)?.amount ?? 0);
    return t + Math.round(seconds) * 1000;
  };
}
