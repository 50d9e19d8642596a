/** A small evaluation on the held-out half; `npm run evaluate:detector` is the whole one. */
import { beforeAll, describe, expect, it } from "vitest";
import { evaluate, summarise } from "./evaluate-detector.ts";
import type { Outcome } from "./score.ts";

describe("speech detector on held-out voices and noises, one scene of each kind", () => {
  let outcomes: readonly Outcome[] = [];
  // The first run downloads the recordings.
  beforeAll(async () => {
    outcomes = await evaluate("held-out", 1);
  }, 600_000);

  it("ranks ten seconds of talk above ten seconds of anything else", () => {
    const { aucSecond, aucTen } = summarise(outcomes, outcomes);
    expect(aucTen).toBeGreaterThan(0.98);
    expect(aucSecond).toBeGreaterThan(0.95);
  });

  it("misses no conversation and notices them within 15 s on average, 30 s at most", () => {
    const { missed, meanDelay, greatestDelay } = summarise(outcomes, outcomes);
    expect(missed).toBe(0);
    expect(meanDelay).toBeLessThanOrEqual(15);
    expect(greatestDelay).toBeLessThanOrEqual(30);
  });

  it("notices an ordinary dialogue 8–20 s after its first word, and dates it after that word", () => {
    const { meanDelay, greatestDelay, dated } = summarise(
      outcomes.filter(({ kind }) => kind === "dialogue"),
      outcomes,
    );
    expect(meanDelay).toBeGreaterThanOrEqual(8);
    expect(greatestDelay).toBeLessThanOrEqual(20);
    expect(dated[0]).toBeGreaterThanOrEqual(0);
    expect(dated[1]).toBeLessThanOrEqual(20);
  });

  it("takes nothing else for a conversation, more than three times an hour", () => {
    const summary = summarise(outcomes, outcomes);
    expect(summary.false / summary.hours).toBeLessThanOrEqual(3);
    const quiet = ["ventilation", "keyboard", "printer", "desk phone", "doors", "footsteps", "short utterances"];
    const own = outcomes.filter(({ kind }) => quiet.includes(kind));
    expect(summarise(own, outcomes).false).toBe(0);
  });
});
