import { describe, expect, it } from "vitest";
import type { Second } from "#firmware/dsp/second.ts";
import { clockAhead, createDivider, deviceSecond, deviceTime, knownClockAhead } from "./clock-faults.ts";
import { createDisturbance } from "./delivery-faults.ts";
import { faultAt, parseFault } from "./fault.ts";

describe("a fault on request", () => {
  it.each([
    ["disconnect", { kind: "disconnect", amount: 0, from: 0, until: Number.POSITIVE_INFINITY }],
    ["disconnect@60..120", { kind: "disconnect", amount: 0, from: 60_000, until: 120_000 }],
    ["skew:-90@5m..1h", { kind: "skew", amount: -90, from: 300_000, until: 3_600_000 }],
    ["duplicate", { kind: "duplicate", amount: 0.1, from: 0, until: Number.POSITIVE_INFINITY }],
    ["muted/k3", { kind: "muted", amount: 0, from: 0, until: Number.POSITIVE_INFINITY, device: "k3" }],
    ["drift@1..2/g1", { kind: "drift", amount: 0.25, from: 1000, until: 2000, device: "g1" }],
    ["reboot@1.5m", { kind: "reboot", amount: 0, from: 90_000, until: 95_000 }],
  ])("%s is understood", (text, fault) => expect(parseFault(text)).toEqual(fault));

  it.each(["gremlins", "disconnect@", "disconnect@5..2", "skew:", "skew:fast", "constructor", "stuck/", "stuck/K3"])(
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

describe("a clock that is off by less than a second", () => {
  const second = (t: number, energy: number): Second => ({
    t,
    thirds: new Float64Array(16).fill(energy),
    a: energy,
    laf: new Float64Array(8).fill(energy),
    lafMax: energy,
    speech: energy,
    clipped: false,
  });
  /** Two true seconds as such a clock divides them; energies of the second that is over with the later one. */
  const heard = (ahead: number) => {
    const divide = createDivider();
    const own = (t: number) => deviceSecond(t, ahead);
    divide(second(0, 0), own(0));
    const { t, thirds, a, laf, speech } = divide(second(1000, 1), own(1000));
    return { t, endsAt: own(1000).endsAt, thirds: thirds[3], a, speech, laf: laf.join("") };
  };

  it("ahead: its seconds begin with what was before", () =>
    expect(heard(250)).toEqual({ t: 1000, endsAt: 1750, thirds: 0.75, a: 0.75, speech: 0.75, laf: "00111111" }));
  it("behind: the second before is over only now", () =>
    expect(heard(-250)).toEqual({ t: 0, endsAt: 1250, thirds: 0.25, a: 0.25, speech: 0.25, laf: "00000011" }));
  it("whole seconds change what a second is called, not what it is", () =>
    expect(heard(-2000)).toEqual({ t: -1000, endsAt: 2000, thirds: 1, a: 1, speech: 1, laf: "11111111" }));
  it("knows of its drift, not of its skew", () => {
    const faults = ["skew:0.3", "drift:-0.1"].map(parseFault);
    expect([clockAhead(faults, 0), knownClockAhead(faults, 0)]).toEqual([200, -100]);
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
