/**
 * A quick yes for what a schema accepts. A schema that walks its own description for each message takes several times as
 * long as reading the message; here the description is walked once. Only its yes counts: whatever it does not say yes to,
 * the schema itself decides, and says why.
 */
import { z } from "zod";

type Check = (value: unknown) => boolean;

/** What readings are made of, as JSON Schema says it. */
interface Described {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Described;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly Described[];
}

/** Of a strict object of numbers, booleans, strings with a pattern, enumerations, and arrays of them. */
export function quickCheck(schema: z.ZodType): Check {
  const isDescribed = checkOf(z.toJSONSchema(schema) as Described);
  const refinements = (schema.def as { checks?: readonly z.core.$ZodCheck[] }).checks ?? [];
  const isRefined = refinements.map((check) => (check._zod.def as unknown as { fn: Check }).fn);
  return (value) => isDescribed(value) && isRefined.every((is) => is(value));
}

function checkOf(of: Described): Check {
  if (of.anyOf) return anyOf(of.anyOf.map(checkOf));
  if (of.enum) return (value) => of.enum!.includes(value);
  if (of.const !== undefined) return (value) => value === of.const;
  switch (of.type) {
    case "object":
      return objectOf(Object.entries(of.properties!).map(([name, property]) => [name, checkOf(property)]));
    case "array":
      return arrayOf(checkOf(of.items!), of.minItems ?? 0, of.maxItems ?? Number.POSITIVE_INFINITY);
    case "integer":
      return numberOf(of, Number.isSafeInteger);
    case "number":
      return numberOf(of, Number.isFinite);
    case "string":
      return of.pattern === undefined ? never : stringOf(new RegExp(of.pattern));
    case "boolean":
      return (value) => typeof value === "boolean";
    case "null":
      return (value) => value === null;
    default:
      return never;
  }
}

const never: Check = () => false;
const anyOf =
  (checks: readonly Check[]): Check =>
  (value) =>
    checks.some((is) => is(value));
const stringOf =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value);

/** Exactly these properties: all of them, and as many. */
function objectOf(properties: readonly (readonly [string, Check])[]): Check {
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    let others = 0;
    for (const _ in value) others++;
    if (others !== properties.length) return false;
    for (const [name, is] of properties) if (!is((value as Record<string, unknown>)[name])) return false;
    return true;
  };
}

function arrayOf(is: Check, least: number, most: number): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return false;
    for (const one of value) if (!is(one)) return false;
    return true;
  };
}

/** In steps of a decimal fraction a number is right when it is the nearest one to a multiple. */
function numberOf({ minimum = -Infinity, maximum = Infinity, multipleOf = 0 }: Described, isNumber: Check): Check {
  const perUnit = multipleOf > 0 && multipleOf < 1 ? Math.round(1 / multipleOf) : 0;
  return (value) => {
    if (!isNumber(value)) return false;
    const number = value as number;
    if (number < minimum || number > maximum) return false;
    if (perUnit > 0) return Math.round(number * perUnit) / perUnit === number;
    return multipleOf === 0 || number % multipleOf === 0;
  };
}
