import { describe, expect, it } from "vitest";
import type { Role } from "#protocol/roles.ts";
import { deed, logged, person } from "./log.fixture.ts";
import { sightOf } from "./sight.ts";

const log = logged([
  deed(0, { actor: "lead", scope: "room=K1&from=2026-11-01" }),
  deed(1, { actor: "facilities", scope: "" }),
  deed(2, { actor: "staff", scope: "fromRoom=K2&toRoom=K1" }),
  deed(3, { actor: "lead", object: "rooms", scope: "rooms=K2%2CK3" }),
  deed(4, { actor: "dpo", action: "read-log", object: "audit", scope: "" }),
  deed(5, { actor: "admin", action: "sign-in", object: "session", scope: "" }),
]);
const seenBy = (id: string, roles: readonly Role[], rooms: readonly string[] = []) => {
  const sees = sightOf(person(id, roles, rooms));
  return sees && log.filter(sees).map(({ seq }) => seq);
};

describe("of the audit log is seen", () => {
  it.each<[string, readonly Role[], readonly string[], readonly number[]]>([
    ["dpo", ["dpo"], [], [1, 2, 3, 4, 5, 6]],
    ["rep", ["staff-rep"], [], [1, 2, 3, 4, 5, 6]],
    ["lead", ["team-lead"], ["K1"], [1, 4]],
    ["facilities", ["facilities"], [], [2]],
    ["admin", ["it-admin"], [], [6]],
    ["staff", ["room-staff"], ["K1"], [1, 2, 3]],
    ["staff", ["room-staff"], ["K3"], [2, 4]],
    ["staff", ["room-staff"], [], []],
    ["facilities", ["facilities", "room-staff"], ["K3"], [2, 4]],
  ])("by %s as %j of %j: %j", (id, roles, rooms, seen) => {
    expect(seenBy(id, roles, rooms)).toEqual(seen);
  });

  it("nothing by those who have no role, a token for something else, or are nobody", () => {
    expect(seenBy("somebody", [])).toBeUndefined();
    expect(sightOf({ ...person("grafana", ["dpo"]), only: ["history"] })).toBeUndefined();
    expect(sightOf(undefined)).toBeUndefined();
  });
});
