/** What devices are known by: asked of the gateway's API. */
import type { ClaimView, EnrolmentView } from "#protocol/enrolment.ts";
import type { Id } from "#protocol/quantities.ts";
import { get, send } from "./api.ts";

const pathOf = (device: Id) => `/enrolments/${encodeURIComponent(device)}`;

export const getEnrolments = (signal?: AbortSignal) => get<EnrolmentView[]>("/enrolments", signal);
export const makeClaimCode = (device: Id) => send<ClaimView>("POST", pathOf(device));
export const revokeDevice = (device: Id) => send<EnrolmentView>("DELETE", pathOf(device));
