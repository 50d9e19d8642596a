import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frames, Window } from "./frames.ts";
import { correlationZ, judgeWindow, LINK_Z, linkStatistic, neededZ, STRONG_Z, surrogates } from "./link.ts";
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
  steps,
  through,
  together,
  tones,
} from "./two-rooms.fixture.ts";

const MINUTES = 14;
const SECONDS = MINUTES * 60;
const minute = (frames: Frames, i: number): Window => frames.window(START + i * 60_000, 60);

/** A window written by hand: every octave the same. */
const windowOf = (levels: readonly number[], speech = levels.map(() => 1)): Window => ({
  from: START,
  seconds: levels.length,
  levels: Array.from({ length: 5 }, () => Float64Array.from(levels)),
  speech: Uint8Array.from(speech),
  heard: levels.filter((level) => !Number.isNaN(level)).length,
});
/** A window of unrelated octaves. */
const noiseWindow = (seed: number, seconds = 60): Window => {
  const dice = createDice(seed);
  const levels = Array.from({ length: 5 }, () =>
    Float64Array.from({ length: seconds }, () => 50 + 5 * dice.gaussian()),
  );
  return { from: START, seconds, levels, speech: new Uint8Array(seconds).fill(1), heard: seconds };
};
const mapped = (window: Window, change: (level: number, octave: number) => number): Window => ({
  ...window,
  levels: window.levels.map((levels, k) => levels.map((level) => change(level, k))),
});
const permuted = (window: Window, order: readonly number[]): Window => ({
  ...window,
  levels: order.map((k) => window.levels[k]!),
});

describe("the link statistic", () => {
  it("of hand-made minutes: r = 0.6 in octaves that are one and the same gives atanh(0.6)·sqrt(60 − 3)", () => {
    // Two patterns of period 4 and 8 seconds: orthogonal, without autocorrelation in common.
    const one = Array.from({ length: 60 }, (_, i) => [1, -1][i % 2]!);
    const other = Array.from({ length: 60 }, (_, i) => [1, 1, -1, -1][i % 4]!);
    const a = windowOf(one.map((x) => 50 + x));
    const b = windowOf(one.map((x, i) => 40 + 3 * x + 4 * other[i]!));
    const link = linkStatistic(a, b)!;
    expect(link.n).toBe(60);
    const rho = (x: number[], lag: number) => {
      let sum = 0;
      for (let i = lag; i < 60; i++) sum += x[i]! * x[i - lag]!;
      return sum / 60;
    };
    let inflation = 1;
    for (let m = 1; m <= 10; m++)
      inflation += 2 * (1 - m / 60) * rho(one, m) * (0.36 * rho(one, m) + 0.64 * rho(other, m));
    expect(link.neff).toBeCloseTo(60 / Math.max(1, inflation), 0);
    expect(link.z).toBeCloseTo(Math.atanh(0.6) * Math.sqrt(link.neff - 3), 1);
  });

  it("is none below 40 seconds heard in both rooms, and none where nothing moves", () => {
    const holes = (from: number) =>
      windowOf(Array.from({ length: 60 }, (_, i) => (i >= from && i < from + 11 ? Number.NaN : 50 + (i % 7))));
    expect(linkStatistic(holes(0), holes(11))).toBeNull();
    expect(linkStatistic(holes(0), holes(5))!.n).toBe(44);
    expect(linkStatistic(windowOf(Array(60).fill(40)), noiseWindow(1))).toBeNull();
    expect(correlationZ(windowOf(Array(60).fill(40)), noiseWindow(1))).toBeNull();
  });

  it("does not change with gain in either room, octave by octave", () =>
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 10, maxLength: 10 }),
        (seed, gains) => {
          const [a, b] = [noiseWindow(seed), noiseWindow(seed + 1)];
          const louder = linkStatistic(
            mapped(a, (level, k) => level + gains[k]!),
            mapped(b, (level, k) => level + gains[5 + k]!),
          )!;
          expect(louder.z).toBeCloseTo(linkStatistic(a, b)!.z, 8);
        },
      ),
    ));

  it("is the same whichever room comes first and in whatever order the octaves are", () =>
    fc.assert(
      fc.property(fc.nat(1000), fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (seed, order) => {
        const [a, b] = [noiseWindow(seed), noiseWindow(seed + 1)];
        const { z } = linkStatistic(a, b)!;
        expect(linkStatistic(b, a)!.z).toBeCloseTo(z, 8);
        expect(linkStatistic(permuted(a, order), permuted(b, order))!.z).toBeCloseTo(z, 8);
      }),
    ));

  it("changes its sign with B", () => {
    const [a, b] = [noiseWindow(1), noiseWindow(2)];
    expect(
      linkStatistic(
        a,
        mapped(b, (level) => -level),
      )!.z,
    ).toBeCloseTo(-linkStatistic(a, b)!.z, 8);
  });
});

