/** What is governed, as one flat table: the path of each key and its value. */
import { declarationOf, isDeclared } from "./declarations.ts";

export type Plain = string | number | boolean;
/** Path (`rooms.K1.assigned`) → value. A key that is not there is narrower than one with any value, unless declared otherwise. */
export type Settings = Readonly<Record<string, Plain>>;

/**
 * The keys that can widen of settings as nested objects; lists of things are objects by the things' names. What is declared
 * is one value, however it is made; what is not declared is taken apart down to its last value, and every one counts.
 * `conceal` is what is kept of a value that is not declared, and so may be a secret.
 */
export function flatten(nested: object, conceal: (value: Plain) => Plain = (value) => value): Settings {
  const found: Record<string, Plain> = {};
  const walk = (value: unknown, path: string): void => {
    if (value === undefined || value === null) return;
    const isKnown = isDeclared(path);
    if (typeof value === "object" && !isKnown)
      for (const [key, inner] of Object.entries(value)) walk(inner, path === "" ? key : `${path}.${key}`);
    else if (declarationOf(path).wider !== "never") found[path] = isKnown ? plain(value) : conceal(plain(value));
  };
  walk(nested, "");
  return found;
}

const plain = (value: unknown): Plain =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : JSON.stringify(value);
