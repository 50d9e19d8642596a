import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  advance,
  behindOf,
  heldThrough,
  type Lane,
  nextErrand,
  parkWhenFarBehind,
  rewind,
  startPosition,
} from "./backlog.ts";

describe("backlog", () => {
  it("far behind, live goes on at the head and the lanes take turns; the oldest drains first", () => {
    let position = parkWhenFarBehind(startPosition, 100, 50);
    expect(position).toEqual({ pending: [[1, 101]], next: 101 });
    expect(nextErrand(position, 110, "live")).toEqual({ lane: "backlog", from: 1, to: 101 });
    position = advance(position, { lane: "backlog", from: 1, to: 101 }, 31);
    expect(position).toEqual({ pending: [[31, 101]], next: 101 });
    expect(nextErrand(position, 110, "backlog")).toEqual({ lane: "live", from: 101, to: 111 });
    position = advance(position, { lane: "live", from: 101, to: 111 }, 111);
    expect([behindOf(position, 110), heldThrough(position)]).toEqual([70, 30]);
    expect(nextErrand(position, 110, "live")).toEqual({ lane: "backlog", from: 31, to: 101 });
  });

  it("live messages that are still collecting do not hold up the backlog", () => {
    const position = { pending: [[1, 101]], next: 101 } as const;
    expect(nextErrand(position, 110, "backlog", 11)?.lane).toBe("backlog");
    expect(nextErrand(position, 111, "backlog", 11)?.lane).toBe("live");
    expect(nextErrand({ pending: [], next: 101 }, 110, "live", 11)).toBeUndefined();
  });

  it("after a rewind everything from there on is to be moved again", () =>
    expect(rewind({ pending: [[31, 101]], next: 120 }, 20)).toEqual({ pending: [[20, 120]], next: 120 }));

  it("whatever arrives when, every message is moved exactly once, and live never waits for more than one batch", () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(40), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (arrivals, batch) => {
          let position = startPosition;
          let lane: Lane = "live";
          let lastId = 0;
          const moved: number[] = [];
          const lanes: Lane[] = [];
          const step = () => {
            position = parkWhenFarBehind(position, lastId, 20);
            const errand = nextErrand(position, lastId, lane);
            if (!errand) return false;
            const reached = Math.min(errand.to, errand.from + batch);
            for (let id = errand.from; id < reached; id++) moved.push(id);
            position = advance(position, errand, reached);
            lane = errand.lane;
            lanes.push(lane);
            return true;
          };
          for (const arrived of arrivals) {
            lastId += arrived;
            const before = moved.length;
            step();
            expect(behindOf(position, lastId)).toBe(lastId - moved.length);
            expect(moved.length).toBeGreaterThanOrEqual(before);
          }
          while (step());
          expect(moved.toSorted((a, b) => a - b)).toEqual(Array.from({ length: lastId }, (_, i) => i + 1));
          expect([behindOf(position, lastId), heldThrough(position)]).toEqual([0, lastId]);
        },
      ),
    ));
});
