import { describe, expect, it } from "vitest";
import { da } from "./da.ts";
import { en } from "./en.ts";

/** Every text of a catalogue; those that are made are made with words nobody could mistake for text. */
function textsOf(part: unknown, path = ""): [string, string][] {
  if (typeof part === "string") return [[path, part]];
  if (typeof part === "function")
    return [[path, String(path.endsWith("list") ? part(["A", "B"]) : part("A", "B", "C"))]];
  return Object.entries(part as object).flatMap(([key, value]) => textsOf(value, `${path}.${key}`));
}

describe.each([
  ["Danish", da],
  ["English", en],
])("%s", (_name, catalogue) => {
  const texts = textsOf(catalogue);

  it("has no empty text", () => expect(texts.filter(([, text]) => text.trim() === "")).toEqual([]));

  it("claims no confidential conversation and counts nobody", () => {
    const forbidden = /confidential conversation|fortrolig samtale|occupan|belægning|antal personer|how many people/i;
    expect(texts.filter(([, text]) => forbidden.test(text))).toEqual([]);
  });
});
