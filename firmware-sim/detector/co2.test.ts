import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { peopleFrom, ppmAfter, steadyPpm } from "./co2.ts";

const room = { volumeL: 40_000, airflowLps: 14, outdoorPpm: 420 };

describe("carbon dioxide", () => {
  it("TV-34: ends where supply and people balance", () => {
    const ends = [steadyPpm(room, 2), steadyPpm(room, 1), steadyPpm({ airflowLps: 20, outdoorPpm: 420 }, 3)];
    expect(ends.map((ppm) => ppm.toFixed(1))).toEqual(["1162.9", "791.4", "1200.0"]);
  });

  it("TV-35: rises with the room's time constant of 47.6 min", () => {
    expect(ppmAfter(room, 420, 2, 1800).toFixed(1)).toBe("767.2");
    expect((room.volumeL / room.airflowLps / 60).toFixed(1)).toBe("47.6");
  });

  it("TV-36: tells how many people a rise stands for", () => {
    expect(peopleFrom(room, 600, 640, 300).toFixed(3)).toBe("1.565");
  });

  it("estimates the people that made the concentration, whatever the room", () => {
    const range = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        range(1e4, 3e5),
        range(2, 100),
        range(400, 3000),
        range(0, 20),
        range(30, 3600),
        (v, q, ppm, n, s) => {
          const any = { volumeL: v, airflowLps: q, outdoorPpm: 420 };
          expect(peopleFrom(any, ppm, ppmAfter(any, ppm, n, s), s)).toBeCloseTo(n, 4);
        },
      ),
    );
  });
});
