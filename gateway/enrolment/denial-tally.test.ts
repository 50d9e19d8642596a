import { describe, expect, it } from "vitest";
import type { Denial } from "./admission.ts";
import { createDenialTally, MOST_A_MINUTE } from "./denial-tally.ts";

const MINUTE = 60_000;
const devices = (count: number) => Array.from({ length: count }, (_, i) => `d${i}`);

describe("denials are told one by one", () => {
  it("at the first of a kind and device, then once a minute with how many there were between", () => {
    const tally = createDenialTally();
    const tell = (at: number, denial: Denial = "wrong-secret", device = "k1") => tally.tell(denial, device, at);
    expect([tell(0), tell(1), tell(2), tell(3, "publish"), tell(3, "publish", "k2")]).toEqual([
      0,
      undefined,
      undefined,
      0,
      0,
    ]);
    expect([tell(MINUTE - 1), tell(MINUTE), tell(MINUTE + 1)]).toEqual([undefined, 3, undefined]);
    expect([tally.due(10 * MINUTE), tally.rest()]).toEqual([[], []]);
  });

  it("up to a number a minute, whoever they concern; the others come in one sum a minute later", () => {
    const tally = createDenialTally();
    const flood = (at: number) =>
      devices(100).flatMap((device) =>
        (["wrong-secret", "no-credential"] as const).map((denial) => tally.tell(denial, device, at)),
      );
    expect(flood(5).map((again) => again === 0)).toEqual(devices(200).map((_, i) => i < MOST_A_MINUTE));
    expect([tally.due(5), tally.due(MINUTE + 4)]).toEqual([[], []]);
    const kinds = ["no-credential", "wrong-secret"];
    expect(tally.due(MINUTE + 5)).toEqual([{ kinds, count: 180 }]);
    expect(tally.due(MINUTE + 5)).toEqual([]);
    for (let minute = 2; minute < 5; minute++) {
      const told = flood(5 + minute * MINUTE).filter((again) => again !== undefined).length;
      expect([told, tally.due(5 + (minute + 1) * MINUTE)]).toEqual([MOST_A_MINUTE, [{ kinds, count: 180 }]]);
    }
  });

  it("of those with a credential also when strangers have used up theirs, and the other way round", () => {
    const tally = createDenialTally();
    for (const device of devices(50)) tally.tell("unknown-device", device, 0);
    for (const device of devices(21)) tally.tell("publish", device, 0);
    expect([tally.tell("subscribe", "k1", 1), tally.tell("handshake", undefined, 1)]).toEqual([undefined, undefined]);
    expect(tally.rest()).toEqual([
      { kinds: ["publish", "subscribe"], count: 2 },
      { kinds: ["handshake", "unknown-device"], count: 31 },
    ]);
    const other = createDenialTally();
    for (const device of devices(50))
      for (const denial of ["wrong-secret", "client-id", "will"] as const) other.tell(denial, device, 0);
    expect(other.tell("publish", "k1", 1)).toBe(0);
  });

  it("and a clock that is set back begins another minute", () => {
    const tally = createDenialTally();
    for (const device of devices(21)) tally.tell("wrong-secret", device, 10 * MINUTE);
    expect([tally.tell("wrong-secret", "d0", 0), tally.tell("wrong-secret", "d20", 0)]).toEqual([0, 0]);
    expect(tally.due(0)).toEqual([{ kinds: ["wrong-secret"], count: 1 }]);
  });
});
