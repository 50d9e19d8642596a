import { describe, expect, it } from "vitest";
import { rate } from "#protocol/acoustics/sound-reduction-index.ts";
import { tensAround } from "./frame.tsx";
import { steps } from "./noise-by-hour.tsx";
import { octaveNames, referenceCurve } from "./octaves.ts";
import { bandsOf } from "./spectrum.tsx";

describe("background by hour", () => {
  const place = { x: (share: number) => share * 240, y: (value: number) => -value };
  const hour = (at: number, dba: number) => ({ hour: at, dba, l90: [0, 0, 0, 0, 0] });

  it("steps from hour to hour, and is not drawn over an hour that was not measured", () =>
    expect(steps([hour(8, 30), hour(9, 32), hour(11, 31)], place)).toBe("M80 -30H90L90 -32H100M110 -31H120"));
});

describe("the spectrum", () => {
  it("has an interval of 95 % where it was measured, none where it is a lower bound, nothing where nothing is known", () =>
    expect(
      bandsOf({
        ld: [20, 30, null, 40, 41],
        ldSigma: [1, 2, null, 0.5, null],
        ldLimited: [false, false, false, true, false],
      }),
    ).toEqual([
      { value: 20, margin: 1.96 },
      { value: 30, margin: 3.92 },
      null,
      { value: 40, margin: null },
      { value: 41, margin: 0 },
    ]));

  it("shows as recommended a boundary that rates just so", () => {
    for (const rw of [30, 40, 52]) {
      const at125 = rw - 18;
      expect(rate([at125, ...referenceCurve(rw)]).w).toBe(rw);
      expect(rate([at125 - 0.1, ...referenceCurve(rw)]).w).toBe(rw - 1);
    }
  });

  it("names its octaves", () => expect(octaveNames("da-DK")).toEqual(["250 Hz", "500 Hz", "1 kHz", "2 kHz", "4 kHz"]));
});

it("an axis ends at tens", () => expect(tensAround([23.1, 38.2])).toEqual({ min: 20, max: 40 }));
