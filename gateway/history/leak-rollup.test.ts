import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Point } from "./history.ts";
import { countHearings, leakWindowMs, rollUpLeaks } from "./leak-rollup.ts";
import { hearings } from "./measurements.ts";

const HOUR = 3_600_000;
const MIDNIGHT = 20_000 * leakWindowMs.leak_1d;
const leak = (n: number, hearing: string, to = "K2"): Point => ({
  measurement: "leak",
  tags: { site: "demo", from: "K1", to },
  t: MIDNIGHT + n * 60_000,
  fields: { hearing, state: "private" },
});
const none = { inaudible: 0, audible: 0, words: 0, partly: 0, intelligible: 0, clearly: 0, unknown: 0 };

describe("minutes of talk by what was heard", () => {
  it("are counted per pair and hour, and per UTC day", () => {
    const minutes = [
      leak(0, "words"),
      leak(1, "words"),
      leak(2, "unknown"),
      leak(61, "clearly"),
      leak(3, "partly", "G1"),
    ];
    const hour = (to: string, n: number, fields: object) => ({
      measurement: "leak_1h",
      tags: { site: "demo", from: "K1", to },
      t: MIDNIGHT + n * HOUR,
      fields: { ...none, ...fields },
    });
    const hours = rollUpLeaks(minutes, "leak_1h");
    expect(hours).toEqual([
      hour("K2", 0, { minutes: 3, words: 2, unknown: 1 }),
      hour("K2", 1, { minutes: 1, clearly: 1 }),
      hour("G1", 0, { minutes: 1, partly: 1 }),
    ]);
    expect(rollUpLeaks(hours, "leak_1d").map(({ t, fields }) => [t, fields.minutes])).toEqual([
      [MIDNIGHT, 4],
      [MIDNIGHT, 1],
    ]);
  });

  it("a day is the same from its hours as from its minutes, and no minute is lost or counted twice", () => {
    const minute = fc.record({
      n: fc.integer({ min: 0, max: 3000 }),
      hearing: fc.constantFrom(...hearings),
      to: fc.constantFrom("K2", "G1"),
    });
    const unique = fc.uniqueArray(minute, { selector: ({ n, to }) => `${n} ${to}`, maxLength: 200 });
    const inOrder = (points: readonly Point[]) =>
      points.toSorted((a, b) => a.t - b.t || (a.tags.to! < b.tags.to! ? -1 : 1));
    fc.assert(
      fc.property(unique, (drawn) => {
        const minutes = drawn.map(({ n, hearing, to }) => leak(n, hearing, to));
        const days = rollUpLeaks(rollUpLeaks(minutes, "leak_1h"), "leak_1d");
        expect(inOrder(days)).toEqual(inOrder(rollUpLeaks(minutes, "leak_1d")));
        expect(countHearings(days)).toEqual(countHearings(minutes));
        expect(days.reduce((sum, { fields }) => sum + Number(fields.minutes), 0)).toBe(minutes.length);
      }),
    );
  });
});
