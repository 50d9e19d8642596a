import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { articulationIndex, articulationIndexFromSii5, privacyIndex } from "./articulation-index.ts";

/** TV-21: a voice behind a light wall, thirds 160–5000 Hz, dB. */
const inRoom = [
  48.06, 51.13, 52.4, 52.63, 54.24, 54.92, 53.71, 50.95, 48.66, 47.65, 45.8, 43.97, 40.83, 40.2, 38.98, 35.96,
];
const loss = [22, 24, 26, 28, 30, 31, 32, 33, 34, 35, 36, 37, 38, 38, 38, 38];
const behind = inRoom.map((level, i) => level - loss[i]!);
const background = behind.map((_, i) => 38 - i);

const thirds = fc.array(fc.double({ min: -20, max: 90, noNaN: true }), { minLength: 16, maxLength: 16 });

describe("Articulation Index and Privacy Index", () => {
  it("TV-21: confidential behind a light wall", () => {
    const index = articulationIndex(behind, background);
    expect([index, privacyIndex(index)]).toEqual([expect.closeTo(0.01553, 5), expect.closeTo(98.45, 2)]);
  });

  it("speech far above the noise has 0.999, the sum of the published weights, and 160 Hz counts for nothing", () => {
    const clear = behind.map(() => 100);
    expect(articulationIndex(clear, background)).toBeCloseTo(0.999, 9);
    expect(articulationIndex([-50, ...clear.slice(1)], background)).toBe(articulationIndex(clear, background));
  });

  it("law: never raised by more noise", () =>
    fc.assert(
      fc.property(thirds, thirds, thirds, (speech, noise, more) => {
        const louder = noise.map((level, i) => Math.max(level, more[i]!));
        expect(articulationIndex(speech, louder)).toBeLessThanOrEqual(articulationIndex(speech, noise) + 1e-12);
      }),
    ));

  it("from SII5: the points of the table, and lines between them", () =>
    expect([0, 0.03, 0.07, 0.11, 0.31, 0.52, 0.76, 1].map(articulationIndexFromSii5)).toEqual(
      [0, 0, 0.025, 0.05, 0.2, 0.4, 0.7, 1].map((ai) => expect.closeTo(ai, 12)),
    ));

  it("law: from SII5 it lies in 0–1 and rises with it", () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map(articulationIndexFromSii5);
        expect(less!).toBeGreaterThanOrEqual(0);
        expect(less!).toBeLessThanOrEqual(more!);
        expect(more!).toBeLessThanOrEqual(1);
      }),
    ));

  it("octaves are refused", () =>
    expect(() => articulationIndex([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])).toThrow(RangeError));
});
