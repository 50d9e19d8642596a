/** Which notifications follow from what the alerts decided, one per (alert, transition, channel), and from a day's digest. */
import type { AlertView } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { FreeRooms } from "../alerts/nearest-free.ts";
import type { Decided } from "../alerts/step.ts";
import { isTold } from "../alerts/why-notify.ts";
import type { DeliveryOrder } from "../journal/journal.ts";
import type { DigestView } from "../report/digest.ts";
import { alertView } from "./alert-view.ts";

/** What a receiver gets. */
export type Notification =
  | { readonly type: "alert.firing" | "alert.resolved"; readonly timestamp: string; readonly data: AlertView }
  /** A strict house's, once a day. */
  | { readonly type: "alert.digest"; readonly timestamp: string; readonly data: DigestView };

export const deliveryKey = (alertId: string, to: "firing" | "resolved", channel: string): string =>
  `${alertId}:${to}:${channel}`;

export function ordersFor(
  decided: readonly Decided[],
  channels: readonly string[],
  site: Site,
  free: FreeRooms,
  now: Millis,
): DeliveryOrder[] {
  return decided.flatMap(({ transition: { at, alert }, notify }) => {
    if (!isTold(notify)) return [];
    const to = notify === "raised" ? "firing" : "resolved";
    const notification: Notification = {
      type: `alert.${to}`,
      timestamp: new Date(at).toISOString(),
      data: alertView(alert, site, free),
    };
    const body = JSON.stringify(notification);
    return channels.map((channel) => ({ key: deliveryKey(alert.id, to, channel), channel, body, createdAt: now }));
  });
}

/** One per (site, local day, channel); `timestamp` is when the day was over. */
export function digestOrders(digest: DigestView, channels: readonly string[], now: Millis): DeliveryOrder[] {
  const notification: Notification = { type: "alert.digest", timestamp: digest.to, data: digest };
  const body = JSON.stringify(notification);
  return channels.map((channel) => ({ key: `${digest.id}:${channel}`, channel, body, createdAt: now }));
}
