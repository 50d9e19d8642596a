/** Which setting is to be another, and what it is to be. */
import { useEffect, useRef } from "preact/hooks";
import type { SettingView } from "#protocol/changes.ts";
import { text } from "../texts/texts.ts";
import { Field, hintOf } from "./field.tsx";
import { settingName, valueText } from "./setting-change.tsx";

/** Said in the field: it is to be taken away. */
export const GONE = "–";

const groupOf = ({ path }: SettingView): string => path.split(".")[0]!;

export function SettingField({
  settings,
  path,
  choose,
}: {
  settings: readonly SettingView[];
  path: string;
  choose: (path: string) => void;
}) {
  const words = text.value.changes.ask;
  const here = useRef<HTMLSelectElement>(null);
  useEffect(() => here.current?.focus(), []);
  const groups: Readonly<Record<string, string>> = words.groups;
  return (
    <Field id="setting" label={words.setting}>
      <select
        ref={here}
        class="form-input"
        id="setting"
        required
        value={path}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value="">{words.choose}</option>
        {[...Map.groupBy(settings, groupOf)].map(([group, members]) => (
          <optgroup key={group} label={groups[group] ?? group}>
            {members.map((setting) => (
              <option key={setting.path} value={setting.path}>
                {settingName(setting.path)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </Field>
  );
}

interface Given {
  readonly setting: SettingView;
  readonly value: string;
  readonly set: (value: string) => void;
}

function Choice({ setting: { value: now, entry, choices, canGo }, value, set }: Given) {
  const words = text.value.changes.ask;
  const others = entry === "choice" ? choices.filter((choice) => choice !== now) : [];
  return (
    <select
      class="form-input"
      id="setting-value"
      aria-describedby={hintOf("setting-value")}
      required
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    >
      <option value="">{words.choose}</option>
      {others.map((choice) => (
        <option key={choice} value={choice}>
          {valueText(choice)}
        </option>
      ))}
      {canGo && <option value={GONE}>{words.gone}</option>}
    </select>
  );
}

const typed = ({ entry, canGo }: SettingView): boolean => !canGo && (entry === "number" || entry === "time");

export function ValueField({ setting, value, set }: Given) {
  const words = text.value.changes.ask;
  return (
    <Field id="setting-value" label={words.value} hint={words.now(valueText(setting.value))}>
      {typed(setting) ? (
        <input
          class="form-input"
          id="setting-value"
          aria-describedby={hintOf("setting-value")}
          type={setting.entry as "number" | "time"}
          min={setting.entry === "number" ? 0 : undefined}
          required
          value={value}
          onInput={(event) => set(event.currentTarget.value)}
        />
      ) : (
        <Choice setting={setting} value={value} set={set} />
      )}
    </Field>
  );
}

/** What is asked for by the text of the field. */
export const valueSaid = ({ entry }: SettingView, value: string): SettingView["value"] | null =>
  value === GONE ? null : entry === "number" ? Number(value) : value;
