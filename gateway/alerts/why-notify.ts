/** Whether a transition is told to anyone, and why. The same word drives the delivery, the metric and the test. */
import type { RoomFact } from "../detect/facts.ts";
import type { Transition } from "./alert.ts";

export type Notify = "raised" | "resolved";
export type Silence = "pending" | "acknowledged" | "never-fired" | "historical";
export type NotifyReason = Notify | Silence;

/** `cause` is the fact that led to the transition; undefined when a wait ended or somebody acknowledged. */
export function whyNotify({ to, alert }: Transition, cause: RoomFact | undefined): NotifyReason {
  if (cause?.kind === "conversation-recovered") return "historical";
  if (to === "resolved") return alert.firedAt === null ? "never-fired" : "resolved";
  return to === "firing" ? "raised" : to;
}

export const isTold = (reason: NotifyReason): reason is Notify => reason === "raised" || reason === "resolved";
