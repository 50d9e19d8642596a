/** A set of windows, numbered along time, that is kept as a short text: runs [from, to) of consecutive numbers. */
export type Runs = readonly (readonly [from: number, to: number])[];

export function runsOf(windows: Iterable<number>): [number, number][] {
  const runs: [number, number][] = [];
  for (const window of [...windows].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === window) last[1]++;
    else runs.push([window, window + 1]);
  }
  return runs;
}

export function windowsOf(runs: Runs): Set<number> {
  const windows = new Set<number>();
  for (const [from, to] of runs) for (let window = from; window < to; window++) windows.add(window);
  return windows;
}
