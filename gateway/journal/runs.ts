/**
 * Which sequence numbers have been received: sorted, disjoint, inclusive runs in one flat list
 * [from, to, from, to, …]. In order, a number only extends the last run.
 */
export type Runs = number[];

/**
 * Only a broken or hostile device leaves this many gaps. The oldest run after the first is then forgotten: its messages
 * would be taken a second time, which history overwrites; nothing is ever claimed that was not received.
 */
export const MAX_RUNS = 1024;

/** Adds `seq` in place; false when it was there before. */
export function add(runs: Runs, seq: number): boolean {
  const at = firstRunEndingFrom(runs, seq);
  const from = runs[at];
  if (from !== undefined && from <= seq) return false;
  const joinsBefore = at > 0 && runs[at - 1] === seq - 1;
  const joinsAfter = from === seq + 1;
  if (joinsBefore && joinsAfter) runs.splice(at - 1, 2);
  else if (joinsBefore) runs[at - 1] = seq;
  else if (joinsAfter) runs[at] = seq;
  else insert(runs, at, seq);
  return true;
}

export function has(runs: Runs, seq: number): boolean {
  const from = runs[firstRunEndingFrom(runs, seq)];
  return from !== undefined && from <= seq;
}

export function pairs(runs: Runs): [number, number][] {
  return Array.from({ length: runs.length / 2 }, (_, i) => [runs[2 * i]!, runs[2 * i + 1]!]);
}

/** Index of the first run that ends at `seq` or later; the length of the list when there is none. */
function firstRunEndingFrom(runs: Runs, seq: number): number {
  const last = runs.length - 2;
  if (last < 0 || runs[last + 1]! < seq) return runs.length;
  if (last === 0 || runs[last - 1]! < seq) return last;
  let low = 0;
  let high = last / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (runs[2 * middle + 1]! < seq) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

function insert(runs: Runs, at: number, seq: number): void {
  if (at === runs.length) runs.push(seq, seq);
  else runs.splice(at, 0, seq, seq);
  if (runs.length > 2 * MAX_RUNS) runs.splice(2, 2);
}
