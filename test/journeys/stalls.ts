/**
 * When this process was not let run. A product that answers "within a second" does so by the time that it has: what a stalled
 * or crowded machine takes says nothing about it. What the process itself has worked in that time does count.
 */

const LOOK_MS = 10;

export interface Stalls extends Disposable {
  /** From one moment to another, ms UTC, without what the process has stood still between. */
  between(from: number, to: number): number;
}

export function watchStalls(): Stalls {
  const stalls: { readonly from: number; readonly until: number; readonly ms: number }[] = [];
  let last = Date.now();
  let worked = process.cpuUsage();
  const look = () => {
    const now = Date.now();
    const { user, system } = process.cpuUsage(worked);
    const ms = now - last - LOOK_MS - (user + system) / 1000;
    if (ms > 0) stalls.push({ from: last, until: now, ms });
    last = now;
    worked = process.cpuUsage();
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    between(from, to) {
      look();
      let stood = 0;
      for (let i = stalls.length - 1; i >= 0 && stalls[i]!.until > from; i--) {
        const { from: since, until, ms } = stalls[i]!;
        stood += Math.max(0, Math.min(ms, Math.min(until, to) - Math.max(since, from)));
      }
      return to - from - stood;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
