/**
 * Sends what the journal holds to be delivered, until it is delivered or a day has passed. A first attempt is on record
 * before it is made, so that after a crash it is known what a receiver may have got; the key tells it what it has.
 */
import type { RoomId } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import { isInSumsAlone } from "../display/alerts.ts";
import type { Journal, PendingDelivery } from "../journal/journal.ts";
import type { Channel, Outcome } from "./channel.ts";
import { deliveryKey, type Notification } from "./orders.ts";

export type OutboxEvent =
  | { readonly kind: "delivered"; readonly channel: string; readonly key: string }
  | { readonly kind: "retrying"; readonly channel: string; readonly key: string; readonly reason: string }
  | { readonly kind: "given-up"; readonly channel: string; readonly key: string; readonly reason: string }
  /** The alert was over before it was told: nobody is told of either. Or the house has become strict since. */
  | { readonly kind: "superseded"; readonly channel: string; readonly key: string }
  /** The journal did not answer; it is asked again. */
  | { readonly kind: "trouble"; readonly error: unknown };

export interface OutboxOptions {
  readonly journal: Pick<Journal, "dueDeliveries" | "settleDelivery" | "transitions">;
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  /** Rooms whose alerts are told in sums alone, also those that were ordered before they were. */
  readonly withheld?: ReadonlySet<RoomId>;
  /** In [0, 1). */
  readonly random?: () => number;
  /** For the log. */
  readonly onEvent?: (event: OutboxEvent) => void;
}

export interface Outbox extends AsyncDisposable {
  /** Looks at once for what is due. */
  wake(): void;
  /** Resolves when everything that was due has been tried. */
  tried(): Promise<void>;
}

const POLL_MS = 1000;
const BATCH = 100;
const FIRST_MS = 5000;
const MOST_MS = 3600_000;
const GIVE_UP_AFTER_MS = 24 * 3600_000;

/** Doubles from 5 s to an hour, of which a random half is taken off at most; never sooner than the receiver asked for. */
export const retryDelay = (attempt: number, random: number, afterMs = 0): number =>
  Math.max(afterMs, Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 20)) * (0.5 + random / 2));

export function startOutbox(options: OutboxOptions): Outbox {
  const { journal, channels, clock, withheld = new Set(), random = Math.random, onEvent } = options;
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  /** Per channel what it is busy with, one after another; a slow receiver holds up none but itself. */
  const lines = new Map<string, Promise<void>>();
  const busy = new Set<string>();
  /** Waiting in a line, and settled meanwhile by what came before it. */
  const dropped = new Set<string>();
  const stop = new AbortController();
  let awake = Promise.withResolvers<void>();
  const tell = (event: OutboxEvent) => onEvent?.(event);

  /** Not settled when the gateway stops in the middle: it is sent again after the next start. */
  async function attempt(delivery: PendingDelivery): Promise<void> {
    const { key, channel, createdAt } = delivery;
    if (dropped.delete(key)) return;
    const way = byName.get(channel);
    if (way === undefined) return giveUp(delivery, "the channel is no longer configured");
    if (clock.now() - createdAt >= GIVE_UP_AFTER_MS) return giveUp(delivery, "a day has passed");
    if (await isSuperseded(delivery)) return tell({ kind: "superseded", channel, key });
    if (delivery.attempts === 0)
      await journal.settleDelivery(key, { nextAttemptAt: clock.now() + retryDelay(0, random()) });
    if (stop.signal.aborted) return;
    const outcome = await way.send(delivery, stop.signal);
    if (!stop.signal.aborted || outcome.kind === "delivered") await settle(delivery, outcome);
  }

  async function settle(delivery: PendingDelivery, outcome: Outcome): Promise<void> {
    const { key, channel } = delivery;
    if (outcome.kind === "refused") return giveUp(delivery, outcome.reason);
    if (outcome.kind === "delivered") {
      await journal.settleDelivery(key, "done");
      return tell({ kind: "delivered", channel, key });
    }
    const made = Math.max(0, delivery.attempts - 1);
    await journal.settleDelivery(key, { nextAttemptAt: clock.now() + retryDelay(made, random(), outcome.afterMs) });
    tell({ kind: "retrying", channel, key, reason: outcome.reason });
  }

  async function giveUp({ key, channel }: PendingDelivery, reason: string): Promise<void> {
    await journal.settleDelivery(key, "given-up");
    tell({ kind: "given-up", channel, key, reason });
  }

  /** Stale news is not sent. If it never was, its end is no news either (PEERS row 45). */
  async function isSuperseded({ key, channel, body, attempts }: PendingDelivery): Promise<boolean> {
    const { type, data } = JSON.parse(body) as Notification;
    if (type !== "alert.digest" && isInSumsAlone(data, withheld)) {
      await journal.settleDelivery(key, "done");
      return true;
    }
    if (type !== "alert.firing") return false;
    const transitions = await journal.transitions(data.id);
    if (!transitions.some(({ to }) => to === "resolved")) return false;
    const end = deliveryKey(data.id, "resolved", channel);
    if (attempts === 0) {
      await journal.settleDelivery(end, "done");
      if (busy.has(end)) dropped.add(end);
    }
    await journal.settleDelivery(key, "done");
    return true;
  }

  function queue(delivery: PendingDelivery): void {
    if (busy.has(delivery.key)) return;
    busy.add(delivery.key);
    const line = (lines.get(delivery.channel) ?? Promise.resolve())
      .then(() => (stop.signal.aborted ? undefined : attempt(delivery)))
      .catch((error: unknown) => tell({ kind: "trouble", error }))
      .finally(() => busy.delete(delivery.key));
    lines.set(delivery.channel, line);
  }

  async function look(): Promise<void> {
    try {
      // What is being tried is still due, and must not hide what is not.
      for (const delivery of await journal.dueDeliveries(clock.now(), BATCH + busy.size)) queue(delivery);
    } catch (error) {
      tell({ kind: "trouble", error });
    }
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      awake = Promise.withResolvers();
      await look();
      const pause = new AbortController();
      const signal = AbortSignal.any([stop.signal, pause.signal]);
      await Promise.race([clock.wait(POLL_MS, signal).catch(() => {}), awake.promise]);
      pause.abort();
    }
  }
  const running = run();

  return {
    wake: () => awake.resolve(),
    async tried() {
      await look();
      await Promise.all(lines.values());
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await Promise.all(lines.values());
    },
  };
}
