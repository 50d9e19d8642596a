import { describe, expect, it } from "vitest";
import { thirdLevelsFromOctaves } from "#protocol/acoustics/bands.ts";
import type { Millis } from "#protocol/quantities.ts";
import { type Background, currentBackground, hearFrames, hearStats, noBackground } from "./background.ts";
import {
  createDice,
  dialogue,
  framesOf,
  keyboard,
  NC,
  partition,
  type Sound,
  START,
  sensed,
  silence,
  steadyNoise,
  through,
  together,
} from "./two-rooms.fixture.ts";

const MINUTE = 60_000;
const levelsOf = (kept: Background, at: Millis) => currentBackground(kept, at)!.levels;
/** Greatest difference over the octaves, dB. */
const apart = (x: readonly number[], y: readonly number[]) => Math.max(...x.map((level, k) => Math.abs(level - y[k]!)));
/** The last ten minutes of a room, of which `quiet` seconds are marked. */
const heardFrames = (inB: Sound, noise: readonly number[], quiet: (i: number) => boolean, seed = 1) => {
  const dice = createDice(seed);
  const window = framesOf(sensed(dice, inB, noise), inB.speech).window(START, 600);
  const marks = Uint8Array.from(window.speech, (_, i) => (quiet(i) ? 1 : 0));
  return hearFrames(noBackground, window, marks, START + 600_000);
};
const END = START + 600_000;

describe("B's background from its frames", () => {
  it("is the ventilation, the sensor's own noise taken out", () =>
    expect(
      apart(
        levelsOf(
          heardFrames(silence(600), NC[25]!, () => true),
          END,
        ),
        NC[25]!,
      ),
    ).toBeLessThan(0.5));

  it("is that also where A talks and B types: L90 lies in the pauses", () => {
    const dice = createDice(2);
    const talk = dialogue(dice, 600);
    const b = together(through(talk, partition(35)), keyboard(dice, 600));
    const marked = heardFrames(b, NC[30]!, (i) => !talk.speech[i]);
    expect(apart(levelsOf(marked, END), NC[30]!)).toBeLessThan(1);
    const unmarked = heardFrames(b, NC[30]!, () => false);
    expect(apart(levelsOf(unmarked, END), NC[30]!)).toBeLessThan(1);
  });

  it("rises within two minutes when the ventilation does", () => {
    const risen = {
      ...silence(600),
      energies: silence(600).energies.map((second, i) =>
        i < 480 ? second : NC[35]!.map((level) => 10 ** (level / 10)),
      ),
    };
    expect(
      apart(
        levelsOf(
          heardFrames(risen, NC[25]!, () => true),
          END,
        ),
        NC[35]!,
      ),
    ).toBeLessThan(1);
  });

  it("says nothing of less than a minute", () => {
    const window = framesOf(sensed(createDice(1), silence(50), NC[25]!), silence(50).speech).window(START, 600);
    expect(hearFrames(noBackground, window, new Uint8Array(600).fill(1), END)).toEqual(noBackground);
  });
});

describe("B's background from its stats", () => {
  /** L90 of thirds of steady noise, as a device tells it. */
  const stats = (noise: readonly number[]) =>
    thirdLevelsFromOctaves(steadyNoise(noise)).map((level, i) => {
      const width = 0.2316 * 1000 * 10 ** ((i - 8) / 10);
      return Math.round(2 * (level - (1.28 * 4.34) / Math.sqrt(width))) / 2;
    });

  it("is the sum of three thirds an octave, L90's bias corrected", () => {
    const levels = levelsOf(hearStats(noBackground, stats(NC[30]!), START), START);
    expect(apart(levels, NC[30]!)).toBeLessThan(1.6);
    expect(Math.abs(levels.reduce((sum, level, k) => sum + level - NC[30]![k]!, 0) / 5)).toBeLessThan(0.6);
  });

  it("of windows in which too little was quiet says nothing, and older words do not replace newer ones", () => {
    const kept = hearStats(noBackground, stats(NC[30]!), START);
    expect(hearStats(kept, null, START + 5 * MINUTE)).toBe(kept);
    expect(hearStats(kept, stats(NC[20]!), START - 5 * MINUTE)).toBe(kept);
  });

  it("is less certain by the hour, down to what ventilation varies, and forgotten after a week", () => {
    const kept = hearStats(noBackground, stats(NC[30]!), START);
    expect([0, 60, 120, 7 * 24 * 60].map((min) => currentBackground(kept, START + min * MINUTE)!.sigma)).toEqual([
      1,
      expect.closeTo(Math.hypot(1, 2), 9),
      3,
      3,
    ]);
    expect(currentBackground(kept, START + 7 * 24 * 60 * MINUTE + 1)).toBeNull();
    expect(currentBackground(noBackground, START)).toBeNull();
  });

  it("and frames together: their mean when they agree, the newer when they do not, in plain JSON", () => {
    const frames = heardFrames(silence(600), NC[25]!, () => true);
    const same = hearStats(frames, stats(NC[25]!.map((level) => level + 1)), END);
    expect(
      apart(
        levelsOf(same, END),
        NC[25]!.map((level) => level + 0.5),
      ),
    ).toBeLessThan(1.2);
    const later = hearStats(frames, stats(NC[35]!), END + 5 * MINUTE);
    expect(levelsOf(later, END + 5 * MINUTE)).toEqual(
      levelsOf(hearStats(noBackground, stats(NC[35]!), END + 5 * MINUTE), END + 5 * MINUTE),
    );
    expect(JSON.parse(JSON.stringify(later))).toEqual(later);
  });
});

it("never takes more than 6 dB out for the sensor's own noise", () => {
  const kept: Background = { frames: { levels: SENSOR, at: START }, stats: null };
  expect(levelsOf(kept, START)).toEqual(SENSOR.map((level) => expect.closeTo(level - 6, 9)));
});
const SENSOR = steadyNoise([-50, -50, -50, -50, -50]);
