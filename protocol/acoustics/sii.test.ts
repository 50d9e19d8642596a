import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addLevels } from "../decibel.ts";
import { OCTAVE_WIDTHS_DB, THIRD_WIDTHS_DB } from "./bands.ts";
import {
  BINAURAL_THRESHOLD_DB,
  SII_OCTAVES,
  SII_THIRDS,
  sii5,
  siiOctave,
  siiOfThirds,
  siiThird,
  type VocalEffort,
} from "./sii.ts";

const times = (n: number, value: number) => Array.from({ length: n }, () => value);
const lowered = (levels: readonly number[], by: number) => levels.map((level) => level - by);
const SILENCE = -50;

/** Octave levels 250–8000 Hz of ventilation at NC-35 as spectrum levels, dB. */
const NC_35 = [45, 40, 36, 34, 33, 32].map((level, i) => level - (22.48 + 3 * i));

describe("the tables of ANSI S3.5", () => {
  it("hold importances that sum to one, 0.9451 of it below the 8 kHz octave in either", () => {
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect([SII_OCTAVES, SII_THIRDS].map(({ importance }) => sum(importance))).toEqual([
      expect.closeTo(1, 9),
      expect.closeTo(1, 9),
    ]);
    expect(sum(SII_OCTAVES.importance.slice(0, 5))).toBeCloseTo(0.9451, 9);
    expect(sum(SII_THIRDS.importance.slice(0, 16))).toBeCloseTo(0.9451, 9);
  });

  it("hold voices of 62.35, 68.34, 74.85 and 82.30 dB at one metre, as the standard says, within 0.1 dB", () => {
    const overall = (effort: VocalEffort) => addLevels(SII_THIRDS[effort].map((level, i) => level + 15.65 + i));
    const stated = { normal: 62.35, raised: 68.34, loud: 74.85, shout: 82.3 };
    for (const [effort, level] of Object.entries(stated))
      expect(Math.abs(overall(effort as VocalEffort) - level)).toBeLessThan(0.1);
  });
});

describe("the octave method", () => {
  const speech = [50, 40, 40, 30, 20, 0];
  const noise = [70, 65, 45, 25, 1, -15];
  const threshold = [0, 0, 0, 0, 0, 7.1];

  it("TV-11: the standard's own case", () => expect(siiOctave(speech, noise, { threshold })).toBeCloseTo(0.491, 3));

  it("TV-12: with all importance at 1 kHz", () =>
    expect(siiOctave(speech, noise, { threshold, importance: [0, 0, 1, 0, 0, 0] })).toBeCloseTo(0.323, 3));

  it("TV-15, TV-16: in quiet a normal voice loses next to nothing, a shout some to its own loudness", () =>
    expect([SII_OCTAVES.normal, SII_OCTAVES.shout].map((voice) => siiOctave(voice, times(6, SILENCE)))).toEqual([
      expect.closeTo(0.987611, 6),
      expect.closeTo(0.919021, 6),
    ]));

  it.each([
    ["TV-17", "normal", [0.947267, 0.660087, 0.326754, 0.046153]],
    ["TV-18", "raised", [0.991857, 0.88845, 0.569225, 0.244036]],
  ] as const)("%s: a %s voice through 0, 10, 20 and 30 dB into NC-35", (_, effort, expected) =>
    expect([0, 10, 20, 30].map((loss) => siiOctave(lowered(SII_OCTAVES[effort], loss), NC_35))).toEqual(
      expected.map((sii) => expect.closeTo(sii, 6)),
    ),
  );

  it("TV-17, its worked row: audibility band by band behind 10 dB", () => {
    const speech = lowered(SII_OCTAVES.normal, 10);
    const audibility = speech.map((_, band) =>
      siiOctave(speech, NC_35, { importance: speech.map((_, i) => (i === band ? 1 : 0)) }),
    );
    expect(audibility).toEqual([0.574333, 0.825, 0.749667, 0.66, 0.527, 0.387].map((k) => expect.closeTo(k, 6)));
  });
});

