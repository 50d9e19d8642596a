import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTakeOvers, type TakeOverRules, takeOverRules } from "./take-over.ts";

const S = 1000;
const kinds = (at: readonly number[], there = true) => {
  const takeOvers = createTakeOvers();
  return at.map((second) => takeOvers.judge("k1", there, second * S));
};

const takesOver = { kind: "takes-over" };
const free = { kind: "free" };

describe("clients of one name", () => {
  it("take over three times within a minute; the fourth newcomer is refused for a minute, told as the first", () => {
    expect(kinds([0, 1, 2, 3, 4, 62, 63])).toEqual([
      takesOver,
      takesOver,
      takesOver,
      { kind: "refused", until: 63 * S, first: true },
      { kind: "refused", until: 63 * S, first: false },
      { kind: "refused", until: 63 * S, first: false },
      takesOver,
    ]);
  });

  it("take over for ever when they do so every twenty seconds or less often", () => {
    expect(kinds([0, 20, 40, 60, 80, 100, 120])).toEqual(Array.from({ length: 7 }, () => takesOver));
  });

  it("may always come when none of them is there, also in quarantine", () => {
    const takeOvers = createTakeOvers();
    for (let i = 0; i < 4; i++) takeOvers.judge("k1", true, i);
    expect(takeOvers.judge("k1", true, 5)).toMatchObject({ kind: "refused" });
    expect(takeOvers.judge("k1", false, 6)).toEqual(free);
    expect(takeOvers.judge("k1", true, 7)).toMatchObject({ kind: "refused" });
  });

  it("are judged by their own name only", () => {
    const takeOvers = createTakeOvers();
    for (let i = 0; i < 5; i++) takeOvers.judge("k1", true, i);
    expect(takeOvers.judge("k2", true, 5)).toEqual(takesOver);
  });
});

it("whoever loops, in any minute at most three of one name are let in over another, and one refusal in a row is the first", () => {
  const visits = fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.integer({ min: 0, max: 20_000 })), { maxLength: 200 });
  fc.assert(
    fc.property(visits, (steps) => {
      const takeOvers = createTakeOvers();
      let at = 0;
      const letIn: Record<string, number[]> = { a: [], b: [] };
      const firsts: Record<string, number[]> = { a: [], b: [] };
      for (const [name, pause] of steps) {
        at += pause;
        const verdict = takeOvers.judge(name, true, at);
        if (verdict.kind === "takes-over") letIn[name]!.push(at);
        else if (verdict.kind === "refused" && verdict.first) firsts[name]!.push(at);
      }
      for (const times of Object.values(letIn))
        times.forEach((time, i) => {
          const fourth = times[i + takeOverRules.most];
          if (fourth !== undefined) expect(fourth - time).toBeGreaterThanOrEqual(takeOverRules.withinMs);
        });
      for (const times of Object.values(firsts))
        for (let i = 1; i < times.length; i++)
          expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(takeOverRules.quarantineMs);
    }),
  );
});

it("a stranger with any number of names fills no memory: the oldest are forgotten, and never more than so many are kept", () => {
  const rules: TakeOverRules = { most: 1, withinMs: 10, quarantineMs: 10 };
  const takeOvers = createTakeOvers(rules, 3);
  for (const name of ["a", "b", "c"]) takeOvers.judge(name, true, 0);
  expect(takeOvers.judge("a", true, 1)).toMatchObject({ kind: "refused" });
  takeOvers.judge("d", true, 2); // forgets a, the first
  expect(takeOvers.judge("c", true, 3)).toMatchObject({ kind: "refused" });
  expect(takeOvers.judge("a", true, 4)).toEqual(takesOver);
});
