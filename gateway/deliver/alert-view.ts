/** An alert as the API and the stream tell it. */
import type { AlertView } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { Alert } from "../alerts/alert.ts";
import { alertMessage } from "../alerts/message.ts";
import type { FreeRooms } from "../alerts/nearest-free.ts";

const iso = (at: Millis): string => new Date(at).toISOString();
const isoOrNull = (at: Millis | null): string | null => (at === null ? null : iso(at));

/** The message names the nearest room that is free now. */
export function alertView(alert: Alert, site: Site, free: FreeRooms): AlertView {
  return {
    id: alert.id,
    rule: alert.rule,
    room: alert.room,
    pair: alert.pair === null ? null : [...alert.pair],
    state: alert.state,
    severity: alert.severity,
    startedAt: iso(alert.startedAt),
    firedAt: isoOrNull(alert.firedAt),
    acknowledgedAt: isoOrNull(alert.acknowledgedAt),
    resolvedAt: isoOrNull(alert.resolvedAt),
    reason: alert.reason,
    hearing: alert.hearing ?? null,
    dropDb: alert.dropDb === undefined ? null : Math.round(alert.dropDb * 10) / 10,
    message: alertMessage(alert, site, free),
  };
}
