/** Whether everything was told that was to be told, once, but for what a kill made uncertain. Pure. */
import type { Transition } from "#gateway/alerts/alert.ts";
import { isTold, whyNotify } from "#gateway/alerts/why-notify.ts";
import { deliveryKey } from "#gateway/deliver/orders.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { KeptDelivery, Life, Notified, RunHistory, Violation } from "./run-history.ts";

type Deliveries = Pick<RunHistory, "lives" | "transitions" | "expected" | "channel" | "deliveries" | "notified">;

/** An outcome is on record so soon after the request that a later kill cannot have lost it. */
export const ON_RECORD_AFTER_MS = 5000;

export function checkDeliveries(history: Deliveries): Violation[] {
  const { lives, transitions, channel, deliveries, notified } = history;
  const requests = Map.groupBy(notified, ({ key }) => key);
  return [
    ...checkOrders(toldIn(history), deliveries),
    ...[...requests].flatMap(([key, same]) => checkRequests(key, same, deliveries, lives)),
    ...transitions.flatMap(({ to, alert: { id } }) =>
      to === "resolved"
        ? checkEnd(id, requests.get(deliveryKey(id, "firing", channel)), requests.get(deliveryKey(id, to, channel)))
        : [],
    ),
  ];
}

/** Keys of what is to be told of the transitions that happened; what was too late for anyone to act on is not. */
function toldIn({ transitions, expected, channel }: Deliveries): string[] {
  const stepOf = ({ to, alert: { id } }: Transition) => `${id} ${to}`;
  const historical = new Set(
    expected.flatMap(({ transition, notify }) => (notify === "historical" ? [stepOf(transition)] : [])),
  );
  return transitions.flatMap((transition): string[] => {
    const why = whyNotify(transition, historical.has(stepOf(transition)) ? "historical" : undefined);
    if (!isTold(why)) return [];
    return [deliveryKey(transition.alert.id, why === "raised" ? "firing" : why, channel)];
  });
}

/** One settled order for each thing to be told, and no other. */
function checkOrders(due: readonly string[], deliveries: readonly KeptDelivery[]): Violation[] {
  const left = new Set(due);
  const violations = deliveries.flatMap(({ key, outcome }): Violation[] => {
    if (!left.delete(key)) return [{ breach: "invented notification", what: `${key}: nothing of the kind happened` }];
    return outcome === "done" ? [] : [{ breach: "unsettled notification", what: `${key}: ${outcome ?? "still due"}` }];
  });
  return [...violations, ...[...left].map((key): Violation => ({ breach: "lost notification", what: key }))];
}

/** Once; again with the same content only where a kill came before the outcome can have been on record. */
function checkRequests(
  key: string,
  requests: readonly Notified[],
  deliveries: readonly KeptDelivery[],
  lives: readonly Life[],
): Violation[] {
  const order = deliveries.find((delivery) => delivery.key === key);
  if (order === undefined) return [{ breach: "invented notification", what: `${key}: sent, and not in the journal` }];
  const altered = requests.some(({ body }) => body !== order.body);
  const again = requests.slice(1).filter(({ at }, i) => !wasUncertain(requests[i]!.at, at, lives));
  return [
    ...(altered ? [{ breach: "altered notification", what: key } as const] : []),
    ...again.map(({ at }): Violation => ({ breach: "notified twice", what: `${key}: again at ${at}` })),
  ];
}

const wasUncertain = (first: Millis, second: Millis, lives: readonly Life[]): boolean =>
  lives.some(({ endedAt }) => first <= endedAt && endedAt <= second && endedAt - first <= ON_RECORD_AFTER_MS);

/** Who has been told that an alert fires is told its end, and nothing of it after that. */
function checkEnd(id: string, firing: readonly Notified[] = [], end: readonly Notified[] = []): Violation[] {
  const last = firing.at(-1);
  if (last === undefined) return [];
  const first = end[0];
  if (first === undefined) return [{ breach: "lost notification", what: `${id}: the end of what was told` }];
  return first.at < last.at ? [{ breach: "notified out of order", what: `${id}: firing after its end` }] : [];
}
