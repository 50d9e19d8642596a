import { describe, expect, it } from "vitest";
import type { RoomView } from "#protocol/api.ts";
import { freeRooms, signOf } from "./room-state.ts";
import { roomView } from "./views.fixture.ts";

const room = (kind: RoomView["kind"], more: Partial<RoomView> = {}) => roomView("R1", { kind, ...more });
const known = (state: string) => ({ state, reason: null, lastKnown: null });

describe("the sign of a room", () => {
  it.each([
    ["a quiet shared office is quiet", room("shared-office"), known("quiet")],
    ["a conversation there is one", room("shared-office", { conversation: "on" }), known("conversation")],
    [
      "overhearing shows only while the gateway says so",
      room("shared-office", { conversation: "on", privacy: "overheard" }),
      known("overheard"),
    ],
    ["a conversation room that is free is free", room("conversation-room", { free: true }), known("free")],
    [
      "talk in a conversation room is use, not overhearing",
      room("conversation-room", { conversation: "on", privacy: "overheard" }),
      known("in-use"),
    ],
    [
      "a quiet conversation room that is not free is in use",
      room("conversation-room", { free: false }),
      known("in-use"),
    ],
    [
      "a quiet conversation room that nobody knows to be free is unknown",
      room("conversation-room"),
      { state: "unknown", reason: "no-data", lastKnown: null },
    ],
    [
      "unknown keeps its reason",
      room("shared-office", { conversation: "unknown", reason: "muted" }),
      { state: "unknown", reason: "muted", lastKnown: null },
    ],
    [
      "a private office tells nothing, whatever came",
      room("private-office", { conversation: "on" }),
      known("not-shown"),
    ],
    [
      "nor does another room of one person",
      room("shared-office", { conversation: "unknown", reason: "silent-room" }),
      known("not-shown"),
    ],
  ])("%s", (_claim, view, sign) => expect(signOf(view, true)).toEqual(sign));

  it("is unknown when the connection is lost, whatever was known before", () => {
    expect(signOf(room("shared-office"), false)).toEqual({ state: "unknown", reason: "stale", lastKnown: "quiet" });
    expect(signOf(room("conversation-room", { free: true }), false)).toEqual({
      state: "unknown",
      reason: "stale",
      lastKnown: "free",
    });
  });
});

it("names as free only what is known to be free", () => {
  const rooms = [
    room("conversation-room", { id: "S1", free: true }),
    room("conversation-room", { id: "S2", conversation: "on", free: false }),
    room("conversation-room", { id: "S3", conversation: "unknown", reason: "offline" }),
    room("shared-office", { id: "K1" }),
  ];
  const ids = (live: boolean) => {
    const { free, unknown, total } = freeRooms(rooms, live);
    return { free: free.map(({ id }) => id), unknown: unknown.map(({ id }) => id), total };
  };
  expect(ids(true)).toEqual({ free: ["S1"], unknown: ["S3"], total: 3 });
  expect(ids(false)).toEqual({ free: [], unknown: ["S1", "S2", "S3"], total: 3 });
});
