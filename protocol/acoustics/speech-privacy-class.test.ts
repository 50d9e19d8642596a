import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mean, thirdsFromOctaves } from "./bands.ts";
import { snrUni } from "./hearing.ts";
import { spcClassOf, speechPrivacyClass, speechPrivacyClassOfOctaves } from "./speech-privacy-class.ts";

const bands = (count: number, min: number, max: number) =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: count, maxLength: count });

describe("Speech Privacy Class", () => {
  it("TV-21: level difference 32.5 and background 30.5 are SPC 63", () => {
    const loss = [22, 24, 26, 28, 30, 31, 32, 33, 34, 35, 36, 37, 38, 38, 38, 38];
    const background = loss.map((_, i) => 38 - i);
    expect([mean(loss), mean(background), speechPrivacyClass(loss, background)]).toEqual([32.5, 30.5, 63]);
  });

  it("each class begins at its own SPC", () =>
    expect([40, 69.9, 70, 74.9, 75, 80, 84.9, 85, 90, 110].map(spcClassOf)).toEqual([
      "below-minimal",
      "below-minimal",
      "minimal-privacy",
      "minimal-privacy",
      "standard-privacy",
      "standard-security",
      "standard-security",
      "high-security",
      "very-high-security",
      "very-high-security",
    ]));

  it("law: SNR_uni is the mean level in the talker's room less SPC, however loud the talk", () =>
    fc.assert(
      fc.property(bands(16, 40, 80), bands(16, 10, 30), bands(16, 20, 40), (inRoom, loss, noise) => {
        const behind = inRoom.map((level, i) => level - loss[i]!);
        expect(snrUni(behind, noise)).toBeCloseTo(mean(inRoom) - speechPrivacyClass(loss, noise), 9);
      }),
    ));

  it("from octaves: a decibel more of either is a decibel more of SPC", () =>
    fc.assert(
      fc.property(bands(5, 10, 60), bands(5, 10, 60), (loss, noise) => {
        const spc = speechPrivacyClassOfOctaves(loss, noise);
        const more = (levels: readonly number[]) => levels.map((level) => level + 1);
        expect(speechPrivacyClassOfOctaves(more(loss), noise)).toBeCloseTo(spc + 1, 9);
        expect(speechPrivacyClassOfOctaves(loss, more(noise))).toBeCloseTo(spc + 1, 9);
        expect(speechPrivacyClassOfOctaves(more(loss), noise) - mean(thirdsFromOctaves(more(loss)))).toBeCloseTo(
          spc - mean(thirdsFromOctaves(loss)),
          9,
        );
      }),
    ));
});
