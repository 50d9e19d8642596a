/** Enrolments as they are told, by HTTP and as JSON on the command line. */
import type { ClaimOffer, EnrolmentView } from "#protocol/enrolment.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Actor, DeviceBook, Enrolment } from "./device-book.ts";

const instant = (at: Millis): string => new Date(at).toISOString();

export const enrolmentView = ({ device, credential, since, claimUntil }: Enrolment): EnrolmentView => ({
  device,
  credential,
  since: since === null ? null : instant(since),
  claimUntil: claimUntil === null ? null : instant(claimUntil),
});

/** A new claim code. */
export function offerOf(book: DeviceBook, device: Id, by: Actor): ClaimOffer {
  const { code, until } = book.offer(device, by);
  return { device, code, until: instant(until) };
}
