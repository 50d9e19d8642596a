import { describe, expect, it } from "vitest";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import { levelOf } from "#protocol/decibel.ts";
import { noiseCriterion } from "./noise.ts";
import { absorptionArea, fieldGain, inRoom, lombard } from "./rooms.ts";
import { aWeighted, bandsOf, NORMAL_VOICE, RAISED_VOICE } from "./spectra.ts";

const dba = (bands: Float64Array) => levelOf(aWeighted(bands) / P0_SQUARED);

describe("spectra", () => {
  it.each([
    [15, 27.0],
    [20, 31.3],
    [25, 35.6],
    [30, 39.9],
    [35, 44.2],
    [40, 48.8],
  ] as const)("ventilation of NC-%i is %f dBA", (curve, expected) => {
    expect(Math.abs(dba(bandsOf(noiseCriterion(curve))) - expected)).toBeLessThan(0.5);
  });

  it("gives a normal voice 68.4 dBA of power and a raised one about 7 dB more", () => {
    expect(Math.abs(dba(bandsOf(NORMAL_VOICE)) - 68.4)).toBeLessThan(0.3);
    expect(Math.abs(dba(bandsOf(RAISED_VOICE)) - 75.5)).toBeLessThan(0.5);
  });
});

describe("the field in a room", () => {
  it("TV-31: 68.4 dB of power at 1 m in the open, at 3 m in 10 m² and 20 m²", () => {
    const level = (area: number, distance: number, directivity: number) =>
      (68.4 + levelOf(fieldGain(area, distance, directivity))).toFixed(2);
    expect([
      level(Number.POSITIVE_INFINITY, 1, 1),
      level(Number.POSITIVE_INFINITY, 1, 2),
      level(10, 3, 1),
      level(20, 3, 1),
    ]).toEqual(["57.41", "60.42", "64.52", "61.60"]);
  });

  it("makes people talk up against noise that is louder than about 50 dBA, half as much", () => {
    expect([30, 45, 49, 55, 65].map((noise) => lombard(noise).toFixed(1))).toEqual(["0.0", "0.0", "0.0", "2.6", "7.6"]);
  });

  it("makes 64.4 dBA of a normal voice in 10 m² of absorption", () => {
    expect(absorptionArea({ volume: 25, reverberation: 0.4 })).toBeCloseTo(10, 9);
    expect(Math.abs(dba(inRoom(NORMAL_VOICE, 10, 1000)) - 64.4)).toBeLessThan(0.3);
  });
});
