/**
 * The information budget (DESIGN §4): an upper bound, computed from the schemas, on what the devices could say about
 * sound per second: Σ log2(number of possible values) / cadence. Speech carries about 39 bit/s (Coupé et al. 2019).
 *
 * The header (boot, seq, t) is left out: it is fixed by the device's clock and message count, before any sound is
 * heard. `birth` and `status` are constants of the device, said once per connection.
 */
import { z } from "zod";
import { BANDS_WINDOW_S, HEALTH_PERIOD_S, LEVEL_WINDOW_S, STATE_REFILL_S, STATS_WINDOW_S } from "./cadence.ts";
import { header } from "./quantities.ts";
import { type ReadingChannel, readingSchemas } from "./readings.ts";

export const UNLEASED_LIMIT_BITS_PER_S = 6;
export const LEASED_LIMIT_BITS_PER_S = 39;

/** Shortest long-run period between two messages, s. */
const periodS = {
  state: STATE_REFILL_S,
  level: LEVEL_WINDOW_S,
  bands: BANDS_WINDOW_S,
  stats: STATS_WINDOW_S,
  health: HEALTH_PERIOD_S,
} as const satisfies Partial<Record<ReadingChannel, number>>;
type BudgetedChannel = keyof typeof periodS;

type Schema = z.core.JSONSchema.BaseSchema & { values?: number };

/** Bits of one value of a JSON schema made from zod. Throws where the number of values is not bounded by the schema. */
export function bitsOf(schema: Schema, path: string): number {
  if (schema.values !== undefined) return Math.log2(schema.values);
  if (schema.const !== undefined) return 0;
  if (schema.enum) return Math.log2(schema.enum.length);
  if (schema.anyOf) return Math.log2(schema.anyOf.reduce((sum, s) => sum + 2 ** bitsOf(s as Schema, path), 0));
  switch (schema.type) {
    case "null":
      return 0;
    case "boolean":
      return 1;
    case "integer":
    case "number": {
      const step = schema.multipleOf ?? (schema.type === "integer" ? 1 : undefined);
      if (schema.minimum === undefined || schema.maximum === undefined || step === undefined)
        throw new Error(`${path}: a published number needs a least and a greatest value and a step`);
      return Math.log2(Math.round((schema.maximum - schema.minimum) / step) + 1);
    }
    case "array": {
      if (schema.maxItems === undefined || schema.minItems !== schema.maxItems)
        throw new Error(`${path}: a published list needs a fixed length`);
      return schema.maxItems * bitsOf(schema.items as Schema, `${path}[]`);
    }
    case "object":
      return Object.entries(schema.properties ?? {})
        .filter(([key]) => !Object.hasOwn(header, key))
        .reduce((sum, [key, property]) => sum + bitsOf(property as Schema, `${path}.${key}`), 0);
    default:
      throw new Error(`${path}: ${schema.type ?? "an untyped value"} has no place in a reading`);
  }
}

export interface BudgetLine {
  readonly channel: BudgetedChannel;
  readonly bitsPerMessage: number;
  readonly periodS: number;
  readonly bitsPerS: number;
}

export interface Budget {
  readonly lines: readonly BudgetLine[];
  readonly unleasedBitsPerS: number;
  readonly leasedBitsPerS: number;
}

export function informationBudget(): Budget {
  const lines = (Object.keys(periodS) as BudgetedChannel[]).map((channel): BudgetLine => {
    const schema = z.toJSONSchema(readingSchemas[channel]) as Schema;
    const bitsPerMessage = bitsOf(schema, channel);
    return { channel, bitsPerMessage, periodS: periodS[channel], bitsPerS: bitsPerMessage / periodS[channel] };
  });
  const leased = lines.find((line) => line.channel === "bands")!;
  return {
    lines,
    unleasedBitsPerS: lines.reduce((sum, line) => sum + line.bitsPerS, 0) - leased.bitsPerS,
    leasedBitsPerS: leased.bitsPerS,
  };
}

/** Throws when the schemas allow more than the two limits; the gateway calls it before it starts. */
export function assertBudget(budget: Budget): void {
  if (budget.unleasedBitsPerS > UNLEASED_LIMIT_BITS_PER_S)
    throw new Error(
      `the schemas let a device say ${budget.unleasedBitsPerS.toFixed(2)} bit/s; the limit is ${UNLEASED_LIMIT_BITS_PER_S}`,
    );
  if (budget.leasedBitsPerS >= LEASED_LIMIT_BITS_PER_S)
    throw new Error(
      `the schemas let a leased device say ${budget.leasedBitsPerS.toFixed(2)} bit/s in bands; the limit is ${LEASED_LIMIT_BITS_PER_S}`,
    );
}
