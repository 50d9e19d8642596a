/** Numbers leave a device in the steps and within the range that their schema states. */
import { z } from "zod";
import { quantise } from "#protocol/quantities.ts";

/** Nearest value the schema allows. Throws a TypeError for a schema without a least and a greatest value. */
export function quantiser(schema: z.ZodType<number>): (value: number) => number {
  const { minimum, maximum, multipleOf = 1 } = z.toJSONSchema(schema);
  if (minimum === undefined || maximum === undefined) throw new TypeError("a quantity needs a range");
  // Adding 0 makes −0 the same 0 as any other.
  return (value) => quantise(value, minimum, maximum, multipleOf) + 0;
}
