/** One setting from what it is to what is asked for, in words where there are words for it. */
import type { SettingChange } from "#protocol/changes.ts";
import { text } from "../texts/texts.ts";

const WEEKDAYS: readonly string[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** A weekday in the reader's language; of rooms and sensors what is between them. */
function nameText(name: string): string {
  const day = WEEKDAYS.indexOf(name);
  // 5 January 1970 was a Monday.
  if (day >= 0)
    return new Intl.DateTimeFormat(text.value.locale, { weekday: "long", timeZone: "UTC" }).format(
      (4 + day) * 86_400_000,
    );
  return name.replace("|", " – ").replace("@", " → ");
}

/** The name in the path, such as a room's, stands at the place of the `*`. */
export function settingName(path: string): string {
  const names = text.value.changes.setting;
  const [first, name, last] = path.split(".");
  const pattern = last === undefined ? path : `${first}.*.${last}`;
  return Object.hasOwn(names, pattern) ? names[pattern as keyof typeof names](nameText(name ?? "")) : path;
}

export function valueText(value: SettingChange["after"]): string {
  const { value: words, nothing } = text.value.changes;
  if (value === null) return nothing;
  const known = String(value);
  return Object.hasOwn(words, known) ? words[known as keyof typeof words] : known;
}

export const settingChangeText = ({ path, before, after }: SettingChange): string =>
  text.value.changes.change(settingName(path), valueText(before), valueText(after));

export const SettingChanges = ({ changes }: { changes: readonly SettingChange[] }) => (
  <ul class="setting-changes">
    {changes.map((change) => (
      <li key={change.path} data-path={change.path}>
        {settingChangeText(change)}
      </li>
    ))}
  </ul>
);
