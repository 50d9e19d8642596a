import { describe, expect, it } from "vitest";
import { createRandom } from "#firmware/world/random.ts";
import { type Example, fitLogistic } from "./logistic-regression.ts";

/** Examples drawn from log-odds 1 + 2·x₀ − 0.1·x₁, with x₁ on another scale. */
function drawn(count: number): Example[] {
  const random = createRandom("logistic");
  return Array.from({ length: count }, () => {
    const x = [random.gaussian(), 10 * random.gaussian() + 5];
    const positive = random.chance(1 / (1 + Math.exp(-(1 + 2 * x[0]! - 0.1 * x[1]!))));
    return { x, positive, weight: 1 / count };
  });
}

describe("logistic regression", () => {
  it("finds the weights that the examples were drawn with", () => {
    const { bias, weights } = fitLogistic(drawn(20_000), 0);
    expect(Math.abs(bias - 1)).toBeLessThan(0.1);
    expect(Math.abs(weights[0]! - 2)).toBeLessThan(0.1);
    expect(Math.abs(weights[1]! + 0.1)).toBeLessThan(0.01);
  });

  it("shrinks them under a ridge", () => {
    const [free, bound] = [fitLogistic(drawn(2000), 0), fitLogistic(drawn(2000), 0.1)];
    expect(Math.abs(bound.weights[0]!)).toBeLessThan(0.8 * Math.abs(free.weights[0]!));
  });
});
