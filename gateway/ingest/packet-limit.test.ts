import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packetLimit } from "./packet-limit.ts";

/** A packet of type 3 with so many bytes after its header. */
function packet(bytes: number): number[] {
  const header = [0x30];
  let rest = bytes;
  do {
    header.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return [...header, ...new Array<number>(bytes).fill(0xff)];
}

describe("the limit on a packet's size", () => {
  it("lets through any packets within it, however the stream is cut", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 10 });
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (lengths, cuts) => {
        const stream = Uint8Array.from(lengths.flatMap(packet));
        const within = packetLimit(300);
        for (let at = 0, i = 0; at < stream.length; i++) {
          const end = at + cuts[i % cuts.length]!;
          expect(within(stream.subarray(at, end))).toBe(true);
          at = end;
        }
      }),
    );
  });

  it("says so at the header of one that is longer", () => {
    const within = packetLimit(300);
    expect(within(Uint8Array.from(packet(300)))).toBe(true);
    expect(within(Uint8Array.from(packet(301).slice(0, 3)))).toBe(false);
    expect(packetLimit(300)(Uint8Array.from([0x30, 0xff, 0xff, 0xff, 0x7f]))).toBe(false);
  });
});
