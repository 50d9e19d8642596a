/** Canonical JSON (RFC 8785): of the same value always the same text, so that it can be hashed, signed and compared. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * Keys in the order of their UTF-16 units, no space, numbers and strings as ECMAScript writes them; members that are
 * undefined are left out. Throws for what JSON cannot say: NaN, infinities, half a surrogate pair.
 */
export function canonical(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON`);
  if (typeof value === "string" && !value.isWellFormed()) throw new TypeError("half a character has no canonical JSON");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : `${canonical(key)}:${canonical(member)}`;
    });
  return `{${members.join(",")}}`;
}

/** `Array.isArray` does not tell the type of a read-only array. */
const isList = (value: object): value is readonly Json[] => Array.isArray(value);
