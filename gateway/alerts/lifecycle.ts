/** One alert's life as values: pending → firing → acknowledged → resolved; each step at most once. */
import type { Hearing, ResolveReason, Severity } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { type Alert, alertId, pairName, type Transition } from "./alert.ts";

type Pair = readonly [from: RoomId, to: RoomId];

export const pend = (room: RoomId, startedAt: Millis, severity: Severity): Transition =>
  pending({ rule: "conversation-in-shared-office", room, pair: null, severity }, room, startedAt);

export const pendOverheard = (pair: Pair, startedAt: Millis, severity: Severity, hearing: Hearing): Transition =>
  pending({ rule: "overheard", room: pair[0], pair, severity, hearing }, pairName(...pair), startedAt);

export const pendDegraded = (pair: Pair, startedAt: Millis, severity: Severity, dropDb: number): Transition =>
  pending({ rule: "privacy-degraded", room: pair[0], pair, severity, dropDb }, pairName(...pair), startedAt);

type Subject = Pick<Alert, "rule" | "room" | "pair" | "severity" | "hearing" | "dropDb">;

function pending(subject: Subject, place: string, startedAt: Millis): Transition {
  const alert: Alert = {
    id: alertId(subject.rule, place, startedAt),
    ...subject,
    state: "pending",
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

/** Only what fires can be acknowledged. */
export function acknowledge(alert: Alert, when: Millis): Transition | undefined {
  if (alert.state !== "firing") return undefined;
  const at = Math.max(when, alert.firedAt!);
  return { to: "acknowledged", at, alert: { ...alert, state: "acknowledged", acknowledgedAt: at } };
}

/** Never dated before the steps that came earlier: the quiet that ends a conversation may have begun before it fired. */
export function resolve(alert: Alert, why: Exclude<ResolveReason, "never-fired">, when: Millis): Transition {
  const at = Math.max(when, alert.startedAt, alert.firedAt ?? 0, alert.acknowledgedAt ?? 0);
  const reason = alert.firedAt === null ? "never-fired" : why;
  return { to: "resolved", at, alert: { ...alert, state: "resolved", resolvedAt: at, reason } };
}
