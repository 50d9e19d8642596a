/**
 * Which of the settings in force somebody may ask to be others while the gateway runs, and how another value is given. What
 * is not here is changed in the file alone. Pure.
 */
import type { SettingView } from "#protocol/changes.ts";
import { Boundary, Policy, RoomKind } from "#protocol/site.ts";
import type { Plain, Settings } from "./approval/settings.ts";

type Entry = Pick<SettingView, "entry" | "choices" | "canGo">;

const number: Entry = { entry: "number", choices: [], canGo: false };
const time: Entry = { entry: "time", choices: [], canGo: false };
const choice = (choices: readonly string[], canGo = false): Entry => ({
  entry: "choice",
  choices: [...choices],
  canGo,
});
/** It was put there by the file, and can be taken away by asking. */
const onlyGo: Entry = { entry: "none", choices: [], canGo: true };

/** In the order in which they are offered. */
const settable: readonly (readonly [path: RegExp, Entry])[] = [
  [/^policy\.measuring$/, choice(Policy.shape.measuring.unwrap().options)],
  [/^policy\.privacy$/, choice(Policy.shape.privacy.unwrap().options)],
  [/^policy\.conversationAlertAfterS$/, number],
  [/^openingHours\.\w+\.(from|until)$/, time],
  [/^retention\.\w+$/, number],
  [/^rooms\.[^.]+\.assigned$/, number],
  [/^rooms\.[^.]+\.kind$/, choice(RoomKind.options)],
  [/^boundaries\.[^.]+\.kind$/, choice(Boundary.shape.kind.options, true)],
  [/^devices\.[^.]+\.room$/, onlyGo],
  [/^webhooks\.[^.]+\.url$/, onlyGo],
];

/** What is in force of them. */
export function settableIn(settings: Settings): SettingView[] {
  const all = Object.entries(settings);
  return settable.flatMap(([pattern, entry]) =>
    all.filter(([path]) => pattern.test(path)).map(([path, value]: [string, Plain]) => ({ path, value, ...entry })),
  );
}
