import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Hearing } from "../api.ts";
import { hearingOf, snrUni, snrUniOfOctaves } from "./hearing.ts";

const levels = (count: number) =>
  fc.array(fc.double({ min: -20, max: 90, noNaN: true }), { minLength: count, maxLength: count });

describe("SNR_uni", () => {
  it("TV-21: −15.494 dB behind a light wall", () => {
    const inRoom = [
      48.06, 51.13, 52.4, 52.63, 54.24, 54.92, 53.71, 50.95, 48.66, 47.65, 45.8, 43.97, 40.83, 40.2, 38.98, 35.96,
    ];
    const loss = [22, 24, 26, 28, 30, 31, 32, 33, 34, 35, 36, 37, 38, 38, 38, 38];
    const noise = loss.map((_, i) => 38 - i);
    expect(
      snrUni(
        inRoom.map((level, i) => level - loss[i]!),
        noise,
      ),
    ).toBeCloseTo(-15.494, 3);
  });

  it("a band 60 dB under the noise counts as −32: what is not heard cannot make up for what is", () => {
    const noise = Array.from({ length: 16 }, () => 40);
    expect(snrUni([...noise.slice(0, 8), ...noise.slice(8).map((level) => level - 60)], noise)).toBe(-16);
    expect(snrUniOfOctaves([-60, -60, -60, -60, -60], [40, 40, 40, 40, 40])).toBe(-32);
  });

  it("law: more noise never raises it, a decibel in every band moves it by one at most", () =>
    fc.assert(
      fc.property(levels(5), levels(5), levels(5), (speech, noise, more) => {
        const snr = snrUniOfOctaves(speech, noise);
        const louder = noise.map((level, i) => Math.max(level, more[i]!));
        expect(snrUniOfOctaves(speech, louder)).toBeLessThanOrEqual(snr + 1e-12);
        const oneUp = snrUniOfOctaves(
          speech.map((level) => level + 1),
          noise,
        );
        expect(oneUp).toBeGreaterThanOrEqual(snr);
        expect(oneUp).toBeLessThanOrEqual(snr + 1 + 1e-9);
      }),
    ));

  it("other bands are refused", () => {
    expect(() => snrUni([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])).toThrow(RangeError);
    expect(() => snrUniOfOctaves([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6])).toThrow(RangeError);
  });
});

describe("what is heard", () => {
  it.each([
    [-32, 0, "inaudible"],
    [-22.1, 0, "inaudible"],
    [-22, 0, "audible"],
    [-16.1, 0.03, "audible"],
    [-16, 0.045, "words"],
    [-12, 0.11, "words"],
    [-11.9, 0.11, "partly"],
    [-11.9, 0.02, "partly"],
    [-4.4, 0.31, "partly"],
    [-4, 0.32, "intelligible"],
    [1.8, 0.52, "intelligible"],
    [2, 0.53, "clearly"],
    [-13, 0.6, "words"],
  ] as const)("at %f dB and an index of %f: %s", (snr, sii5, expected) => expect(hearingOf(snr, sii5)).toBe(expected));

  it("law: more signal and a higher index never mean that less is heard", () => {
    const order = Hearing.options;
    const snr = fc.double({ min: -32, max: 30, noNaN: true });
    const sii = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(snr, snr, sii, sii, (snrA, snrB, siiA, siiB) => {
        const less = hearingOf(Math.min(snrA, snrB), Math.min(siiA, siiB));
        const more = hearingOf(Math.max(snrA, snrB), Math.max(siiA, siiB));
        expect(order.indexOf(less)).toBeLessThanOrEqual(order.indexOf(more));
      }),
    );
  });
});
