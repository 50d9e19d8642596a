import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { audibilityAt, combine, type Difference, normal, spcOf } from "./audibility.ts";
import type { LeakEstimate } from "./leak.ts";
import { NC, NORMAL_VOICE, partition } from "./two-rooms.fixture.ts";

const FREE = Array(5).fill(false);
const BOUND = Array(5).fill(true);
const NONE = Array(5).fill(null);
const sure = (ld: readonly (number | null)[], limited: readonly boolean[] = FREE): Difference => ({
  ld,
  sigma: ld.map((value, k) => (value === null || limited[k] ? null : 0.5)),
  limited,
});
const live = (ld: readonly (number | null)[], bound: readonly (number | null)[] = NONE): LeakEstimate => ({
  ld,
  sigma: ld.map((value) => (value === null ? null : 0.5)),
  bound,
  seconds: 300,
});

describe("how well A is heard at B", () => {
  it.each([
    [30, 25, -0.4, 0.45, "intelligible"],
    [30, 30, -5.1, 0.284, "partly"],
    [35, 30, -10.1, 0.149, "partly"],
    [40, 30, -15.1, 0.059, "words"],
  ] as const)("a normal voice through R'w %i in NC-%i is the calibration table's row", (rw, nc, snr, sii5, hearing) => {
    const heard = audibilityAt({ source: NORMAL_VOICE, ...sure(partition(rw)), noise: NC[nc]! })!;
    expect(Math.abs(heard.audibility.snr - snr)).toBeLessThan(0.25);
    expect(Math.abs(heard.audibility.sii5 - sii5)).toBeLessThan(0.01);
    expect(heard.audibility.hearing).toBe(hearing);
    expect(heard.atMost).toBe(false);
    expect(heard.least).toEqual(heard.audibility);
  });

  it("is uncertain by the sources' sum of squares: the level difference, two microphones, the place, the noise", () => {
    const { audibility } = audibilityAt({ source: NORMAL_VOICE, ...sure(partition(35)), noise: NC[30]! })!;
    expect(audibility.sigma).toBeCloseTo(Math.sqrt(0.25 + 2 * 0.49 + 4 + 1), 9);
    expect(audibility.probability).toBeCloseTo(normal((audibility.snr + 12) / audibility.sigma), 9);
    const vague = audibilityAt({ source: NORMAL_VOICE, ...sure(partition(35)), noise: NC[30]!, sigmaNoise: 3 })!;
    expect(vague.audibility.sigma).toBeGreaterThan(audibility.sigma);
  });

  it("takes the lower of its neighbours for an octave that is missing, the nearest at an end; none known: no answer", () => {
    const given = audibilityAt({ source: NORMAL_VOICE, ...sure([20, null, 30, 28, null]), noise: NC[30]! });
    expect(given).toEqual(audibilityAt({ source: NORMAL_VOICE, ...sure([20, 20, 30, 28, 28]), noise: NC[30]! }));
    expect(audibilityAt({ source: NORMAL_VOICE, ...sure(NONE), noise: NC[30]! })).toBeNull();
  });

  it("is at most that much where no octave is more than a bound, and then at least nothing", () => {
    const heard = audibilityAt({ source: NORMAL_VOICE, ...sure(partition(35), BOUND), noise: NC[30]! })!;
    expect(heard.atMost).toBe(true);
    expect(heard.audibility.snr).toBeCloseTo(-10.1, 0);
    expect([heard.least.snr, heard.least.sii5, heard.least.hearing]).toEqual([-32, 0, "inaudible"]);
  });

  it("takes the bound for an octave beside measured ones only where it says more than they do", () => {
    const beside = (bound: number) =>
      audibilityAt({
        source: NORMAL_VOICE,
        ...sure([20, 28, 30, 30, bound], [false, false, false, false, true]),
        noise: NC[30]!,
      });
    expect(beside(25)).toEqual(audibilityAt({ source: NORMAL_VOICE, ...sure([20, 28, 30, 30, 30]), noise: NC[30]! }));
    expect(beside(36)!.audibility.snr).toBeLessThan(beside(25)!.audibility.snr);
    expect(beside(36)!.atMost).toBe(false);
  });

  it("never says that a louder voice, a weaker boundary or less noise is less heard", () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.array(fc.double({ min: 0, max: 15, noNaN: true }), { minLength: 5, maxLength: 5 }),
        (ld, change) => {
          const up = (levels: readonly number[], sign: number) => levels.map((level, k) => level + sign * change[k]!);
          const heard = (source: readonly number[], kept: readonly number[], noise: readonly number[]) =>
            audibilityAt({ source, ...sure(kept), noise })!.audibility;
          const before = heard(NORMAL_VOICE, ld, NC[30]!);
          for (const after of [heard(NORMAL_VOICE, up(ld, -1), NC[30]!), heard(NORMAL_VOICE, ld, up(NC[30]!, -1))]) {
            expect(after.snr).toBeGreaterThanOrEqual(before.snr - 1e-9);
            expect(after.probability).toBeGreaterThanOrEqual(before.probability - 1e-9);
          }
          expect(heard(up(NORMAL_VOICE, 1), ld, NC[30]!).snr).toBeGreaterThanOrEqual(before.snr - 1e-9);
        },
      ),
    ));
});

