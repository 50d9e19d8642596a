import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atEase, type Figures, isAtLeast, type Load, loads, type Pressure, stepPressure } from "./overload.ts";

const idle: Figures = { delay: 10, ingest: 0, lane: 0, memory: 0.3 };
const LOOK_MS = 500;

/** The load after each look, half a second apart, and what kept it there. */
function story(looks: readonly Partial<Figures>[]): [Load, string][] {
  let pressure = atEase;
  return looks.map((look, i) => {
    pressure = stepPressure(pressure, { ...idle, ...look }, i * LOOK_MS);
    return [pressure.load, pressure.reasons.join(" ")];
  });
}
const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);

describe("how hard pressed the gateway is", () => {
  it("one look at a late event loop is nothing, a second one makes it busy", () =>
    expect(story([{ delay: 350 }, {}, { delay: 350 }, { delay: 300 }])).toEqual([
      ["ease", ""],
      ["ease", ""],
      ["ease", ""],
      ["busy", "delay"],
    ]));

  it("too much memory is believed at once, and with more of it the load rises at once", () =>
    expect(story([0.86, 0.96].map((memory) => ({ memory, ingest: 1500 })))).toEqual([
      ["busy", "memory"],
      ["overloaded", "memory"],
    ]));

  it("memory that is kept while few messages are in hand turns nobody away", () =>
    expect(story([{ memory: 0.96, ingest: 1500 }, ...times(13, { memory: 0.96 })]).map(([load]) => load)).toEqual([
      ...times(7, "overloaded"),
      ...times(6, "busy"),
      "ease",
    ]));

  it("of two looks the milder one counts", () =>
    expect(story([{ lane: 30_000 }, { lane: 200_000 }, { lane: 200_000 }]).map(([load]) => load)).toEqual([
      ...["ease", "busy", "overloaded"],
    ]));

  it("it comes down a step at a time, each after three calm seconds", () => {
    const flood = times(2, { ingest: 25_000, delay: 1100 });
    expect(story([...flood, ...times(25, {})]).map(([load]) => load)).toEqual([
      ...["ease", "overloaded"],
      ...times(6, "overloaded"),
      ...times(6, "busy"),
      ...times(13, "ease"),
    ]);
  });

  it("what lies just below a limit keeps the load, so that it does not swing", () => {
    const loadsOf = story([...times(2, { lane: 11_000 }), ...times(50, { lane: 6000 }), ...times(7, { lane: 4000 })]);
    expect(loadsOf.map(([load]) => load)).toEqual(["ease", ...times(57, "busy"), "ease"]);
    expect(loadsOf[40]).toEqual(["busy", "lane"]);
  });

  const look = fc.record({
    delay: fc.constantFrom(10, 200, 350, 1100),
    ingest: fc.constantFrom(0, 3000, 6000, 30_000),
    lane: fc.constantFrom(0, 15_000, 30_000, 150_000),
    memory: fc.constantFrom(0.3, 0.83, 0.86, 0.92, 0.96),
  });
  const walk = (looks: readonly Figures[]): Pressure[] => {
    let pressure = atEase;
    return looks.map((figures, i) => {
      pressure = stepPressure(pressure, figures, i * LOOK_MS);
      return pressure;
    });
  };
  const rank = (pressure: Pressure | undefined) => loads.indexOf(pressure?.load ?? "ease");

  it("never falls by more than a step, never twice within three seconds, and says why while it stands", () =>
    fc.assert(
      fc.property(fc.array(look, { maxLength: 60 }), (looks) => {
        const walked = walk(looks);
        const falls = walked.flatMap((pressure, i) => (rank(pressure) < rank(walked[i - 1]) ? [i] : []));
        for (const [n, i] of falls.entries()) {
          expect(rank(walked[i - 1]) - rank(walked[i])).toBe(1);
          if (n > 0) expect(i - falls[n - 1]!).toBeGreaterThanOrEqual(6);
        }
        for (const { load, reasons } of walked) if (load === "ease") expect(reasons).toEqual([]);
      }),
    ));

  it("whatever came before, calm figures end in ease within seven seconds", () =>
    fc.assert(
      fc.property(fc.array(look, { maxLength: 60 }), (looks) => {
        expect(walk([...looks, ...times(14, idle)]).at(-1)).toMatchObject({ load: "ease", reasons: [] });
      }),
    ));

  it("knows which load is at least which", () =>
    expect(loads.map((load) => loads.filter((least) => isAtLeast(load, least)))).toEqual([
      ["ease"],
      ["ease", "busy"],
      ["ease", "busy", "overloaded"],
    ]));
});
