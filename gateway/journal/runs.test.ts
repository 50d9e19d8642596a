import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, has, MAX_RUNS, pairs, type Runs } from "./runs.ts";

const received = (seqs: readonly number[]): Runs => {
  const runs: Runs = [];
  for (const seq of seqs) add(runs, seq);
  return runs;
};

describe("runs of received sequence numbers", () => {
  it("numbers in order are one run; a gap makes two; what fills it joins them", () => {
    expect(pairs(received([0, 1, 2]))).toEqual([[0, 2]]);
    const gapped = received([0, 1, 3, 4]);
    expect(pairs(gapped)).toEqual([
      [0, 1],
      [3, 4],
    ]);
    expect(add(gapped, 2)).toBe(true);
    expect(pairs(gapped)).toEqual([[0, 4]]);
  });

  const seqs = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 200 });

  it("knows exactly what a set knows, and says once per number that it is new", () => {
    fc.assert(
      fc.property(seqs, (list) => {
        const runs: Runs = [];
        const set = new Set<number>();
        for (const seq of list) {
          expect(add(runs, seq)).toBe(!set.has(seq));
          set.add(seq);
        }
        for (let seq = 0; seq <= 61; seq++) expect(has(runs, seq)).toBe(set.has(seq));
      }),
    );
  });

  it("stays sorted, disjoint and joined wherever it can be", () => {
    fc.assert(
      fc.property(seqs, (list) => {
        const runs = pairs(received(list));
        for (const [from, to] of runs) expect(from).toBeLessThanOrEqual(to);
        for (let i = 1; i < runs.length; i++) expect(runs[i]![0]).toBeGreaterThan(runs[i - 1]![1] + 1);
      }),
    );
  });

  it("does not depend on the order of arrival", () => {
    fc.assert(
      fc.property(seqs, (list) => {
        expect(received(list)).toEqual(received([...list].sort((a, b) => a - b)));
      }),
    );
  });

  it("a device that leaves gaps without end does not grow them without end, and the first run stays known", () => {
    const runs = received(Array.from({ length: 5000 }, (_, i) => 2 * i));
    expect(runs.length).toBe(2 * MAX_RUNS);
    expect(runs.slice(0, 2)).toEqual([0, 0]);
    expect(has(runs, 2)).toBe(false);
    expect(has(runs, 9998)).toBe(true);
  });
});
