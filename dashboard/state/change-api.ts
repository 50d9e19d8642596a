/** Changes of the configuration: what is so, what is asked for, and asking for it. */
import type { ChangeDeed, ChangeRequestView, ChangesView, SettingView, WeighedView } from "#protocol/changes.ts";
import { get, send } from "./api.ts";

/** Path → value; null: gone. */
export type Wanted = Readonly<Record<string, SettingView["value"] | null>>;

export const getChanges = (signal?: AbortSignal) => get<ChangesView>("/changes", signal);
export const getSettings = (signal?: AbortSignal) => get<readonly SettingView[]>("/settings", signal);

export const weighChange = (wanted: Wanted) => send<WeighedView>("POST", "/changes/weigh", { wanted });

/** `until`: the end of what widens, RFC 3339; what narrows needs neither. */
export const askForChange = (wanted: Wanted, reason: string, until: string | null) =>
  send<ChangesView>("POST", "/changes", { wanted, reason, until });

/** The request as it was shown. */
export const approveChange = ({ id, requestedAt, changes }: ChangeRequestView) =>
  send<ChangesView>("POST", `/changes/${id}/approve`, { requestedAt, changes });

export const doToChange = (id: number, deed: Exclude<ChangeDeed, "approve" | "revise">) =>
  send<ChangesView>("POST", `/changes/${id}/${deed}`);

/** Its end is RFC 3339. */
export const reviseChange = (id: number, reason: string, until: string) =>
  send<ChangesView>("PUT", `/changes/${id}`, { reason, until });
