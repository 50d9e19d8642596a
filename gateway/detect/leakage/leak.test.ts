import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { levelOf } from "#protocol/decibel.ts";
import type { Window } from "./frames.ts";
import { bandLeak, estimateLeak, type LeakSums, leakSums, mergeLeak, noLeak } from "./leak.ts";
import {
  createDice,
  type Dice,
  dialogue,
  framesOf,
  keyboard,
  NC,
  partition,
  printer,
  type Sound,
  START,
  sensed,
  silence,
  steadyNoise,
  through,
  together,
} from "./two-rooms.fixture.ts";

const EPISODE_S = 420;

/** Energies in every octave, speech throughout, no steps of 0.5 dB. */
const windowOf = (energies: readonly number[]): Window => ({
  from: START,
  seconds: energies.length,
  levels: Array.from({ length: 5 }, () => Float64Array.from(energies, levelOf)),
  speech: new Uint8Array(energies.length).fill(1),
  heard: energies.length,
});

/** Sums of the seven minutes of an episode. */
const episode = (dice: Dice, inA: Sound, inB: Sound, nc: number): LeakSums => {
  const a = framesOf(sensed(dice, inA, NC[nc]!), inA.speech);
  const b = framesOf(sensed(dice, inB, NC[nc]!), inB.speech);
  return Array.from({ length: EPISODE_S / 60 }, (_, i) => START + i * 60_000)
    .map((from) => leakSums(a.window(from, 60), b.window(from, 60)))
    .reduce(mergeLeak, noLeak);
};
const quantileOf = (values: readonly number[], share: number) =>
  values.toSorted((x, y) => x - y)[Math.floor(share * values.length)]!;

describe("what comes through", () => {
  it("is h itself where B hears nothing but A and a steady noise", () =>
    fc.assert(
      fc.property(
        fc.double({ min: 10, max: 40, noNaN: true }),
        fc.double({ min: 15, max: 35, noNaN: true }),
        fc.nat(1000),
        (ld, noise, seed) => {
          const dice = createDice(seed);
          const talk = Array.from({ length: 60 }, () => 10 ** (6 + 0.5 * dice.gaussian()));
          const sums = leakSums(
            windowOf(talk),
            windowOf(talk.map((energy) => energy * 10 ** (-ld / 10) + 10 ** (noise / 10))),
          );
          const leak = bandLeak(sums[2]!)!;
          expect(-levelOf(leak.h)).toBeCloseTo(ld, 6);
          expect(leak.nb).toBeCloseTo(Math.max(noise, leak.la - ld - 30), 0);
        },
      ),
    ));

  it("of windows together is what all their seconds say: sums add up in any order", () =>
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 3, maxLength: 3 }), (seeds) => {
        const [x, y, z] = seeds.map((seed) => {
          const dice = createDice(seed);
          const talk = dialogue(dice, 60);
          return leakSums(
            framesOf(sensed(dice, talk, NC[25]!), talk.speech).window(START, 60),
            framesOf(sensed(dice, through(talk, partition(30)), NC[25]!), talk.speech).window(START, 60),
          );
        }) as [LeakSums, LeakSums, LeakSums];
        const [one, other] = [mergeLeak(mergeLeak(x, y), z), mergeLeak(z, mergeLeak(y, x))];
        for (const [k, band] of one.entries())
          for (const [name, value] of Object.entries(band))
            expect(value).toBeCloseTo(other[k]![name as keyof typeof band], -Math.log10(Math.abs(value) + 1) + 6);
        expect(mergeLeak(x, noLeak)).toEqual(x);
        expect([one[0]!.n, one[0]!.speechSeconds]).toEqual([
          180,
          x[0]!.speechSeconds + y[0]!.speechSeconds + z[0]!.speechSeconds,
        ]);
      }),
      { numRuns: 20 },
    ));

  it("is what theory expects of one window: se = sd of the residuals over the spread of A", () => {
    const dice = createDice(9);
    const talk = Array.from({ length: 60 }, () => 1e6 * (1 + dice.uniform()));
    const errors = talk.map(() => 40 * dice.gaussian());
    const leak = bandLeak(leakSums(windowOf(talk), windowOf(talk.map((e, i) => e * 1e-3 + 1000 + errors[i]!)))[0]!)!;
    const mean = talk.reduce((sum, e) => sum + e, 0) / 60;
    const spread = Math.sqrt(talk.reduce((sum, e) => sum + (e - mean) ** 2, 0));
    expect(leak.n).toBe(60);
    expect(leak.se / ((0.0753 * 2500) / spread)).toBeGreaterThan(0.3);
    expect(leak.se / ((0.0753 * 2500) / spread)).toBeLessThan(2);
    expect(Math.abs(leak.h - 1e-3)).toBeLessThan(4 * leak.se);
  });

  it("leaves out seconds in which A is overdriven, and a B that lies at the floor is only a bound", () => {
    const levels = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 60 : 84));
    const a = windowOf(levels.map((level) => 10 ** (level / 10)));
    const quiet = windowOf(Array(60).fill(10 ** 1.2));
    const [sums] = leakSums(a, quiet);
    expect([sums!.n, sums!.speechSeconds, bandLeak(sums!)]).toEqual([30, 30, null]);
    expect(estimateLeak(leakSums(a, quiet))).toEqual({
      ld: Array(5).fill(null),
      sigma: Array(5).fill(null),
      bound: Array(5).fill(expect.closeTo(48, 9)),
      seconds: 30,
    });
  });

  it("says nothing where nobody speaks", () => {
    const still = { ...windowOf(Array(60).fill(1e4)), speech: new Uint8Array(60) };
    const nothing = Array(5).fill(null);
    expect(estimateLeak(leakSums(still, windowOf(Array(60).fill(1e3))))).toMatchObject({ ld: nothing, bound: nothing });
    expect(estimateLeak(noLeak)).toEqual({ ld: nothing, sigma: nothing, bound: nothing, seconds: 0 });
  });

  it("does not believe an estimate that B's quiet seconds contradict", () => {
    const talk = Array.from({ length: 60 }, (_, i) => 10 ** (5.5 + 0.1 * (i % 10)));
    const sums = leakSums(windowOf(talk), windowOf(talk.map((energy) => energy * 1e-3)));
    expect(estimateLeak(sums).ld[0]).toBeCloseTo(30, 3);
    const contradicted = sums.map((band) => ({ ...band, outdone: 33 }));
    expect(estimateLeak(contradicted)).toMatchObject({ ld: Array(5).fill(null), bound: Array(5).fill(33) });
  });
});

