import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical, type Json } from "./canonical.ts";

describe("canonical JSON", () => {
  it("writes the example of RFC 8785 §3.2.2 as §3.2.4 has it", () => {
    const value = {
      numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\u0027\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it("sorts keys by their UTF-16 units, as RFC 8785 §3.2.3 has it", () => {
    const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    expect([...canonical(value).matchAll(/:(\d)/g)].map(([, n]) => Number(n))).toEqual([2, 4, 6, 7, 1, 5, 3]);
  });

  it("leaves out what is undefined, and refuses what JSON cannot say", () => {
    expect(canonical({ b: undefined, a: -0 })).toBe('{"a":0}');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "\ud800", { "\udc00": 1 }])
      expect(() => canonical({ value })).toThrow(TypeError);
  });

  it("says the same of the same value whatever the order of its keys, and reads back as it", () => {
    const json = fc.jsonValue({ stringUnit: "binary", maxDepth: 3 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, (value) => {
        const text = canonical(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(turnedRound(value))).toBe(text);
      }),
    );
  });
});

function turnedRound(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(turnedRound);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, turnedRound(member as Json)]),
  );
}
