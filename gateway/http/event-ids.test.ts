import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sealedIds } from "./event-ids.ts";

const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe("the ids of events", () => {
  it("lead back to the number they were made of, here and nowhere else", () => {
    const [ids, others] = [sealedIds(), sealedIds()];
    fc.assert(
      fc.property(number, (id) => {
        expect([ids.open(ids.seal(id)), others.open(ids.seal(id))]).toEqual([id, undefined]);
      }),
    );
  });

  it("of one length, whatever the number, and of another number another", () => {
    const ids = sealedIds();
    fc.assert(
      fc.property(fc.uniqueArray(number, { minLength: 2, maxLength: 2 }), (pair) => {
        const [one, other] = pair.map(ids.seal);
        expect([one!.length, other!.length, one === other]).toEqual([22, 22, false]);
      }),
    );
  });

  it("are nothing where somebody made them up", () => {
    const ids = sealedIds();
    const zeros = Buffer.alloc(16).toString("base64url");
    expect(["", "0", "1764000000000001", zeros, `${ids.seal(1)}A`, "ø".repeat(22)].map(ids.open)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
  });
});
