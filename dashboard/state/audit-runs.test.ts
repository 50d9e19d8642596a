import { expect, it } from "vitest";
import type { AuditEntryView } from "#protocol/audit.ts";
import { runsOf } from "./audit-runs.ts";

const entry = (seq: number, more: Partial<AuditEntryView> = {}): AuditEntryView => ({
  seq,
  time: `2026-11-22T10:00:0${seq}.000Z`,
  actor: "p-7f3a",
  role: "team-lead",
  action: "read",
  object: "history",
  scope: `room=K1&from=${seq}`,
  rooms: ["K1"],
  reason: null,
  count: 1,
  hash: "",
  ...more,
});
const told = (entries: readonly AuditEntryView[]) =>
  runsOf(entries).map(({ entry: { seq }, since, times }) => [seq, since.slice(-6, -5), times]);

it("the same look again and again is told once, from its oldest to its newest", () => {
  expect(told([entry(5), entry(4), entry(3), entry(2, { actor: "p-19c2" }), entry(1)])).toEqual([
    [5, "3", 3],
    [2, "2", 1],
    [1, "1", 1],
  ]);
});

it.each<[string, Partial<AuditEntryView>]>([
  ["person", { actor: "p-19c2" }],
  ["role", { role: "dpo" }],
  ["deed", { action: "export" }],
  ["thing", { object: "report" }],
  ["room", { scope: "room=K2&from=1" }],
  ["reason", { reason: "holiday-cover" }],
])("another %s is told by itself", (_what, more) => {
  expect(told([entry(2), entry(1, more)]).map(([, , times]) => times)).toEqual([1, 1]);
});

it("two things in turn are told once each, until somebody else comes between", () => {
  const report = (seq: number) => entry(seq, { object: "report" });
  const other = entry(4, { actor: "p-19c2" });
  expect(told([entry(9), report(8), entry(7), report(6), entry(5), other, report(3), entry(2)])).toEqual([
    [9, "5", 3],
    [8, "6", 2],
    [4, "4", 1],
    [3, "3", 1],
    [2, "2", 1],
  ]);
});

it("nothing is told of nothing", () => expect(runsOf([])).toEqual([]));
