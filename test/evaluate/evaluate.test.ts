/** A small evaluation with wide bounds: what must never break. The numbers to reach are `npm run evaluate`'s (test/README.md). */
import { availableParallelism } from "node:os";
import { beforeAll, describe, expect, it } from "vitest";
import { runAll } from "./pool.ts";
import { quantileOf, reach, within008 } from "./reach.ts";
import { run, type Task } from "./run.ts";
import { addTallies, type Tally } from "./tally.ts";

const tasks: readonly Task[] = [
  { site: "bench", seed: "small", days: 0.25 },
  { site: "demo", seed: "small", days: 0.5 },
];

describe("a small evaluation", () => {
  let bench: Tally;
  let demo: Tally;
  beforeAll(async () => {
    const done: string[] = [];
    const tallies = await runAll(tasks, availableParallelism(), ({ site }) => done.push(site));
    [bench, demo] = tallies as [Tally, Tally];
    expect(done.toSorted()).toEqual(["bench", "demo"]);
  });

  it("finds conversations in shared offices", () => {
    const { due, found, delays } = demo.rules["conversation-in-shared-office"]!;
    expect(due).toBeGreaterThan(12);
    expect(found / due).toBeGreaterThan(0.95);
    expect(quantileOf(delays, 0.5)).toBeLessThan(100);
  });

  it.each(["R'w 20, NC-30", "R'w 25, NC-30", "R'w 30, NC-25", "door ajar, NC-30"])(
    "%s: talk is said to be overheard, soon",
    (name) => {
      const { due, found, delays, falseOnes } = bench.lines[name]!;
      expect(due).toBeGreaterThanOrEqual(3);
      expect({ found, falseOnes }).toEqual({ found: due, falseOnes: 0 });
      expect(quantileOf(delays, 0.5)).toBeLessThan(180);
    },
  );

  it.each(["R'w 40, NC-30", "R'w 52, NC-30"])("%s: nothing is said to be overheard", (name) =>
    expect(bench.lines[name]!.fired).toBe(0),
  );

  it.each(["two conversations 1", "two conversations 2", "two conversations 3", "keyboard", "printer"])(
    "%s: no link",
    (name) => expect(bench.lines[name]!.falseLinks).toBe(0),
  );

  it("knows what gets through, and how well it is understood", () => {
    const { ld, sii5 } = addTallies(bench, demo);
    expect(ld.length).toBeGreaterThan(20);
    expect(quantileOf(ld, 0.5)).toBeLessThan(0.7);
    expect(sii5.length).toBeGreaterThan(200);
    expect(within008(sii5)).toBeGreaterThan(0.75);
  });

  it("has a measured value for every number to reach that it can say something of", () => {
    const said = reach(addTallies(bench, demo)).filter(({ pass }) => pass !== null);
    expect(said.length).toBeGreaterThanOrEqual(15);
    expect(said.every(({ measured }) => measured !== "–")).toBe(true);
  });

  it("gives the same for the same seed, on this thread as on another", async () => {
    const task: Task = { site: "bench", seed: "same", days: 0.0625 };
    const [elsewhere] = await runAll([task], 1, () => {});
    expect(run(task)).toEqual(elsewhere);
    expect(run({ ...task, seed: "other" })).not.toEqual(elsewhere);
  });
});
