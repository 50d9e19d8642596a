import { describe, expect, it } from "vitest";
import { emptyRoom, NOON } from "./moments.fixture.ts";
import type { Body } from "./reading.ts";
import { initialStateCadence, type RoomState, stepState } from "./state.ts";

const talking = (since: number): RoomState => ({
  presence: { occupied: true, confidence: 0.97 },
  conversation: { on: true, since, hint: "dialogue" },
});

/** What is said over the seconds; `room` tells how the room is in the n-th. */
function saidOver(seconds: number, room: (n: number) => RoomState): Body<"state">[] {
  const said: Body<"state">[] = [];
  let cadence = initialStateCadence;
  for (let n = 0; n < seconds; n++) {
    const step = stepState(cadence, NOON + 1000 * n, room(n));
    cadence = step.cadence;
    if (step.reading) said.push(step.reading.body);
  }
  return said;
}
const at = (bodies: readonly Body<"state">[]) => bodies.map(({ t }) => (t - NOON) / 1000);

describe("a device says its state", () => {
  it("at once, and every thirty seconds while nothing changes", () => {
    expect(at(saidOver(95, () => emptyRoom))).toEqual([0, 30, 60, 90]);
  });

  it("in the second a conversation starts, dated from its beginning", () => {
    const since = NOON + 25_000;
    expect(saidOver(41, (n) => (n < 40 ? emptyRoom : talking(since)))).toEqual([
      expect.objectContaining({ t: NOON }),
      expect.objectContaining({ t: NOON + 30_000, conversation: "off" }),
      { t: NOON + 40_000, occupied: true, confidence: 0.95, conversation: "on", hint: "dialogue", since },
    ]);
  });

  it("three times in a row when it must, then once in twenty seconds, and always as it then is", () => {
    const flickering = (n: number) => (n % 2 === 0 ? emptyRoom : talking(NOON));
    const said = saidOver(62, flickering);
    expect(at(said)).toEqual([0, 1, 2, 21, 40, 61]);
    expect(said.map((body) => body.conversation)).toEqual(["off", "on", "off", "on", "off", "on"]);
  });

  it("with a new hint only when it speaks anyway", () => {
    const hinting = (n: number): RoomState => ({
      ...emptyRoom,
      conversation: { on: false, since: NOON, hint: n < 10 ? "unknown" : "media" },
    });
    expect(saidOver(31, hinting).map(({ t, hint }) => [(t - NOON) / 1000, hint])).toEqual([
      [0, "unknown"],
      [30, "media"],
    ]);
  });

  it("with a since of at most half an hour", () => {
    const [first] = saidOver(1, () => talking(NOON - 5 * 3_600_000));
    expect(first!.since).toBe(NOON - 1_800_000);
    const [unheard] = saidOver(1, () => ({ ...emptyRoom, conversation: { on: false, since: null, hint: "unknown" } }));
    expect(unheard!.since).toBe(NOON);
  });
});
