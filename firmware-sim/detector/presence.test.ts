import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialPresence, type PresenceInput, type PresenceState, type Radar, stepPresence } from "./presence.ts";

const silent = { on: false, hint: "unknown" } as const;
const dialogue = { on: true, hint: "dialogue" } as const;
const media = { on: true, hint: "media" } as const;

type Moment = Omit<PresenceInput, "t">;
const empty: Moment = { radar: "none", pir: false, conversation: silent };
const lasting = (seconds: number, moment: Partial<Moment>): Moment[] =>
  Array.from({ length: seconds }, () => ({ ...empty, ...moment }));

function after(moments: readonly Moment[]): PresenceState {
  return moments.reduce((state, moment, i) => stepPresence(state, { t: i * 1000, ...moment }), initialPresence);
}

describe("presence", () => {
  it("is sure within seconds that someone came in, and that a still person stays", () => {
    expect(after([...lasting(60, {}), ...lasting(3, { radar: "moving", pir: true })]).occupied).toBe(true);
    const seated = lasting(1800, { radar: "still" }).map((m, i) =>
      i % 20 === 0 ? { ...m, radar: "none" as const } : m,
    );
    const { occupied, confidence } = after([...lasting(5, { radar: "moving" }), ...seated]);
    expect([occupied, confidence > 0.95]).toEqual([true, true]);
  });

  it("does not take one false echo for a person", () => {
    expect(after([...lasting(60, {}), ...lasting(1, { radar: "moving" })]).occupied).toBe(false);
    expect(after([...lasting(60, {}), ...lasting(1, { radar: "still" })]).occupied).toBe(false);
  });

  it("waits a minute after the last motion with radar, ten without", () => {
    const came = lasting(10, { radar: "moving" });
    expect(after([...came, ...lasting(59, {})]).occupied).toBe(true);
    expect(after([...came, ...lasting(61, {})]).occupied).toBe(false);
    const pirOnly = [...lasting(1, { radar: null, pir: true }), ...lasting(1, { radar: null, pir: true })];
    expect(after([...pirOnly, ...lasting(590, { radar: null })]).occupied).toBe(true);
    expect(after([...pirOnly, ...lasting(700, { radar: null })]).occupied).toBe(false);
  });

  it("believes talk over the sensors, unless the talk is a loudspeaker's", () => {
    const talking = after([...lasting(120, {}), ...lasting(1, { conversation: dialogue })]);
    expect([talking.occupied, talking.sensed, talking.confidence > 0.95]).toEqual([true, false, true]);
    expect(after([...lasting(120, {}), ...lasting(30, { conversation: media })]).occupied).toBe(false);
    expect(after([...lasting(30, { conversation: dialogue }), ...lasting(61, {})]).occupied).toBe(false);
  });

  it("senses nothing without sensors", () => {
    const deaf = after(lasting(60, { radar: null, pir: null }));
    expect(deaf).toEqual({ ...initialPresence, logOdds: expect.closeTo(0) });
  });

  it("keeps log-odds and confidence within bounds whatever happens", () => {
    const moment = fc.record({
      radar: fc.constantFrom<Radar | null>("none", "still", "moving", "both", null),
      pir: fc.constantFrom<boolean | null>(true, false, null),
      conversation: fc.constantFrom(silent, dialogue, media),
    });
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 200 }), (moments) => {
        const state = after(moments);
        expect(Math.abs(state.logOdds)).toBeLessThanOrEqual(6);
        expect(state.confidence).toBeGreaterThanOrEqual(0);
        expect(state.confidence).toBeLessThanOrEqual(1);
        const last = moments.at(-1)!.conversation;
        if (last.on && last.hint !== "media") expect(state.occupied).toBe(true);
      }),
    );
  });
});
