/** What law and agreements ask of a widening, as data with a date: how long it is told beforehand, who agrees, how long it lasts. */
import type { Role } from "#protocol/roles.ts";

/** `control-measure`: how staff are measured or watched over · `handling`: where to and for how long what is measured goes. */
export type Notice = "control-measure" | "handling";

export interface LawProfile {
  readonly name: string;
  /** ISO date from which the house goes by it. */
  readonly from: string;
  readonly noticeDays: Readonly<Record<Notice, number>>;
  /** A request that has not been approved by then is no more. */
  readonly undecidedDays: number;
  /** No widening lasts longer; then it is asked for anew. */
  readonly longestDays: number;
  /** Of each of these roles one person approves, and no person for two of them. */
  readonly approvers: readonly Role[];
}

/**
 * Danish workplaces. 42 days: control measures are told six weeks before they begin (agreements on control measures in the
 * Danish labour market). The other figures are the product's own.
 */
export const DENMARK: LawProfile = {
  name: "dk",
  from: "2026-11-01",
  noticeDays: { "control-measure": 42, handling: 14 },
  undecidedDays: 30,
  longestDays: 365,
  approvers: ["dpo", "staff-rep"],
};
