import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";

const draw = (n: number, one: () => number) => Array.from({ length: n }, one);
const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;

describe("seeded randomness", () => {
  it("gives the same numbers for the same seed and others for another", () => {
    const [first, again, other] = [createRandom("a"), createRandom("a"), createRandom("b")];
    const numbers = draw(50, first.uniform);
    expect(draw(50, again.uniform)).toEqual(numbers);
    expect(draw(50, other.uniform)).not.toEqual(numbers);
  });

  it("forks by name, not by how much was drawn before", () => {
    const fresh = createRandom(7);
    const used = createRandom(7);
    draw(1000, used.gaussian);
    expect(draw(20, used.fork("K1").bits)).toEqual(draw(20, fresh.fork("K1").bits));
    expect(draw(20, fresh.fork("K2").bits)).not.toEqual(draw(20, fresh.fork("K1").bits));
  });

  it("draws uniform, normal and exponential deviates with the moments they should have", () => {
    const random = createRandom("moments");
    const uniform = draw(100_000, random.uniform);
    expect(mean(uniform)).toBeCloseTo(0.5, 2);
    expect(mean(uniform.map((u) => (u - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
    const normal = draw(100_000, random.gaussian);
    expect(Math.abs(mean(normal))).toBeLessThan(0.015);
    expect(mean(normal.map((g) => g * g))).toBeCloseTo(1, 1);
    expect(mean(normal.map((g) => g ** 4))).toBeCloseTo(3, 0);
    expect(Math.abs(mean(normal.slice(1).map((g, i) => g * normal[i]!)))).toBeLessThan(0.015);
    expect(mean(draw(100_000, () => random.exponential(4)))).toBeCloseTo(4, 1);
  });

  it("keeps neighbouring forks uncorrelated", () => {
    const root = createRandom("site");
    const rooms = Array.from({ length: 2000 }, (_, i) => root.fork(i).uniform() - 0.5);
    expect(Math.abs(mean(rooms))).toBeLessThan(0.03);
    expect(Math.abs(mean(rooms.slice(1).map((u, i) => u * rooms[i]!)))).toBeLessThan(0.01);
  });

  it("picks every integer in range and nothing outside, and shuffles without loss", () => {
    const random = createRandom("die");
    expect(new Set(draw(1000, () => random.integer(1, 6)))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    expect(random.shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
