import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConversationState, initialConversation, stepConversation } from "./conversation.ts";

/** Steps through one probability per second from t = 0; all states, in order. */
function through(speech: readonly number[], occupied?: boolean, from = initialConversation): ConversationState[] {
  let state = from;
  return speech.map((p, i) => {
    const input = { t: i * 1000, speech: p };
    state = stepConversation(state, occupied === undefined ? input : { ...input, occupied }).state;
    return state;
  });
}
const seconds = (count: number, p: number) => Array.from({ length: count }, () => p);
const turns = (states: readonly ConversationState[]) =>
  states.flatMap((s, i) => (s.on !== (states[i - 1]?.on ?? false) ? [{ second: i, on: s.on, since: s.since }] : []));

describe("conversation", () => {
  it("is on 11 s after steady talk began, dated from the second the evidence passed one half", () => {
    expect(turns(through([...seconds(30, 0), ...seconds(60, 1)]))).toEqual([{ second: 40, on: true, since: 36_000 }]);
  });

  it("is off when talk has been gone, dated from the second the evidence fell below a quarter", () => {
    const states = through([...seconds(60, 1), ...seconds(60, 0)]);
    expect(turns(states)).toEqual([
      { second: 10, on: true, since: 6_000 },
      { second: 92, on: false, since: 73_000 },
    ]);
  });

  it("does not begin for one short utterance, nor end for one pause of ten seconds", () => {
    expect(turns(through([...seconds(20, 0), ...seconds(4, 1), ...seconds(60, 0)]))).toEqual([]);
    expect(turns(through([...seconds(60, 1), ...seconds(10, 0), ...seconds(60, 1)]))).toHaveLength(1);
  });

  it("never dates a conversation before its talk, whatever the talk", () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 120 }), fc.integer({ min: 0, max: 60 }), (talk, quiet) => {
        const states = through([...seconds(quiet, 0), ...talk]);
        for (const turn of turns(states)) {
          expect(turn.since).toBeLessThanOrEqual(turn.second * 1000);
          if (turn.on) expect(turn.since).toBeGreaterThanOrEqual(quiet * 1000);
        }
        for (const state of states) expect(state.evidence).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("starts a run anew when seconds are missing or the clock jumps", () => {
    let state = through(seconds(9, 1)).at(-1)!;
    expect(state.run).toBe(6000);
    state = stepConversation(state, { t: 60_000, speech: 1 }).state;
    expect([state.on, state.run]).toEqual([false, 60_000]);
    state = stepConversation(state, { t: 1000, speech: 1 }).state;
    expect([state.on, state.run, state.since]).toEqual([false, 1000, 0]);
  });
});

describe("hint", () => {
  const hintAfter = (speech: readonly number[], occupied?: boolean) => through(speech, occupied).at(-1)!.hint;
  const repeat = (times: number, ...pattern: readonly number[][]) =>
    Array.from({ length: times }, () => pattern.flat()).flat();

  it("calls talk with few, short pauses a dialogue", () => {
    expect(hintAfter(repeat(12, seconds(6, 0.9), seconds(1, 0.1)))).toBe("dialogue");
  });

  it("calls talk with long pauses one-sided", () => {
    expect(hintAfter([...seconds(20, 0.9), ...repeat(10, seconds(5, 0.9), seconds(4, 0.1))])).toBe("one-sided");
  });

  it("calls endless talk, or talk in an empty room, media", () => {
    expect(hintAfter(seconds(180, 0.95))).toBe("media");
    expect(hintAfter(repeat(12, seconds(6, 0.9), seconds(1, 0.1)), false)).toBe("media");
  });

  it("says nothing while off and in the first half minute", () => {
    expect(hintAfter(seconds(60, 0))).toBe("unknown");
    expect(hintAfter(seconds(20, 0.9))).toBe("unknown");
  });
});
