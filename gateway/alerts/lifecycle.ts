/** One alert's life as values: pending → firing → acknowledged → resolved; each step at most once. */
import type { ResolveReason, Severity } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { type Alert, alertId, type Transition } from "./alert.ts";

export function pend(room: RoomId, startedAt: Millis, severity: Severity): Transition {
  const alert: Alert = {
    id: alertId("conversation-in-shared-office", room, startedAt),
    rule: "conversation-in-shared-office",
    room,
    pair: null,
    state: "pending",
    severity,
    startedAt,
    firedAt: null,
    acknowledgedAt: null,
    resolvedAt: null,
    reason: null,
  };
  return { to: "pending", at: startedAt, alert };
}

export const fire = (alert: Alert, severity: Severity, at: Millis): Transition => ({
  to: "firing",
  at,
  alert: { ...alert, state: "firing", severity, firedAt: at },
});

export const acknowledge = (alert: Alert, at: Millis): Transition => ({
  to: "acknowledged",
  at,
  alert: { ...alert, state: "acknowledged", acknowledgedAt: at },
});

/** Never dated before the steps that came earlier: the quiet that ends a conversation may have begun before it fired. */
export function resolve(alert: Alert, why: Exclude<ResolveReason, "never-fired">, when: Millis): Transition {
  const at = Math.max(when, alert.startedAt, alert.firedAt ?? 0, alert.acknowledgedAt ?? 0);
  const reason = alert.firedAt === null ? "never-fired" : why;
  return { to: "resolved", at, alert: { ...alert, state: "resolved", resolvedAt: at, reason } };
}
