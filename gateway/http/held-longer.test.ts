import { expect, it } from "vitest";
import type { PairView } from "#protocol/api.ts";
import { Site } from "#protocol/site.ts";
import { handClock } from "../clock.ts";
import type { Live } from "../deliver/live.ts";
import { heldPairs } from "./held-pairs.ts";

const DAY = 86_400_000;
/** A Wednesday, noon. */
const start = Date.parse("2026-11-18T12:00:00Z");
const site = Site.parse({
  site: "house",
  name: "House",
  timeZone: "UTC",
  rooms: [
    { id: "K1", name: "K1", kind: "shared-office", assigned: 5 },
    { id: "S1", name: "S1", kind: "conversation-room" },
    { id: "S2", name: "S2", kind: "conversation-room" },
  ],
});

/** Each day something new is learned of both boundaries, from the second day on of the conversation room's. */
const learned = (day: number) => new Date(start + day * DAY - 60_000).toISOString();
const pairs = (day: number) =>
  ["K1", "S1"].map((from) => ({
    from,
    to: "S2",
    ld: from === "S1" && day === 0 ? null : Array(5).fill(30 + day),
    episodes: 27,
    learnedAt: learned(day),
    reason: "nobody-talks",
  })) as unknown as PairView[];

it("a boundary is news once a day, and of a room not told singly once a week, when it is known", () => {
  const clock = handClock(start);
  let day = 0;
  const live = { pairs: () => pairs(day) } as unknown as Live;
  const held = heldPairs({ live, clock, site });
  const told = (from: string) => {
    const view = held({ from, to: "S2" })!;
    return [view.ld?.[0] ?? null, view.learnedAt?.slice(0, 10) ?? null, view.episodes];
  };
  const days = Array.from({ length: 7 }, () => {
    clock.advanceTo(start + day * DAY);
    const first = [told("K1"), told("S1")];
    day++;
    // Later on the same day more has been learned, and nothing of it is told.
    expect([told("K1"), told("S1")]).toEqual(first);
    return first;
  });
  expect(days.map(([office]) => office)).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((n) => [30 + n, learned(n).slice(0, 10), 20]),
  );
  // Nothing on Wednesday; Thursday's to Sunday; Monday's.
  expect(days.map(([, room]) => room![0])).toEqual([null, 31, 31, 31, 31, 35, 35]);
  expect(new Set(days.map(([, room]) => room![1]))).toEqual(new Set([null]));
  expect(held({ from: "K1", to: "S1" })).toBeUndefined();
});