describe("surrogates", () => {
  const dice = createDice(5);
  const talk = dialogue(dice, SECONDS);
  const a = framesOf(sensed(dice, talk, NC[30]!), talk.speech);
  const b = framesOf(sensed(dice, through(talk, partition(20)), NC[30]!), silence(SECONDS).speech);

  it("are the 28 pasts of B, 30–300 s back, and nothing like the present", () => {
    const window = minute(a, 8);
    const past = surrogates(window, b);
    expect(past.count).toBe(28);
    expect(past.greatest).toBeLessThan(LINK_Z);
    expect(linkStatistic(window, minute(b, 8))!.z).toBeGreaterThan(STRONG_Z);
  });

  it("are fewer when the lease has just begun: then Z must be greater", () => {
    expect(surrogates(minute(a, 1), b).count).toBe(6);
    expect([0, 4, 9, 10, 28].map((count) => Number(neededZ(count).toFixed(2)))).toEqual([4.46, 4.09, 3.91, 3.89, 3.89]);
  });
});

const heardIn = (dice: Dice, sound: Sound, nc: number): Frames => framesOf(sensed(dice, sound, NC[nc]!), sound.speech);
/** Both rooms over 14 minutes, and the verdicts on their minutes. */
const verdicts = (dice: Dice, inA: Sound, inB: Sound, nc = 25) => {
  const [a, b] = [heardIn(dice, inA, nc), heardIn(dice, inB, nc)];
  return Array.from({ length: MINUTES }, (_, i) => judgeWindow(minute(a, i), b));
};
const share = <T>(items: readonly T[], is: (item: T) => boolean) => items.filter(is).length / items.length;

