import { describe, expect, it } from "vitest";
import { deviceTime } from "./clock-faults.ts";
import { createDisturbance } from "./delivery-faults.ts";
import { faultAt, parseFault } from "./fault.ts";

describe("a fault on request", () => {
  it.each([
    ["disconnect", { kind: "disconnect", amount: 0, from: 0, until: Number.POSITIVE_INFINITY }],
    ["disconnect@60..120", { kind: "disconnect", amount: 0, from: 60_000, until: 120_000 }],
    ["skew:-90@5m..1h", { kind: "skew", amount: -90, from: 300_000, until: 3_600_000 }],
    ["duplicate", { kind: "duplicate", amount: 0.1, from: 0, until: Number.POSITIVE_INFINITY }],
    ["reboot@1.5m", { kind: "reboot", amount: 0, from: 90_000, until: 95_000 }],
  ])("%s is understood", (text, fault) => expect(parseFault(text)).toEqual(fault));

  it.each(["gremlins", "disconnect@", "disconnect@5..2", "skew:", "skew:fast", "constructor"])(
    "%s is refused",
    (text) => expect(() => parseFault(text)).toThrow(/is not KIND|ends before/),
  );

  it("holds from its start until its end", () => {
    const faults = [parseFault("stuck@1..2")];
    expect([0, 999, 1000, 1999, 2000].map((t) => faultAt(faults, "stuck", t) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});

describe("a wrong clock", () => {
  it("is off by the amount while the fault holds, skew and jump together", () => {
    const time = deviceTime(["skew:10", "jump:-3600@1m..2m"].map(parseFault), 1_000_000);
    expect([0, 60_000, 120_000].map((elapsed) => time(1_000_000 + elapsed) - 1_000_000 - elapsed)).toEqual([
      10_000, -3_590_000, 10_000,
    ]);
  });
});

describe("a disturbed network", () => {
  /** Random numbers from a list. */
  const from = (numbers: readonly number[]) => {
    const left = [...numbers];
    return () => left.shift() ?? 1;
  };
  const carry = (faults: string[], numbers: readonly number[]) => {
    const disturb = createDisturbance(faults.map(parseFault), from(numbers));
    return ["a", "b", "c", "d"].flatMap((message) => disturb(message, 0)).join("");
  };

  it("says some messages twice", () => expect(carry(["duplicate"], [0.05, 0.5, 0.05, 0.5])).toBe("aabccd"));
  it("says some messages behind the next", () => expect(carry(["reorder"], [0.5, 0.05, 0.5])).toBe("acbd"));
  it("leaves all as it is when nothing happens", () => expect(carry([], [])).toBe("abcd"));
});
