/** Whether a transition is told to anyone, and why. The same word drives the delivery and the test. */
import type { Transition } from "./alert.ts";

export type Notify = "raised" | "resolved";
/** `historical`: too late for anyone to act on. `grouped`: of the same conversation as much was told already. */
export type Hush = "historical" | "grouped";
export type Silence = "pending" | "acknowledged" | "never-fired" | Hush;
export type NotifyReason = Notify | Silence;

/** `hush` is why the watch itself wants it told to nobody. */
export function whyNotify({ to, alert }: Transition, hush?: Hush): NotifyReason {
  if (hush === "historical") return hush;
  if (to === "pending" || to === "acknowledged") return to;
  if (alert.firedAt === null) return "never-fired";
  return hush ?? (to === "firing" ? "raised" : "resolved");
}

export const isTold = (reason: NotifyReason): reason is Notify => reason === "raised" || reason === "resolved";