describe("level differences of seven-minute conversations, 0.5 dB steps, noise that jitters", () => {
  interface Band {
    readonly error: number | null;
    readonly sigma: number | null;
    readonly slack: number | null;
    readonly snr: number;
  }
  const study = (make: (dice: Dice) => Sound, rws: readonly number[], ncs: readonly number[], runs: number): Band[] =>
    rws.flatMap((rw) =>
      ncs.flatMap((nc) =>
        Array.from({ length: runs }, (_, run) => {
          const dice = createDice(rw * 1000 + nc * 50 + run);
          const talk = dialogue(dice, EPISODE_S);
          const { ld, sigma, bound } = estimateLeak(
            episode(dice, talk, together(through(talk, partition(rw)), make(dice)), nc),
          );
          const loudness = [61.3, 65, 59, 51.8, 45.8];
          return partition(rw).map((truth, k) => ({
            error: ld[k] === null ? null : ld[k]! - truth,
            sigma: sigma[k]!,
            slack: bound[k] === null ? null : truth - bound[k]!,
            snr: loudness[k]! - truth - steadyNoise(NC[nc]!)[k]!,
          }));
        }).flat(),
      ),
    );
  const errorsOf = (bands: readonly Band[]) => bands.flatMap(({ error }) => (error === null ? [] : [Math.abs(error)]));

  it.each([
    ["quiet", () => silence(EPISODE_S), 0.85],
    ["typing", (dice: Dice) => keyboard(dice, EPISODE_S), 0.5],
    ["a printer", (dice: Dice) => printer(dice, EPISODE_S), 0.5],
  ])(
    "B with %s: accepted bands are right within 0.25 dB (median) and 1 dB (90 %%), and enough are accepted",
    (_, make, least) => {
      const bands = study(make, [20, 25, 30, 35, 40], [25, 30, 35], 6);
      const errors = errorsOf(bands);
      expect(quantileOf(errors, 0.5)).toBeLessThan(0.25);
      expect(quantileOf(errors, 0.9)).toBeLessThan(1);
      const audible = bands.filter(({ snr }) => snr > -12);
      expect(audible.filter(({ error }) => error !== null).length / audible.length).toBeGreaterThan(least);
      const beyond = bands.filter(({ error, sigma }) => error !== null && Math.abs(error) > 3 * sigma!);
      expect(beyond.length / errors.length).toBeLessThan(0.02);
    },
  );

  it("bounds lie below the truth, also where B talks itself, and come near it where B is quiet", () => {
    const quiet = study(() => silence(EPISODE_S), [40, 52], [25, 30, 35], 6);
    const talking = study((dice) => dialogue(dice, EPISODE_S), [20, 30, 40], [25, 30, 35], 4);
    const slacks = [...quiet, ...talking].flatMap(({ slack }) => (slack === null ? [] : [slack]));
    expect(slacks.length).toBeGreaterThan(150);
    expect(slacks.filter((slack) => slack < -0.5).length / slacks.length).toBeLessThan(0.02);
    const near = quiet.flatMap(({ slack, snr }) => (slack === null || snr < -22 ? [] : [slack]));
    expect(quantileOf(near, 0.5)).toBeLessThan(6);
  });

  it("never says less than 20 dB below the noise: a wall of R'w 70 is limited everywhere", () => {
    const bands = study(() => silence(EPISODE_S), [70], [20, 30], 5);
    expect(errorsOf(bands)).toEqual([]);
    for (const { slack } of bands) expect(slack).toBeGreaterThan(3);
  });
});
