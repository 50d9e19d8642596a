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
const seenBy = (live: string[], seesAll = false) =>
  Object.entries(alerts).flatMap(([name, alert]) =>
    mayList(alert, { live: new Set(live), seesAll }, now) ? [name] : [],
  );

it("singly, alerts are seen while they are news in the rooms that one sees live, and afterwards by who sees all", () => {
  expect(seenBy(["K1"])).toEqual(["open", "an hour ago", "into one's own room", "from one's own room", "a boundary"]);
  expect(seenBy([])).toEqual(["a boundary"]);
  expect(seenBy([], true)).toEqual(Object.keys(alerts));
});
