import { expect, it } from "vitest";
import { type Listed, mayList } from "./alerts.ts";

const HOUR = 3_600_000;
const now = Date.parse("2026-11-16T12:00:00Z");
const talk = (room: string, resolvedAt: number | null): Listed => ({
  rule: "conversation-in-shared-office",
  room,
  pair: null,
  resolvedAt,
});
const heard = (from: string, to: string): Listed => ({
  rule: "overheard",
  room: from,
  pair: [from, to],
  resolvedAt: null,
});
const leaky: Listed = { ...heard("K3", "G1"), rule: "privacy-degraded", resolvedAt: now - 900 * HOUR };
const alerts = {
  open: talk("K1", null),
  "an hour ago": talk("K1", now - HOUR),
  "the day before yesterday": talk("K1", now - 40 * HOUR),
  "another room's": talk("K2", null),
  "into one's own room": heard("K2", "K1"),
  "from one's own room": heard("K1", "K2"),
  "a boundary": leaky,
};
const seenBy = (live: string[], { seesAll = false, withheld = [] as string[] } = {}) =>
  Object.entries(alerts).flatMap(([name, alert]) =>
    mayList(alert, { live: new Set(live), withheld: new Set(withheld), seesAll }, now) ? [name] : [],
  );

it("singly, alerts are seen while they are news in the rooms that one sees live, and afterwards by who sees all", () => {
  expect(seenBy(["K1"])).toEqual(["open", "an hour ago", "into one's own room", "from one's own room", "a boundary"]);
  expect(seenBy([])).toEqual(["a boundary"]);
  expect(seenBy([], { seesAll: true })).toEqual(Object.keys(alerts));
});

it("of a room that is withheld none is, nor where it only hears, but to who sees all that was", () => {
  expect(seenBy(["K2"], { withheld: ["K1"] })).toEqual(["another room's", "a boundary"]);
  expect(seenBy([], { seesAll: true, withheld: ["K1"] })).toEqual(Object.keys(alerts));
});
