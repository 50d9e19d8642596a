import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STATE_BURST, STATE_REFILL_S } from "#protocol/cadence.ts";
import { State } from "#protocol/readings.ts";
import { createStateReport, type StateInput } from "./state-report.ts";

const T0 = 1_767_225_600_000;
const quiet: StateInput = { t: T0, occupied: true, confidence: 0.93, on: false, hint: "unknown", since: T0 };

/** Seconds after the start at which something was said, with what is told of it. */
function told(seconds: readonly Partial<StateInput>[]): [number, string][] {
  const report = createStateReport();
  return seconds.flatMap((change, s) => {
    const body = report.step({ ...quiet, ...change, t: T0 + s * 1000 });
    return body ? [[s, `${body.occupied ? "occupied" : "empty"} ${body.conversation} ${body.hint}`]] : [];
  });
}

describe("state report", () => {
  it("says the state at the start and every half minute", () =>
    expect(told(new Array(70).fill({})).map(([s]) => s)).toEqual([0, 30, 60]));

  it("says a change in the second it happens", () => {
    const seconds = Array.from({ length: 50 }, (_, s) => ({ on: s >= 25, occupied: s < 40 }));
    expect(told(seconds)).toEqual([
      [0, "occupied off unknown"],
      [25, "occupied on unknown"],
      [40, "empty on unknown"],
    ]);
  });

  it("dates the conversation from its start, at most half an hour back, in whole seconds", () => {
    const since = (ms: number) => createStateReport().step({ ...quiet, t: T0 + 400, since: T0 - ms })?.since;
    expect(since(16_600)).toBe(T0 - 17_000);
    expect(since(7_200_000)).toBe(T0 - 1_799_000);
  });

  it("keeps within its share of the information budget however the room flickers, and every message is valid", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            on: fc.boolean(),
            occupied: fc.boolean(),
            confidence: fc.double({ min: 0, max: 1, noNaN: true }),
          }),
          {
            minLength: 200,
            maxLength: 400,
            size: "max",
          },
        ),
        (seconds) => {
          const report = createStateReport();
          const said = seconds.flatMap((second, s) => report.step({ ...quiet, ...second, t: T0 + s * 1000 }) ?? []);
          for (const body of said) State.parse({ boot: "00000001", seq: 0, ...body });
          expect(said.length).toBeLessThanOrEqual(STATE_BURST + seconds.length / STATE_REFILL_S);
        },
      ),
      { numRuns: 50 },
    ));
});