describe("the present conversation and what is known from others", () => {
  const before = sure([30, 32, 34, 34, 34]);

  it("known alone, live alone, neither", () => {
    expect(combine(null, before)).toEqual(before);
    expect(combine(live(NONE), before)).toEqual(before);
    expect(combine(null, null)).toBeNull();
    expect(combine(live([20, null, 30, null, null], [null, 25, null, 28, null]), null)).toEqual({
      ld: [20, 25, 30, 28, null],
      sigma: [0.5, null, 0.5, null, null],
      limited: [false, true, false, true, false],
    });
  });

  it("agree: the more precise counts more, and each fills the other's gaps", () => {
    const both = combine(live([31, 31, null, null, null], [null, null, 20, 40, null]), before)!;
    expect(both.ld[0]).toBeGreaterThan(30.5);
    expect(both.ld[0]).toBeLessThan(31);
    expect(both.sigma[0]).toBeLessThan(0.5);
    expect(both.ld.slice(2)).toEqual([34, 40, 34]);
    expect(both.limited).toEqual([false, false, false, true, false]);
  });

  it("differ by more than 3 dB: the door stands otherwise today, and only today counts", () => {
    expect(combine(live([18, 20, 21, null, null]), before)).toEqual(sure([18, 20, 21, null, null]));
    expect(combine(live(NONE, [40, 42, 44, 44, 44]), before)).toMatchObject({
      ld: [40, 42, 44, 44, 44],
      limited: BOUND,
    });
  });

  it("bounds contradict only what they exclude", () => {
    expect(combine(live(NONE, [20, 20, 20, 20, 20]), before)).toEqual(before);
    const walls = sure([45, 45, 45, 45, 45], BOUND);
    expect(combine(live([50, 50, null, null, null]), walls)).toMatchObject({
      ld: [50, 50, 45, 45, 45],
      limited: [false, false, true, true, true],
    });
    expect(combine(live([30, 30, null, null, null]), walls)!.ld).toEqual([30, 30, null, null, null]);
  });
});

describe("SPC", () => {
  it("is the calibration table's: R'w 30 in NC-30 is 56.8, R'w 40 in NC-25 is 62.1", () => {
    expect(Math.abs(spcOf(sure(partition(30)), NC[30]!)!.value - 56.8)).toBeLessThan(0.15);
    expect(Math.abs(spcOf(sure(partition(40)), NC[25]!)!.value - 62.1)).toBeLessThan(0.15);
  });

  it("is a lower bound where no octave is more than one, and nothing where none is known", () => {
    expect(spcOf(sure(partition(30), BOUND), NC[30]!)!.limited).toBe(true);
    expect(spcOf(sure(partition(30)), NC[30]!)).toMatchObject({ limited: false, sigma: expect.closeTo(1.49, 2) });
    expect(spcOf(sure(NONE), NC[30]!)).toBeNull();
  });
});

it("the normal distribution", () => {
  const table = [
    [0, 0.5],
    [1, 0.841345],
    [-1, 0.158655],
    [1.96, 0.975002],
    [-3.72, 0.0001],
  ] as const;
  for (const [x, p] of table) expect(normal(x)).toBeCloseTo(p, 5);
});
