import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { age, ago, clock, isoDate, moment, percent, signed, spc, withinSentence } from "./format.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const zone = "Europe/Copenhagen";

describe("times are the site's", () => {
  const winter = Date.parse("2026-11-20T23:30:00Z");
  it("by the clock", () =>
    expect([clock(winter, "da-DK", zone), clock(winter, "en-GB", zone)]).toEqual(["00.30", "00:30"]));
  it("by the date", () => expect(isoDate(winter, zone)).toBe("2026-11-21"));
  it("with the day only when it is another one", () => {
    expect(moment(winter, winter + HOUR, "en-GB", zone)).toBe("00:30");
    expect(moment(winter - HOUR, winter, "en-GB", zone)).toBe("Fri 20 Nov 23:30");
  });
});

describe("ages", () => {
  it.each([
    [-5000, "0 sek.", "0 secs"],
    [8999, "8 sek.", "8 secs"],
    [MINUTE, "1 min.", "1 min"],
    [2 * HOUR, "2 t.", "2 hrs"],
    [2 * HOUR + 5 * MINUTE, "2 t. 5 min.", "2 hrs 5 mins"],
    [47 * HOUR, "47 t.", "47 hrs"],
    [49 * HOUR, "2 dage", "2 days"],
  ])("%d ms", (ms, danish, english) => expect([age(ms, "da-DK"), age(ms, "en-GB")]).toEqual([danish, english]));
});

describe("how long ago", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  it.each([
    [-MINUTE, "for 0 minutter siden", "0 minutes ago"],
    [59 * MINUTE, "for 59 minutter siden", "59 minutes ago"],
    [23 * HOUR, "for 23 timer siden", "23 hours ago"],
    [50 * HOUR, "for 2 dage siden", "2 days ago"],
  ])("%d ms", (ms, danish, english) =>
    expect([ago(now - ms, now, "da-DK"), ago(now - ms, now, "en-GB")]).toEqual([danish, english]),
  );
});

it("a figure never says more privacy than there is", () =>
  expect([69.9, 70, 74.6].map((value) => spc(value, "da-DK"))).toEqual(["69", "70", "74"]));

it("a change has its sign, none has none", () =>
  expect([4.2, -4.2, 0.02].map((value) => signed(value, "da-DK", 1))).toEqual(["+4,2", "-4,2", "0,0"]));

it("a text becomes the rest of a sentence", () =>
  expect(withinSentence("Mikrofonen er slukket")).toBe("mikrofonen er slukket"));

it("is written out within a sentence", () => expect(age(62_000 + HOUR, "da-DK", "long")).toBe("1 time 1 minut"));

it("a share says everything only when it is everything, and nothing only when it is nothing", () =>
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
      const said = percent(share, "en-GB");
      expect(said === "100%").toBe(share === 1);
      expect(said === "0%").toBe(share === 0);
    }),
  ));