describe("a window's verdict", () => {
  it("too short, nobody speaks: no verdict but a reason", () => {
    const empty = framesOf([], []);
    expect(judgeWindow(minute(empty, 0), empty)).toEqual({
      verdict: "negative",
      because: "too-short",
      z: null,
      strong: false,
      surrogates: null,
      louderDb: null,
      rises: false,
    });
    const dice = createDice(3);
    const talk = dialogue(dice, SECONDS);
    const a = framesOf(
      sensed(dice, talk, NC[25]!),
      talk.speech.map(() => false),
    );
    const b = framesOf(sensed(dice, through(talk, partition(20)), NC[25]!), talk.speech);
    expect(judgeWindow(minute(a, 3), b).because).toBe("no-speech");
  });

  it("follows the talk through a light door in every minute, and one minute is enough", () => {
    for (const seed of [1, 2, 3]) {
      const dice = createDice(seed);
      const talk = dialogue(dice, SECONDS);
      const heard = verdicts(dice, talk, through(talk, partition(30)));
      expect(heard.map(({ verdict, strong }) => [verdict, strong])).toEqual(heard.map(() => ["positive", true]));
    }
  });

  it("does not take B's talk for A's: the quieter room is not the source", () => {
    const dice = createDice(4);
    const talk = dialogue(dice, SECONDS);
    const heard = verdicts(dice, { ...through(talk, partition(20)), speech: talk.speech }, talk);
    expect(heard.map(({ because }) => because)).toEqual(heard.map(() => "not-louder"));
  });

  it.each([
    ["quiet", () => silence(SECONDS)],
    ["typing", (dice: Dice) => keyboard(dice, SECONDS)],
    ["a printer", (dice: Dice) => printer(dice, SECONDS)],
    ["talk of its own", (dice: Dice) => dialogue(dice, SECONDS, -6)],
  ])(
    "two rooms that have nothing to do with each other, B with %s: the statistic is about N(0, 1), no link",
    (_, inB) => {
      const windows = Array.from({ length: 18 }, (_, seed) => {
        const dice = createDice(100 + seed);
        const [talk, own] = [dialogue(dice, SECONDS), inB(dice)];
        const [a, b] = [heardIn(dice, talk, 30), heardIn(dice, own, 30)];
        return Array.from({ length: MINUTES }, (_, i) => ({
          z: linkStatistic(minute(a, i), minute(b, i))!.z,
          verdict: judgeWindow(minute(a, i), b),
        }));
      }).flat();
      const zs = windows.map(({ z }) => z);
      const mean = zs.reduce((sum, z) => sum + z, 0) / zs.length;
      const sd = Math.sqrt(zs.reduce((sum, z) => sum + (z - mean) ** 2, 0) / zs.length);
      expect(Math.abs(mean)).toBeLessThan(0.2);
      expect(sd).toBeGreaterThan(0.85);
      expect(sd).toBeLessThan(1.12);
      expect(Math.max(...zs)).toBeLessThan(4.5);
      expect(windows.filter(({ verdict }) => verdict.verdict === "positive")).toEqual([]);
    },
  );

  it.each([
    ["R'w 25, NC-30", 25, 30, "quiet", 1],
    ["R'w 30, NC-35", 30, 35, "quiet", 0.9],
    ["R'w 35, NC-30", 35, 30, "quiet", 0.9],
    ["R'w 25, NC-30, typing at B", 25, 30, "typing", 0.85],
    ["R'w 30, NC-30, typing at B", 30, 30, "typing", 0.5],
  ] as const)(
    "%s: linked in at least the share of minutes of ACOUSTICS §4, less where B types",
    (_, rw, nc, at, least) => {
      const heard = Array.from({ length: 5 }, (_, seed) => {
        const dice = createDice(200 + seed);
        const talk = dialogue(dice, SECONDS);
        const own = at === "typing" ? keyboard(dice, SECONDS) : silence(SECONDS);
        return verdicts(dice, talk, together(through(talk, partition(rw)), own), nc);
      }).flat();
      expect(share(heard, ({ verdict }) => verdict === "positive")).toBeGreaterThanOrEqual(least);
    },
  );

  it.each([
    ["an announcement now and then, as loud in both", (dice: Dice) => tones(dice, SECONDS, 120, 8, 65), 0],
    ["an announcement, 5 dB quieter at B", (dice: Dice) => tones(dice, SECONDS, 120, 8, 67), -5],
    ["an announcement, louder at B", (dice: Dice) => tones(dice, SECONDS, 120, 8, 62), 6],
    ["doors that slam between them", (dice: Dice) => tones(dice, SECONDS, 60, 1, 76), -3],
    ["ventilation that switches in both", (dice: Dice) => steps(dice, SECONDS), 0],
    ["the same radio in both", (dice: Dice) => dialogue(dice, SECONDS, -5), 0],
  ])("a talk in A beside %s: no link", (_, make, gainDb) => {
    const heard = Array.from({ length: 5 }, (_, seed) => {
      const dice = createDice(300 + seed);
      const [talk, shared] = [dialogue(dice, SECONDS), make(dice)];
      const gain = Array(5).fill(-gainDb);
      return verdicts(dice, together(talk, shared), through(shared, gain));
    }).flat();
    expect(share(heard, ({ verdict }) => verdict === "positive")).toBeLessThan(0.02);
  });

  it("the same radio alone in both rooms, equally loud: neither is the source", () => {
    const dice = createDice(6);
    const radio = dialogue(dice, SECONDS, -3);
    expect(new Set(verdicts(dice, radio, radio).map(({ because }) => because))).toEqual(new Set(["not-louder"]));
  });

  it.each([20, 30])("sees a leak through R'w %i between the bouts of B's own talk, a third of the time", (rw) => {
    const heard = [7, 8, 9].flatMap((seed) => {
      const dice = createDice(seed);
      const talk = dialogue(dice, SECONDS);
      const own = dialogue(dice, SECONDS);
      const bouts = own.energies.map((second, i) => (Math.floor(i / 20) % 3 === 0 ? second : second.map(() => 0)));
      return verdicts(dice, talk, together(through(talk, partition(rw)), { ...own, energies: bouts }));
    });
    expect(share(heard, ({ verdict }) => verdict === "positive")).toBeGreaterThan(0.6);
    expect(heard.filter(({ verdict }) => verdict === "rejected")).toEqual([]);
  });
});
