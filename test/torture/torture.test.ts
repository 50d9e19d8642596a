/** The short version of `npm run torture`: every combination beside the others, five kills each. */
import { describe, expect, it } from "vitest";
import { createRandom } from "#firmware/world/random.ts";
import { combinationNames } from "./combinations.ts";
import { runRound } from "./round.ts";

const LOAD = { kills: 5, rate: 250, devices: 16 };

describe.concurrent("killed at five moments under load, a gateway has kept its word", () => {
  it.for(combinationNames)("%s", { timeout: 300_000 }, async (combination, { signal }) => {
    const random = createRandom(`short ${combination}`);
    const { violations, ...figures } = await runRound({ ...LOAD, combination, random, signal });
    expect(violations).toEqual([]);
    // What was not there to be broken proves nothing.
    for (const there of ["readings", "resent", "fired", "notifications"] as const)
      expect(figures[there], there).toBeGreaterThan(0);
  });
});
