import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Boundary, RoomKind } from "../site.ts";
import { targetRw } from "./danish-targets.ts";

const kinds = RoomKind.options;
const boundaries = Boundary.shape.kind.options;
const target = (from: RoomKind, to: RoomKind, kind: Boundary["kind"]) =>
  targetRw({ kind: from }, { kind: to }, { kind });

describe("BR18's targets", () => {
  it.each([
    ["conversation-room", "conversation-room", "wall", 52],
    ["conversation-room", "shared-office", "wall", 52],
    ["conversation-room", "waiting-room", "wall", 52],
    ["conversation-room", "waiting-room", "door", 52],
    ["conversation-room", "open-plan", "door", 52],
    ["conversation-room", "corridor", "wall", 52],
    ["conversation-room", "corridor", "door", 40],
    ["shared-office", "shared-office", "wall", 40],
    ["shared-office", "private-office", "door", 35],
    ["private-office", "waiting-room", "wall", 40],
    ["private-office", "waiting-room", "door", 35],
    ["shared-office", "open-plan", "wall", 40],
    ["shared-office", "corridor", "wall", 40],
    ["shared-office", "corridor", "door", 30],
    ["private-office", "corridor", "door", 30],
    ["open-plan", "corridor", "door", null],
    ["waiting-room", "corridor", "wall", null],
    ["conversation-room", "corridor", "open", null],
    ["shared-office", "shared-office", "screen", null],
  ] as const)("%s to %s by %s: %s dB", (from, to, boundary, expected) =>
    expect(target(from, to, boundary)).toBe(expected),
  );

  it("law: a boundary has one target, whichever way sound goes, and a door never raises it", () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.constantFrom(...kinds),
        fc.constantFrom(...boundaries),
        (a, b, kind) => {
          expect(target(a, b, kind)).toBe(target(b, a, kind));
          expect(target(a, b, "door") ?? 0).toBeLessThanOrEqual(target(a, b, "wall") ?? 0);
        },
      ),
    ));
});
