/** Of a deed that is no look: what exactly, in the reader's words. A later version of the gateway may say more than this page knows. */
import { text } from "../texts/texts.ts";
import { settingChangeText } from "./setting-change.tsx";

/** A word for it where there is one. */
export const wordFor = (words: Readonly<Record<string, string>>, key: string): string =>
  Object.hasOwn(words, key) ? words[key]! : key;

const ARROW = " → ";

export function valueText(value: string): string {
  const { roles, auditDetails } = text.value;
  return value
    .split(" ")
    .map((one) => wordFor({ ...roles, ...auditDetails.value }, one))
    .join(", ");
}

function detailText(key: string, value: string): string {
  const [before, after] = value.split(ARROW);
  if (after !== undefined) return settingChangeText({ path: key, before: before || null, after: after || null });
  const words = text.value.auditDetails;
  return words.detail(wordFor(words.name, key), valueText(value));
}

/** Rooms, and since when, stand in columns of their own. */
const elsewhere: ReadonlySet<string> = new Set(["rooms", "since"]);

export function detailsIn(scope: string): string | null {
  const details = [...new URLSearchParams(scope)].filter(([key, value]) => !elsewhere.has(key) && value !== "");
  return details.length === 0 ? null : details.map(([key, value]) => detailText(key, value)).join(" · ");
}
