import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { type Spurt, spurtsOf } from "./talk.ts";

const hour = 3600;
const active = (spurts: readonly Spurt[]) => spurts.reduce((sum, { from, until }) => sum + until - from, 0) / hour;

describe("turn-taking", () => {
  it("fills about 77 % of a dialogue with speech (ITU-T P.59), shared between both", () => {
    const spurts = spurtsOf("dialogue", 2, hour, createRandom("dialogue"));
    expect(active(spurts)).toBeGreaterThan(0.73);
    expect(active(spurts)).toBeLessThan(0.81);
    expect(active(spurts.filter(({ talker }) => talker === 0)) / active(spurts)).toBeCloseTo(0.5, 1);
  });

  it("leaves the other party of a telephone call silent", () => {
    const spurts = spurtsOf("one-sided", 1, hour, createRandom("telephone"));
    expect(active(spurts)).toBeGreaterThan(0.35);
    expect(active(spurts)).toBeLessThan(0.5);
    expect(new Set(spurts.map(({ talker }) => talker))).toEqual(new Set([0]));
  });

  it("waits nearly half a second between turns, as Danish does", () => {
    const spurts = spurtsOf("dialogue", 2, hour, createRandom("gaps"));
    const gaps = spurts.slice(1).flatMap((spurt, i) => {
      const last = spurts[i]!;
      return spurt.talker === last.talker ? [] : [spurt.from - last.until];
    });
    const usual = gaps.filter((gap) => gap < 1.5);
    expect(usual.reduce((sum, gap) => sum + gap, 0) / usual.length).toBeCloseTo(0.5, 1);
  });

  it("lets everybody in a meeting speak, one at a time and in order", () => {
    const spurts = spurtsOf("dialogue", 5, hour, createRandom("meeting"));
    expect(new Set(spurts.map(({ talker }) => talker))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(spurts.slice(1).every((spurt, i) => spurt.from >= spurts[i]!.until)).toBe(true);
  });
});
