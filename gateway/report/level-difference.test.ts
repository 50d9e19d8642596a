import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeOf, differenceOf, student975 } from "./level-difference.ts";

const none = [null, null, null, null, null];
/** A day in which every octave had this level difference. */
const day = (ld: number, sigma = 0.5, episodes = 3) => ({
  episodes,
  ld: Array(5).fill(ld) as number[],
  sigma: Array(5).fill(sigma) as number[],
  bound: none,
});
/** A day in which nothing was heard: at least this. */
const silentDay = (bound: number) => ({ episodes: 2, ld: none, sigma: none, bound: Array(5).fill(bound) as number[] });
const all = <T>(value: T) => Array(5).fill(value) as T[];

describe("a period's level difference", () => {
  it("of days that agree is their precision-weighted mean", () => {
    // Weights 4 and 1: (4·30 + 1·30.5) / 5, and 1/√5.
    const found = differenceOf([day(30, 0.5), day(30.5, 1)]);
    expect(found).toMatchObject({ limited: all(false), episodes: 6, days: 2 });
    for (const k of [0, 4]) {
      expect(found.ld[k]).toBeCloseTo(30.1, 10);
      expect(found.sigma[k]).toBeCloseTo(1 / Math.sqrt(5), 10);
    }
  });

  it("of days that differ by more than they are uncertain is their mean, known no better than the days agree", () => {
    const { ld, sigma } = differenceOf([day(26, 0.3), day(30, 0.3), day(34, 0.3)]);
    expect(ld[0]).toBeCloseTo(30, 10);
    // The spread of the days is 4 dB; of their mean 4/√3.
    expect(sigma[0]).toBeCloseTo(4 / Math.sqrt(3), 1);
  });

  it("is the greatest lower bound where nothing was ever heard, and says so; where it was, bounds say nothing", () => {
    expect(differenceOf([silentDay(35), silentDay(38)])).toEqual({
      ld: all(38),
      sigma: all(null),
      limited: all(true),
      episodes: 4,
      days: 2,
    });
    expect(differenceOf([silentDay(35), day(33)])).toMatchObject({ ld: all(33), limited: all(false) });
  });

  it("without days is not known", () => {
    expect(differenceOf([])).toEqual({ ld: all(null), sigma: all(null), limited: all(false), episodes: 0, days: 0 });
  });

  it("lies among its days, in whatever order they come, and more days of the same make it surer", () => {
    const level = fc.integer({ min: 200, max: 450 }).map((tenths) => tenths / 10);
    const days = fc.array(fc.tuple(level, fc.constantFrom(0.3, 0.5, 1, 2)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(days, (drawn) => {
        const list = drawn.map(([ld, sigma]) => day(ld, sigma));
        const { ld, sigma } = differenceOf(list);
        const levels = drawn.map(([value]) => value);
        expect(ld[2]).toBeGreaterThanOrEqual(Math.min(...levels) - 1e-9);
        expect(ld[2]).toBeLessThanOrEqual(Math.max(...levels) + 1e-9);
        expect(differenceOf(list.toReversed()).ld[2]).toBeCloseTo(ld[2]!, 9);
        expect(differenceOf([...list, ...list, ...list]).sigma[2]!).toBeLessThanOrEqual(sigma[2]! + 1e-9);
      }),
    );
  });
});

describe("the change from one period to another", () => {
  const days = (around: number, count: number) => Array.from({ length: count }, (_, i) => day(around + (i % 3) - 1));

  it.each([
    ["a retrofit of 6 dB shows", days(30, 10), days(36, 10), "better"],
    ["a door that no longer closes shows", days(36, 10), days(30, 10), "worse"],
    ["the same boundary for long enough is the same", days(30, 60), days(30, 60), "no-difference"],
    ["with three days each, 1 dB is not known", days(30, 3), days(31, 3), "inconclusive"],
    ["one day says nothing of the days' spread", days(30, 1), days(40, 10), "inconclusive"],
    ["nothing known before", [], days(30, 10), "inconclusive"],
    ["after the retrofit nothing is heard any more", days(30, 10), [silentDay(40), silentDay(41)], "better"],
    ["it was never heard before, and now it is", [silentDay(40), silentDay(41)], days(30, 10), "worse"],
    ["a bound below what was known says nothing", days(40, 10), [silentDay(35)], "inconclusive"],
    ["never heard in either", [silentDay(35)], [silentDay(45)], "inconclusive"],
  ] as const)("%s", (_, before, after, verdict) => {
    expect(changeOf(before, after).verdict).toBe(verdict);
  });

  it("is the mean over the octaves known in both, with an interval that has the days' spread in it", () => {
    const { changeDb, interval } = changeOf(days(30, 9), days(36, 9));
    expect(changeDb).toBeCloseTo(6, 9);
    // Days scatter by √(2/3)·√(9/8) = 0.866 dB: each mean is known to 0.866/3, and t with 16 degrees of freedom is 2.12.
    const half = 2.12 * Math.sqrt(2) * (0.866 / 3);
    expect(interval![0]).toBeCloseTo(6 - half, 1);
    expect(interval![1]).toBeCloseTo(6 + half, 1);
    const withoutTop = days(36, 9).map((one) => ({ ...one, ld: one.ld.with(4, null as never) }));
    expect(changeOf(days(30, 9), withoutTop).changeDb).toBeCloseTo(6, 9);
  });

  it("holds the truth in 19 of 20 cases, where days scatter normally", () => {
    let seed = 7;
    const uniform = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const drawn = (mean: number, count: number) =>
      Array.from({ length: count }, () => day(mean + 1.2 * normal() + 0.5 * normal(), 0.5));
    const runs = 600;
    let held = 0;
    for (let i = 0; i < runs; i++) {
      const [low, high] = changeOf(drawn(30, 8), drawn(33, 12)).interval!;
      if (low <= 3 && 3 <= high) held++;
    }
    expect(held / runs).toBeGreaterThan(0.92);
    expect(held / runs).toBeLessThan(0.985);
  });
});

it.each([
  [1, 12.706],
  [5, 2.571],
  [11, 2.201],
  [20, 2.086],
  [1e6, 1.96],
])("Student's t with %d degrees of freedom is %d in the tables", (freedom, t) => {
  expect(student975(freedom)).toBeCloseTo(t, 2);
});
