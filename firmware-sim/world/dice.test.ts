import { describe, expect, it } from "vitest";
import { createDice, QUANTILES } from "./dice.ts";

const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;

describe("numbers by place and second", () => {
  const first = (place: number, second: number) => {
    const dice = createDice();
    dice.throwFor(place, second);
    return [dice.gaussian(), dice.uniform()];
  };

  it("are the same whoever asks and whatever was asked before", () => {
    const dice = createDice();
    dice.throwFor(1, 5);
    dice.gaussian();
    dice.throwFor(7, 100);
    expect([dice.gaussian(), dice.uniform()]).toEqual(first(7, 100));
    expect(first(7, 101)).not.toEqual(first(7, 100));
    expect(first(8, 100)).not.toEqual(first(7, 100));
  });

  it("are normal, and of one second independent of the next and of the next place", () => {
    expect(mean(Array.from(QUANTILES, (q) => q * q))).toBeCloseTo(1, 9);
    expect(QUANTILES[Math.round(0.975 * 1024)]).toBeCloseTo(1.96, 1);
    const draws = (place: number) => Array.from({ length: 20_000 }, (_, t) => first(place, 1_772_438_400 + t)[0]!);
    const [here, there] = [draws(11), draws(12)];
    expect(mean(here.map((x) => x * x))).toBeCloseTo(1, 1);
    expect(Math.abs(mean(here.slice(1).map((x, i) => x * here[i]!)))).toBeLessThan(0.03);
    expect(Math.abs(mean(here.map((x, i) => x * there[i]!)))).toBeLessThan(0.03);
  });
});