describe("the one-third octave method", () => {
  const speech = [90, 5, ...times(12, 40), ...times(4, -10)];
  const noise = [10, -10, -10, 75, ...times(10, -10), ...times(4, 10)];
  const threshold = [90, ...times(17, 0)];

  it("TV-13: the standard's own case, in which masking spreads from 160 and 315 Hz", () =>
    expect(siiThird(speech, noise, { threshold })).toBeCloseTo(0.445, 3));

  it("TV-14: with other importances", () =>
    expect(siiThird(speech, noise, { threshold, importance: [...times(9, 0), ...times(7, 0.1), 0.3, 0] })).toBeCloseTo(
      0.438,
      3,
    ));

  it("TV-15, TV-16: in quiet", () =>
    expect([SII_THIRDS.normal, SII_THIRDS.shout].map((voice) => siiThird(voice, times(18, SILENCE)))).toEqual([
      expect.closeTo(0.995825, 6),
      expect.closeTo(0.917698, 6),
    ]));

  it("TV-19: a shout in flat noise of 20, 40 and 60 dB per hertz", () =>
    expect([20, 40, 60].map((level) => siiThird(SII_THIRDS.shout, times(18, level)))).toEqual(
      [0.8795, 0.5372, 0.0534].map((sii) => expect.closeTo(sii, 4)),
    ));

  it("TV-20: a normal voice 1, 2, 4, 10 and 20 m away, in quiet, heard with two ears", () => {
    const at = (metres: number) =>
      siiThird(lowered(SII_THIRDS.normal, 20 * Math.log10(metres)), times(18, SILENCE), {
        threshold: BINAURAL_THRESHOLD_DB,
      });
    expect([1, 2, 4, 10, 20].map(at)).toEqual(
      [0.9969, 0.992, 0.981, 0.9583, 0.8627].map((sii) => expect.closeTo(sii, 4)),
    );
  });
});

describe("what is measured", () => {
  const levels = (count: number) =>
    fc.array(fc.double({ min: -20, max: 90, noNaN: true }), { minLength: count, maxLength: count });

  it("five octave levels give the octave method's index as if the 8 kHz octave had the others' mean audibility", () => {
    const speech = SII_OCTAVES.normal.slice(0, 5).map((level, i) => level - 20 + OCTAVE_WIDTHS_DB[i]!);
    const noise = NC_35.slice(0, 5).map((level, i) => level + OCTAVE_WIDTHS_DB[i]!);
    const without8k = [...SII_OCTAVES.importance.slice(0, 5), 0];
    const six = siiOctave(lowered(SII_OCTAVES.normal, 20), NC_35, { importance: without8k });
    expect(sii5(speech, noise)).toBeCloseTo(six / 0.9451, 12);
  });

  it("thirds likewise: clear speech is 1, speech 40 dB under the noise 0", () => {
    const speech = SII_THIRDS.normal.slice(0, 16).map((level, i) => level + THIRD_WIDTHS_DB[i]!);
    const quiet = THIRD_WIDTHS_DB.map((width) => SILENCE + width);
    expect([siiOfThirds(speech, quiet), siiOfThirds(lowered(speech, 40), speech)]).toEqual([expect.closeTo(1, 2), 0]);
  });

  it("law: an index lies in 0–1, and more noise never raises it", () =>
    fc.assert(
      fc.property(levels(16), levels(16), levels(16), (speech, noise, more) => {
        const louder = noise.map((level, i) => Math.max(level, more[i]!));
        for (const [index, bands] of [[sii5, 5] as const, [siiOfThirds, 16] as const]) {
          const cut = (values: readonly number[]) => values.slice(0, bands);
          const before = index(cut(speech), cut(noise));
          expect(before).toBeGreaterThanOrEqual(0);
          expect(before).toBeLessThanOrEqual(1 + 1e-9);
          expect(index(cut(speech), cut(louder))).toBeLessThanOrEqual(before + 1e-12);
        }
      }),
    ));

  it("law: speech one decibel off, or noise, moves SII5 by a thirtieth at most", () =>
    fc.assert(
      fc.property(levels(5), levels(5), fc.constantFrom(-1, 1), (speech, noise, step) => {
        const index = sii5(speech, noise);
        expect(Math.abs(sii5(lowered(speech, step), noise) - index)).toBeLessThanOrEqual(1 / 30 + 1e-9);
        expect(Math.abs(sii5(speech, lowered(noise, step)) - index)).toBeLessThanOrEqual(1 / 30 + 1e-9);
      }),
    ));

  it("law: a boundary that keeps more in never raises the index of a voice no louder than normal", () =>
    fc.assert(
      fc.property(levels(5), levels(5), levels(5), (loss, noise, more) => {
        const voice = SII_OCTAVES.normal.slice(0, 5).map((level, i) => level + OCTAVE_WIDTHS_DB[i]!);
        const through = voice.map((level, i) => level - Math.max(0, loss[i]!));
        const throughMore = through.map((level, i) => level - Math.max(0, more[i]!));
        expect(sii5(throughMore, noise)).toBeLessThanOrEqual(sii5(through, noise) + 1e-12);
      }),
    ));

  it("another number of bands is refused: octaves are no thirds", () => {
    expect(() => sii5(times(6, 50), times(6, 40))).toThrow(RangeError);
    expect(() => siiOfThirds(times(5, 50), times(5, 40))).toThrow(RangeError);
    expect(() => siiOctave(times(5, 50), times(6, 40))).toThrow(RangeError);
    expect(() => siiThird(times(18, 50), times(16, 40))).toThrow(RangeError);
  });
});
