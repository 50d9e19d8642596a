import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Site } from "#protocol/site.ts";
import { looksDue, nextLook } from "./looks.ts";
import { type LeakageRules, leakageRules } from "./rules.ts";
import { initialLeakage, type LeakageState } from "./state.ts";
import { START } from "./two-rooms.fixture.ts";

const MINUTE = 60_000;

/** Rooms in a row, each with a wall to the next. */
const row = (rooms: number): LeakageRules =>
  leakageRules(
    Site.parse({
      site: "row",
      name: "Row",
      timeZone: "Europe/Copenhagen",
      rooms: Array.from({ length: rooms }, (_, i) => ({
        id: `R${i}`,
        name: `R${i}`,
        kind: "shared-office",
        assigned: 2,
      })),
      boundaries: Array.from({ length: rooms - 1 }, (_, i) => ({
        between: [`R${i}`, `R${i + 1}`],
        kind: "wall",
        rw: 40,
      })),
      devices: Array.from({ length: rooms }, (_, i) => ({ id: `r${i}`, room: `R${i}` })),
    }),
  );

/** Looked at until now, with somebody talking in the first room or nobody anywhere. */
function lookedAt(house: LeakageRules, isTalking: boolean): LeakageState {
  const { ears, ...fresh } = initialLeakage(house);
  const state = {
    ...fresh,
    now: START,
    ears: [{ ...ears[0]!, talkingSince: isTalking ? START : null }, ...ears.slice(1)],
  };
  return { ...state, due: nextLook(state.ears, START) };
}

/** Each look that time brings within so long: when, and at how many rooms. */
function turns(house: LeakageRules, isTalking: boolean, ms: number) {
  const looks: { at: number; rooms: readonly number[]; anew: readonly number[] }[] = [];
  for (let state = lookedAt(house, isTalking); state.due! <= START + ms; ) {
    const now = state.due!;
    looks.push({ at: now - START, ...looksDue(state, { kind: "tick", at: now }, state.off, now, house) });
    state = { ...state, now, due: nextLook(state.ears, now) };
  }
  return looks;
}

describe("time alone", () => {
  it("brings a small house as a whole, two seconds after the bands of ten seconds have begun to come", () => {
    expect(turns(row(4), true, 20_000)).toEqual([
      { at: 2000, rooms: [0, 1, 2, 3], anew: [0, 1, 2, 3] },
      { at: 12_000, rooms: [0, 1, 2, 3], anew: [] },
    ]);
  });

  it("brings each room once in ten seconds while anybody talks, otherwise once a minute, however many there are", () => {
    const houses = fc.record({ rooms: fc.integer({ min: 2, max: 400 }), isTalking: fc.boolean() });
    fc.assert(
      fc.property(houses, ({ rooms, isTalking }) => {
        const house = row(rooms);
        const looked = turns(house, isTalking, MINUTE).flatMap((look) => look.rooms);
        expect(Map.groupBy(looked, (room) => room).size).toBe(rooms);
        expect(looked).toHaveLength(isTalking ? 6 * rooms : rooms);
        expect(turns(house, isTalking, MINUTE).flatMap(({ anew }) => anew)).toHaveLength(rooms);
      }),
      { numRuns: 30 },
    );
  });

  it("brings a large house in portions, so that nothing waits for all of it", () => {
    const looks = turns(row(2500), true, 10_000);
    expect(looks.map(({ rooms }) => rooms.length)).toEqual(Array(50).fill(50));
    expect(looks.map(({ at }) => at)).toEqual(Array.from({ length: 50 }, (_, portion) => 2000 + 100 * portion));
  });

  it("brings all that had their turn meanwhile when nothing was heard for long", () => {
    const house = row(120);
    const now = START + 60 * MINUTE;
    const looks = looksDue(lookedAt(house, false), { kind: "tick", at: now }, [], now, house);
    expect([looks.rooms.length, looks.anew.length]).toEqual([120, 120]);
  });
});

describe("news of a room", () => {
  const situation = { room: "R7", conversation: "off", reason: null, occupied: true, since: START } as const;

  it("brings it and those next to it at once, and of a large house no other", () => {
    const house = row(2500);
    const state = lookedAt(house, true);
    const now = START + 1;
    const input = { kind: "room", at: now, fact: { kind: "situation", at: now, situation } } as const;
    expect(looksDue(state, input, state.off, now, house)).toEqual({ rooms: [6, 7, 8], anew: [7] });
  });

  it("is also that its clock is found wrong", () => {
    const house = row(5);
    const state = lookedAt(house, true);
    const off = [false, false, false, false, true];
    const input = { kind: "health", at: START + 1, device: "r4", t: START } as const;
    expect(looksDue(state, input, off, START + 1, house)).toEqual({ rooms: [3, 4], anew: [4] });
  });

  it("of a room that the site does not have is none", () => {
    const state = lookedAt(row(5), true);
    const input = { kind: "room", at: START, fact: { kind: "situation", at: START, situation } } as const;
    expect(looksDue(state, input, state.off, START, row(5))).toEqual({ rooms: [], anew: [] });
  });
});
