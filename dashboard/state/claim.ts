/** A claim code that was told on this page: the command that uses it, and what has become of it since. */
import type { ClaimView, EnrolmentView } from "#protocol/enrolment.ts";

export type ClaimFate = "waiting" | "used" | "replaced" | "revoked" | "expired";

/**
 * `since` is what the device's enrolment said when the code was told. A list that is older than the code, which may come
 * after it, decides nothing.
 */
export function fateOf(claim: ClaimView, since: EnrolmentView["since"], now: EnrolmentView, nowMs: number): ClaimFate {
  if (now.claimUntil !== null) return now.claimUntil > claim.until ? "replaced" : "waiting";
  if (now.since !== since) return now.credential === "revoked" ? "revoked" : "used";
  return nowMs < Date.parse(claim.until) ? "waiting" : "expired";
}

/** Addresses that mean every address of the gateway's machine, of which `host` is one that leads there. */
const EVERY = /\/\/(0\.0\.0\.0|\[::\]):/;

/** What is said on the device; with TLS it needs to know whose word it is to trust. */
export function claimCommand({ device, code, broker }: ClaimView, host: string): string {
  const address = broker.replace(EVERY, `//${host}:`);
  const authority = broker.startsWith("mqtts:") ? " --ca ca.pem" : "";
  return `npm run device -- --device ${device} --claim ${code} --broker ${address}${authority}`;
}
