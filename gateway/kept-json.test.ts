import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keptJson } from "./kept-json.ts";

describe("JSON of a state that changes in few places", () => {
  it("is what JSON.stringify makes of it, the first time and again", () => {
    const plain = fc.object({
      maxDepth: 6,
      withNullPrototype: false,
      values: [fc.jsonValue(), fc.constant(undefined)],
    });
    fc.assert(
      fc.property(plain, (state) => {
        expect(keptJson(state)).toBe(JSON.stringify(state));
        expect(keptJson(state)).toBe(JSON.stringify(state));
      }),
    );
  });

  it("takes a new object for a new one", () => {
    const rooms = [
      { id: "K1", on: false },
      { id: "K2", on: false },
    ];
    keptJson({ detect: { rooms } });
    const next = { detect: { rooms: [rooms[0], { ...rooms[1], on: true }] } };
    expect(keptJson(next)).toBe(JSON.stringify(next));
  });
});
