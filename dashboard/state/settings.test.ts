import { expect, it } from "vitest";
import { languageFor } from "./settings.ts";

it.each([
  [["da-DK", "en"], "da"],
  [["en-GB", "da"], "en"],
  [["de", "en-US", "da"], "en"],
  [["de-DE", "pl"], "da"],
  [[], "da"],
] as const)("%j → %s", (preferred, language) => expect(languageFor(preferred)).toBe(language));
