import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReadingChannel, readingSchemas } from "#protocol/readings.ts";
import { quickCheck } from "./quick-check.ts";
import { samples } from "./sample.fixture.ts";

const channels = Object.keys(readingSchemas) as ReadingChannel[];

/** Values near what a reading may hold, and far from it. */
const near = fc.oneof(
  fc.double({ noDefaultInfinity: true, min: -20, max: 130 }),
  fc.integer({ min: -40, max: 260 }).map((n) => n / 2),
  fc.integer({ min: -2, max: 22 }).map((n) => n / 20),
  fc.integer({ min: -2, max: 12 }).map((n) => n * 0.1),
  fc.constantFrom<unknown>("on", "off", "dialogue", "00000000", "0000000g", "", true, false, null, undefined, [], {}),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e21, 2 ** 53, 1_780_000_000_000, 1_780_000_000_500),
  fc.anything(),
);

describe.each(channels)("the quick check of %s", (channel) => {
  const schema = readingSchemas[channel];
  const isQuick = quickCheck(schema);

  it("says yes to what devices say", () => {
    expect(isQuick(samples[channel])).toBe(true);
  });

  it("says yes to nothing that the schema refuses or would change", () => {
    const fields = Object.keys(samples[channel]);
    const changed = fc
      .tuple(fc.constantFrom(...fields, "another", "__proto__"), near, fc.boolean())
      .map(([field, value, without]) => {
        const reading: Record<string, unknown> = structuredClone(samples[channel]);
        if (without) delete reading[field];
        else if (Array.isArray(reading[field]) && !Array.isArray(value)) (reading[field] as unknown[])[0] = value;
        else reading[field] = value;
        return reading;
      });
    fc.assert(
      fc.property(fc.oneof({ arbitrary: changed, weight: 9 }, fc.anything()), (value) => {
        if (!isQuick(value)) return;
        expect(schema.safeParse(value)).toEqual({ success: true, data: value });
      }),
      { numRuns: 2000 },
    );
  });
});
