import { describe, expect, it } from "vitest";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import { levelOf } from "#protocol/decibel.ts";
import { type Boundary, Site } from "#protocol/site.ts";
import {
  compositeReduction,
  type DoorState,
  ELEMENTS,
  measuredReduction,
  type PartitionSpectra,
  ratedReduction,
  reductionOf,
  screenDetour,
  screenLoss,
} from "./partitions.ts";
import { aWeighted, bandsOf, NORMAL_VOICE } from "./spectra.ts";
import { createTransmission, type Transmission } from "./transmission.ts";

/** ISO 717-1 by octaves: the reference curve is moved until what lies below it is at most 10 dB in all. */
function weighted(reduction: readonly number[]): number {
  const reference = [36, 45, 52, 55, 56];
  for (let rw = 90; ; rw--) {
    const below = reference.map((level, i) => Math.max(0, level - 52 + rw - reduction[i + 1]!));
    if (below.reduce((sum, x) => sum + x, 0) <= 10) return rw;
  }
}

describe("partitions", () => {
  it("TV-28: the rated spectrum rates what it says", () => {
    for (const rw of [20, 30, 40, 52]) expect(weighted(ratedReduction(rw))).toBe(rw);
  });

  it("rates the measured elements within 2 dB of the table, and moved ones as they are told", () => {
    for (const { kind, reduction, rw } of ELEMENTS) {
      expect(Math.abs(weighted(reduction) - rw)).toBeLessThanOrEqual(2);
      expect(weighted(measuredReduction(kind, rw + 3)) - weighted(reduction)).toBe(3);
    }
  });

  it("TV-32: 8 m² of gypsum with a 2 m² hardwood door", () => {
    const gypsum = [25, 40, 48, 52, 47, 52];
    const door = [17, 21, 26, 29, 31, 34];
    const composite = gypsum.map((wall, i) =>
      compositeReduction([
        { area: 8, reduction: wall },
        { area: 2, reduction: door[i]! },
      ]).toFixed(1),
    );
    expect(composite).toEqual(["21.9", "27.8", "32.9", "35.9", "37.6", "40.7"]);
  });

  it.each([
    ["closed", 30],
    ["ajar", 23],
    ["open", 7],
  ] as const)("a front rated 30 with its door %s rates %i", (state, expected) => {
    const front: Boundary = { between: ["A", "B"], kind: "door", rw: 30, area: 10 };
    expect(Math.abs(weighted(reductionOf(front, state, "rated")) - expected)).toBeLessThan(1);
  });

  it("takes 5 dB off the direct sound at the edge of a screen, 13 at a Fresnel number of 1, never more than 20", () => {
    expect([0, 1, 100].map((fresnel) => screenLoss(fresnel).toFixed(1))).toEqual(["5.0", "13.1", "20.0"]);
    expect(screenLoss((2 * screenDetour(11) * 1000) / 343)).toBeCloseTo(11, 3);
  });
});

const rooms = ["A", "B", "C"].map((id) => ({ id, name: id, kind: "private-office", volume: 25, reverberation: 0.4 }));
const house = (...boundaries: object[]) =>
  Site.parse({ site: "house", name: "House", timeZone: "UTC", rooms, boundaries });
const dba = ({ route }: Transmission, from: string, to: string, ...doors: DoorState[]) =>
  levelOf(aWeighted(bandsOf(NORMAL_VOICE, route(from, to).gains(doors))) / P0_SQUARED);

describe("a normal voice in the next room", () => {
  it.each([
    [20, 47.4],
    [25, 42.4],
    [30, 37.4],
    [35, 32.4],
    [40, 27.4],
    [45, 22.4],
    [50, 17.4],
  ])("is, through 10 m² of R'w %i into 10 m² of absorption, %f dBA", (rw, expected) => {
    const wall = createTransmission(house({ between: ["A", "B"], kind: "wall", rw, area: 10 }));
    expect(Math.abs(dba(wall, "A", "B", "closed") - expected)).toBeLessThan(0.5);
  });

  it("is as loud either way between equal rooms, and nothing comes out of a room that is not connected", () => {
    const wall = createTransmission(house({ between: ["A", "B"], kind: "wall", rw: 30, area: 10 }));
    expect(dba(wall, "A", "B", "closed")).toBeCloseTo(dba(wall, "B", "A", "closed"), 9);
    expect(wall.into("B").map(({ from }) => from)).toEqual(["A"]);
    expect(
      wall
        .route("C", "B")
        .gains(["closed"])
        .every((gain) => gain === 0),
    ).toBe(true);
  });

  it("is heard by way of a third room when both doors stand open, 35 dB less with them closed", () => {
    const doors = ["A", "B"].map((room) => ({ between: [room, "C"], kind: "door", rw: 30, area: 10 }));
    const wall = { between: ["A", "B"], kind: "wall", rw: 45, area: 10 };
    const flat = createTransmission(house(...doors, wall));
    const [closed, one, both] = [
      dba(flat, "A", "B", "closed", "closed"),
      dba(flat, "A", "B", "open", "closed"),
      dba(flat, "A", "B", "open", "open"),
    ];
    expect(closed).toBeGreaterThan(22.4);
    expect(closed).toBeLessThan(24);
    expect(one).toBeGreaterThan(28);
    expect(one).toBeLessThan(31);
    // 64.4 dBA in A; each door takes off 7 dB and the coupling of two rooms a little more.
    expect(both).toBeGreaterThan(47);
    expect(both).toBeLessThan(50);
  });

  it("knows a door from a wall: only doors move", () => {
    const wall = createTransmission(house({ between: ["A", "B"], kind: "wall", rw: 30, area: 10 }));
    expect(dba(wall, "A", "B", "open")).toBe(dba(wall, "A", "B", "closed"));
  });

  it("comes through an opening and past a screen, which in a small room stops hardly anything", () => {
    const through = (kind: string, rw: number) =>
      dba(createTransmission(house({ between: ["A", "B"], kind, rw, area: 10 })), "A", "B", "closed");
    expect(through("open", 0)).toBeLessThan(64.4);
    expect(through("open", 0) - through("screen", 12)).toBeGreaterThan(0);
    expect(through("open", 0) - through("screen", 12)).toBeLessThan(1);
    expect(through("screen", 5)).toBeGreaterThan(through("screen", 20));
  });

  it("has another spectrum through measured elements than through rated ones, of the same rating", () => {
    const of = (spectra: PartitionSpectra) =>
      dba(
        createTransmission(house({ between: ["A", "B"], kind: "wall", rw: 40, area: 10 }), spectra),
        "A",
        "B",
        "closed",
      );
    expect(Math.abs(of("measured") - of("rated"))).toBeGreaterThan(0.1);
    expect(Math.abs(of("measured") - of("rated"))).toBeLessThan(5);
  });
});
