import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CEILING_DB, createFrames, FLOOR_DB, isCeiling, isFloor, MEMORY_S } from "./frames.ts";
import { START } from "./two-rooms.fixture.ts";

const second = (s: number) => START + s * 1000;
/** Ten seconds whose octaves are `level`, level + 1, … dB. */
const tenOf = (level: number) => Array.from({ length: 10 }, () => [0, 1, 2, 3, 4].map((k) => level + k));
const talk = (on: boolean) => Array.from({ length: 10 }, () => on);

describe("a room's frames", () => {
  it("give back what was put, octave by octave, with the holes left open", () => {
    const frames = createFrames();
    frames.put(second(0), tenOf(40), talk(true));
    frames.put(second(20), tenOf(50), talk(false));
    const { levels, speech, heard, seconds } = frames.window(second(5), 20);
    expect(levels.map((octave) => [octave[0], octave[4], octave[15], octave[19]])).toEqual(
      [0, 1, 2, 3, 4].map((k) => [40 + k, 40 + k, 50 + k, 50 + k]),
    );
    expect(Array.from(levels[0]!).map((level) => !Number.isNaN(level))).toEqual([
      ...Array(5).fill(true),
      ...Array(10).fill(false),
      ...Array(5).fill(true),
    ]);
    expect(Array.from(speech)).toEqual([...Array(5).fill(1), ...Array(15).fill(0)]);
    expect([heard, seconds]).toEqual([10, 20]);
  });

  it("are given again to whoever asks for the same seconds, and anew once they have changed", () => {
    const frames = createFrames();
    frames.put(second(0), tenOf(40), talk(true));
    const before = frames.window(second(0), 20);
    expect(frames.window(second(0), 20)).toBe(before);
    expect(frames.window(second(0), 10).seconds).toBe(10);
    frames.put(second(10), tenOf(50), talk(true));
    const after = frames.window(second(0), 20);
    expect([before.heard, after.heard]).toEqual([10, 20]);
    frames.forget(second(5));
    expect([after.heard, frames.window(second(0), 20).heard]).toEqual([20, 15]);
  });

  it("have a first and a last second, and none at first", () => {
    const frames = createFrames();
    expect([frames.first(), frames.last()]).toEqual([null, null]);
    frames.put(second(30), tenOf(40), talk(false));
    frames.put(second(10), tenOf(40), talk(false));
    expect([frames.first(), frames.last()]).toEqual([second(10), second(40)]);
  });

  it("live 15 minutes: the sixteenth overwrites the first, and what comes too late is not taken", () => {
    const frames = createFrames();
    for (let s = 0; s <= MEMORY_S; s += 10) frames.put(second(s), tenOf(30), talk(true));
    frames.put(second(0), tenOf(99), talk(true));
    expect([frames.first(), frames.last()]).toEqual([second(10), second(MEMORY_S + 10)]);
    expect(frames.window(second(0), 10).heard).toBe(0);
    expect(frames.window(second(10), MEMORY_S).heard).toBe(MEMORY_S);
  });

  it("take the first word on a second", () => {
    const frames = createFrames();
    frames.put(second(0), tenOf(40), talk(true));
    frames.put(second(5), tenOf(60), talk(false));
    expect(Array.from(frames.window(second(0), 15).levels[0]!)).toEqual([...Array(10).fill(40), ...Array(5).fill(60)]);
  });

  it("are gone when they are forgotten, all of them too", () => {
    const frames = createFrames();
    frames.put(second(0), tenOf(40), talk(true));
    frames.put(second(10), tenOf(40), talk(true));
    frames.forget(second(12));
    expect([frames.first(), frames.last(), frames.window(second(0), 20).heard]).toEqual([second(12), second(20), 8]);
    frames.forget(second(1000));
    expect([frames.first(), frames.last()]).toEqual([null, null]);
    frames.put(second(2), tenOf(40), talk(true));
    expect([frames.first(), frames.last()]).toEqual([second(2), second(12)]);
  });

  it("are, in whatever order they come and are forgotten, what a plain list of seconds would hold", () => {
    const message = fc.record({ at: fc.nat(2500), forget: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 40 }),
        fc.nat(2500),
        fc.integer({ min: 1, max: MEMORY_S }),
        (all, from, length) => {
          const frames = createFrames();
          let plain = new Map<number, number>();
          const keep = (is: (s: number) => boolean) => (plain = new Map([...plain].filter(([s]) => is(s))));
          for (const [i, { at, forget }] of all.entries()) {
            if (forget) {
              frames.forget(second(at));
              keep((s) => s >= at);
              continue;
            }
            frames.put(second(at), tenOf(20 + i), talk(true));
            for (let s = at; s < at + 10; s++) {
              const newest = Math.max(...plain.keys());
              if (s > newest - MEMORY_S && !plain.has(s)) plain.set(s, 20 + i);
              keep((kept) => kept > s - MEMORY_S);
            }
          }
          const { levels, speech, heard } = frames.window(second(from), length);
          const inside = Array.from({ length }, (_, i) => plain.get(from + i));
          expect(Array.from(levels[4]!)).toEqual(inside.map((level) => (level === undefined ? Number.NaN : level + 4)));
          expect(Array.from(speech)).toEqual(inside.map((level) => (level === undefined ? 0 : 1)));
          expect(heard).toBe(inside.filter((level) => level !== undefined).length);
          expect(frames.first()).toBe(plain.size === 0 ? null : second(Math.min(...plain.keys())));
          expect(frames.last()).toBe(plain.size === 0 ? null : second(Math.max(...plain.keys()) + 1));
        },
      ),
    );
  });

  it("know which levels are ends of the published range", () => {
    expect([FLOOR_DB, 12.5, 83.5, CEILING_DB].map((level) => [isFloor(level), isCeiling(level)])).toEqual([
      [true, false],
      [false, false],
      [false, false],
      [false, true],
    ]);
  });
});
