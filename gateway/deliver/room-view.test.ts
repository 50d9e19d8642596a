import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Conversation, PairReason, Privacy, UnknownReason } from "#protocol/api.ts";
import type { Room } from "#protocol/site.ts";
import type { Situation } from "../detect/facts.ts";
import type { PairSituation } from "../detect/leakage/facts.ts";
import { at, site } from "../detect/story.fixture.ts";
import { isPrivate, overheard, unknown } from "./pair.fixture.ts";
import { roomView } from "./room-view.ts";

const room = (id: string): Room => site.rooms.find((one) => one.id === id)!;
const situation = (conversation: Conversation, reason: UnknownReason | null = null): Situation => ({
  room: "",
  conversation,
  reason,
  occupied: conversation === "unknown" ? null : true,
  since: at(10),
});

const privacy = (id: string, said: Situation, pairs: readonly PairSituation[], isOverheard = false) => {
  const view = roomView(room(id), said, isOverheard, pairs);
  return [view.privacy, view.privacyReason];
};

describe("the privacy of a room", () => {
  const on = situation("on");
  const off = situation("off");
  const quiet = [isPrivate("S2", "G1"), isPrivate("S2", "S1")];

  it("is private when every pair from it is, whether anybody talks there or not", () => {
    expect(privacy("S2", on, quiet)).toEqual(["private", null]);
    expect(privacy("K1", off, [isPrivate("K1", "G1")])).toEqual(["private", null]);
  });

  it("is overheard while an alert tells of it, whatever else is known", () =>
    expect(privacy("S2", on, quiet, true)).toEqual(["overheard", null]));

  it("is unknown by the first thing that is not known, troubles with a device before all others", () => {
    const all = (...pairs: PairSituation[]) => privacy("S2", on, pairs);
    expect(all(isPrivate("S2", "G1"), unknown("S2", "S1", "learning"))).toEqual(["unknown", "learning"]);
    expect(all(unknown("S2", "G1", "learning"), unknown("S2", "S1", "muted"))).toEqual(["unknown", "muted"]);
    expect(all(overheard("S2", "G1"), unknown("S2", "S1", "nobody-talks"))).toEqual(["unknown", "uncertain"]);
    expect(privacy("S2", situation("unknown", "offline"), quiet)).toEqual(["unknown", "offline"]);
  });

  it("is unknown where nothing listens next door", () =>
    expect(privacy("S2", off, [])).toEqual(["unknown", "no-device"]));

  it("is unknown in a shared office while somebody talks there: who sits in it hears it", () =>
    expect(privacy("K1", on, [isPrivate("K1", "G1")])).toEqual(["unknown", "uncertain"]));

  it("is not told of a private office, nor of any room where one person works", () => {
    const pairs = [isPrivate("K6", "K1")];
    expect(privacy("K6", off, pairs)).toEqual(["unknown", "silent-room"]);
    const view = roomView({ ...room("K6"), kind: "shared-office" }, off, false, pairs);
    expect([view.privacy, view.privacyReason]).toEqual(["unknown", "silent-room"]);
  });
});

const pairs = fc.array(
  fc
    .record({ state: fc.constantFrom(...Privacy.options), reason: fc.constantFrom(...PairReason.options) })
    .map(
      ({ state, reason }): PairSituation =>
        state === "private"
          ? isPrivate("A", "B")
          : state === "overheard"
            ? overheard("A", "B")
            : unknown("A", "B", reason),
    ),
  { maxLength: 5 },
);

it("what is missing or not known never makes a room private, and every unknown has a reason", () =>
  fc.assert(
    fc.property(
      fc.constantFrom(...site.rooms),
      fc.constantFrom(...Conversation.options),
      fc.constantFrom(...UnknownReason.options),
      fc.boolean(),
      pairs,
      (one, conversation, reason, isOverheard, said) => {
        const known = situation(conversation, conversation === "unknown" ? reason : null);
        const view = roomView(one, known, isOverheard, said);
        const isKnown = conversation !== "unknown" && said.length > 0 && said.every(({ state }) => state === "private");
        if (view.privacy === "private") expect([isKnown, isOverheard]).toEqual([true, false]);
        expect(view.privacyReason === null).toBe(view.privacy !== "unknown");
        expect(view.privacy === "overheard").toBe(isOverheard);
        // One pair that is no longer known takes the word back.
        const without = roomView(one, known, false, [...said, unknown("A", "C", "offline")]);
        expect(without.privacy).toBe("unknown");
      },
    ),
  ));
