/**
 * JSON of a state of which little changes from one time to the next: what is the same object as before is the same text.
 * For states that are never written in place.
 */

/** Text of what lies this deep: rooms, watched alerts. */
const DEPTH = 3;
const texts = new WeakMap<object, string>();

/** The same as `JSON.stringify`, of plain data. */
export const keptJson = (state: object): string => textOf(state, DEPTH);

function textOf(value: unknown, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (depth === 0) return known(value);
  if (Array.isArray(value)) return `[${value.map((one) => textOf(one, depth - 1)).join(",")}]`;
  const parts: string[] = [];
  for (const [name, one] of Object.entries(value))
    if (one !== undefined) parts.push(`${JSON.stringify(name)}:${textOf(one, depth - 1)}`);
  return `{${parts.join(",")}}`;
}

function known(value: object): string {
  let text = texts.get(value);
  if (text === undefined) {
    text = JSON.stringify(value);
    texts.set(value, text);
  }
  return text;
}
