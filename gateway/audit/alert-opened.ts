/** What the audit log says of an alert that is raised. */
import type { Millis } from "#protocol/quantities.ts";
import type { Alert } from "../alerts/alert.ts";
import { type AuditEntry, BY_GATEWAY } from "./entry.ts";

/** `at`: when the gateway raised it; what it is about may have begun long before, while a device was away. */
export function alertOpened({ rule, room, pair, startedAt }: Alert, at: Millis): AuditEntry {
  const rooms = pair ?? (room === null ? [] : [room]);
  const scope = new URLSearchParams({
    ...(rooms.length > 0 && { rooms: rooms.join(",") }),
    since: new Date(startedAt).toISOString(),
  });
  return { at, ...BY_GATEWAY, action: "alert-opened", object: rule, scope: scope.toString(), count: rooms.length };
}
