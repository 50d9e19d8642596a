import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WIDE_OCTAVES_HZ } from "./bands.ts";
import {
  heardModulation,
  indexOfOctaves,
  MODULATION_HZ,
  maskingDb,
  modulationInNoise,
  modulationInReverberation,
  qualificationOf,
  roomModulation,
  STI_SPEECH_DB,
  speechTransmissionIndex,
} from "./sti.ts";

const everywhere = (m: number) => WIDE_OCTAVES_HZ.map(() => MODULATION_HZ.map(() => m));
const everyOctave = (value: number) => WIDE_OCTAVES_HZ.map(() => value);

describe("Speech Transmission Index", () => {
  it("TV-22: two neighbouring octaves alone", () =>
    expect(
      [0, 1, 2, 3, 4, 5].map((k) => indexOfOctaves(WIDE_OCTAVES_HZ.map((_, i) => (i === k || i === k + 1 ? 1 : 0)))),
    ).toEqual([0.127, 0.279, 0.398, 0.531, 0.486, 0.302].map((sti) => expect.closeTo(sti, 9))));

  it.each([
    [0.059351, 0.1],
    [0.11182, 0.2],
    [0.20076, 0.3],
    [0.33386, 0.4],
    [0.5, 0.5],
    [0.66614, 0.6],
    [0.79924, 0.7],
    [0.88818, 0.8],
    [0.94065, 0.9],
  ])("TV-23: a modulation of %f everywhere is an index of %f", (m, sti) =>
    expect(speechTransmissionIndex(everywhere(m))).toBeCloseTo(sti, 4),
  );

  it("TV-24: masking by the octave below", () =>
    expect([60, 65, 80, 100].map(maskingDb)).toEqual([-35, -29.9, -19.8, -10].map((db) => expect.closeTo(db, 9))));

  it("noise as loud as speech halves the modulation; decay takes more from fast modulation", () => {
    expect(modulationInNoise(0)).toBe(0.5);
    expect([0.63, 12.5].map((hz) => modulationInReverberation(hz, 1))).toEqual([
      expect.closeTo(0.961, 3),
      expect.closeTo(0.173, 3),
    ]);
  });

  it("loud and clear is 1; silence, and speech under the threshold of hearing, 0", () => {
    const speech = STI_SPEECH_DB.map((level) => level + 65);
    const quiet = everyOctave(-40);
    expect([speechTransmissionIndex(everywhere(1)), speechTransmissionIndex(everywhere(0))]).toEqual([
      expect.closeTo(1, 9),
      0,
    ]);
    expect(speechTransmissionIndex(heardModulation(everywhere(1), speech, quiet))).toBeGreaterThan(0.95);
    expect(speechTransmissionIndex(heardModulation(everywhere(1), everyOctave(-20), quiet))).toBe(0);
  });

  it("alone and at its threshold of hearing an octave keeps half its modulation", () => {
    const thresholds = [46, 27, 12, 6.5, 7.5, 8, 12];
    const kept = thresholds.map((level, k) => {
      const alone = thresholds.map((_, i) => (i === k ? level : -100));
      return heardModulation(everywhere(1), alone, everyOctave(-100))[k]![0];
    });
    expect(kept).toEqual(thresholds.map(() => expect.closeTo(0.5, 6)));
  });

  it("80 dB in one octave mask 60 dB in the next as noise of 60.2 dB would, those in turn 40 dB as noise of 25 dB", () => {
    const [, second, third] = heardModulation(everywhere(1), [80, 60, 40, 40, 40, 40, 40], everyOctave(-100));
    expect([second![0], third![0]]).toEqual([
      expect.closeTo(modulationInNoise(60 - 60.2), 3),
      expect.closeTo(modulationInNoise(40 - 25), 2),
    ]);
  });

  it("a furnished office without noise is good, behind a wall in ventilation noise bad", () => {
    const office = roomModulation(everyOctave(0.5));
    const speech = STI_SPEECH_DB.map((level) => level + 60);
    const ventilation = [48, 41, 35, 32, 29, 28, 27];
    const behindWall = speech.map((level) => level - 35);
    expect([
      qualificationOf(speechTransmissionIndex(office)),
      qualificationOf(speechTransmissionIndex(heardModulation(office, behindWall, ventilation))),
    ]).toEqual(["A", "U"]);
  });

  it("letters begin at 0.36 and change every 0.04", () =>
    expect([0, 0.359, 0.36, 0.4, 0.44, 0.48, 0.52, 0.56, 0.6, 0.64, 0.68, 0.72, 0.76, 1].map(qualificationOf)).toEqual([
      "U",
      "U",
      "J",
      "I",
      "H",
      "G",
      "F",
      "E",
      "D",
      "C",
      "B",
      "A",
      "A+",
      "A+",
    ]));

  it("law: the same modulation everywhere gives an index in 0–1 that rises with it", () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((m) => speechTransmissionIndex(everywhere(m)));
        expect(less!).toBeGreaterThanOrEqual(0);
        expect(less!).toBeLessThanOrEqual(more! + 1e-12);
        expect(more!).toBeLessThanOrEqual(1);
      }),
    ));

  it("law: noise and hearing only take modulation away", () => {
    const levels = fc.array(fc.double({ min: -20, max: 100, noNaN: true }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(levels, levels, fc.double({ min: 0.1, max: 3, noNaN: true }), (speech, noise, reverberation) => {
        const room = roomModulation(everyOctave(reverberation));
        heardModulation(room, speech, noise).forEach((row, k) => {
          row.forEach((m, f) => {
            expect(m).toBeLessThanOrEqual(room[k]![f]!);
          });
        });
      }),
    );
  });

  it("a modulation of other bands is refused", () => {
    expect(() => speechTransmissionIndex(everywhere(1).slice(1))).toThrow(RangeError);
    expect(() => speechTransmissionIndex(everywhere(1).map((row) => row.slice(1)))).toThrow(RangeError);
  });
});
