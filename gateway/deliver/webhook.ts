/**
 * Notifications by HTTP POST, signed as Standard Webhooks describe (standardwebhooks.com, specification 1.0):
 *
 *   webhook-id         the delivery's key; a receiver drops what it has seen
 *   webhook-timestamp  seconds since 1970, of this attempt; a receiver refuses what is older than some minutes
 *   webhook-signature  `v1,` + base64(HMAC-SHA256(secret, `${id}.${timestamp}.${body}`))
 *
 * A secret of the form `whsec_…` is base64; any other is used as it is written.
 */
import { createHmac } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Channel, Outcome, Outgoing } from "./channel.ts";

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;

export const keyOf = (secret: string): Buffer =>
  secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);

export const sign = (secret: string, id: string, timestamp: number, body: string): string =>
  `v1,${createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64")}`;

export function webhook({ name, url, secret, clock, timeoutMs = TIMEOUT_MS }: WebhookOptions): Channel {
  return {
    name,
    async send({ key, body }: Outgoing, signal): Promise<Outcome> {
      const timestamp = Math.floor(clock.now() / 1000);
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "webhook-id": key,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": sign(secret, key, timestamp, body),
          },
          body,
          // A redirect would carry the news to somebody that nobody has configured.
          redirect: "manual",
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        await response.body?.cancel();
        return outcomeOf(response);
      } catch (error) {
        return { kind: "retry", reason: reasonOf(error) };
      }
    },
  };
}

/** 410 is the receiver's word that the address is gone; everything else may be mended within a day. */
function outcomeOf(response: Response): Outcome {
  if (response.ok) return { kind: "delivered" };
  const reason = `answered ${response.status}`;
  if (response.status === 410) return { kind: "refused", reason };
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return { kind: "retry", reason, ...(seconds > 0 ? { afterMs: seconds * 1000 } : {}) };
}

/** The kind of failure, without the address, which may hold a token. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as Error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return name === "TimeoutError" ? "timed out" : (code ?? name);
}
