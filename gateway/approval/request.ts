/** A widening that somebody has asked for, and how far it has come. */
import type { Millis } from "#protocol/quantities.ts";
import type { Permission, Role } from "#protocol/roles.ts";
import type { Change } from "./diff.ts";

/** A signed-in person, or a program in a person's role. */
export interface Who {
  readonly id: string;
  readonly roles: readonly Role[];
  /** A program may have been given less than its role allows: these permissions only. */
  readonly only?: readonly Permission[];
}

export interface Approval extends Omit<Who, "only"> {
  readonly at: Millis;
}

/**
 * `left`: how much time is still to pass, in time that the gateway has seen pass, so that a clock that is put back makes
 * nothing last longer. Of `notice`, time in which the gateway did not run, or its clock leapt, is no part: nobody could
 * have read it there.
 */
export type Phase =
  | { readonly kind: "requested"; readonly left: Millis }
  | { readonly kind: "notice"; readonly left: Millis }
  | { readonly kind: "in-force"; readonly since: Millis; readonly left: Millis }
  | { readonly kind: Ending; readonly at: Millis };

/**
 * `refused` by an approver · `withdrawn` by whoever may narrow, or since the file asks for it no more · `expired`: not
 * approved in time, or over before its notice was · `returned`: its end has come · `narrowed`: nothing is left of it.
 */
export type Ending = "refused" | "withdrawn" | "expired" | "returned" | "narrowed";

export interface Request {
  /** Counts from 1. */
  readonly id: number;
  /** `file`: found at a start in what the gateway was started with. */
  readonly origin: "person" | "file";
  /** Whose request it is now; null: a file's that nobody has taken up yet. */
  readonly by: string | null;
  /** Since when it stands as it stands. */
  readonly requestedAt: Millis;
  /** Every one widens what was in force when it was asked for. */
  readonly changes: readonly Change[];
  /** Null until somebody takes up a file's. */
  readonly reason: string | null;
  /** When all is to be as before; null like the reason. */
  readonly until: Millis | null;
  readonly approvals: readonly Approval[];
  readonly phase: Phase;
}

/** A request as somebody was shown it. */
export type Shown = Pick<Request, "requestedAt" | "changes">;

/** Whether it is still what was shown: neither revised since, nor less of it asked for. */
export const isAsShown = (request: Shown, shown: Shown): boolean => said(request) === said(shown);
const said = ({ requestedAt, changes }: Shown): string =>
  JSON.stringify([requestedAt, changes.map(({ path, before, after }) => [path, before, after])]);

export const isOpen = ({ phase }: Request): boolean => phase.kind === "requested" || phase.kind === "notice";
export const isInForce = ({ phase }: Request): boolean => phase.kind === "in-force";
export const isPast = (request: Request): boolean => !isOpen(request) && !isInForce(request);

/** How many of the seats are taken by different people; nobody takes two. */
export function seatsTaken(approvals: readonly Pick<Who, "id" | "roles">[], seats: readonly Role[]): number {
  const [seat, ...others] = seats;
  if (seat === undefined) return 0;
  const withoutIt = seatsTaken(approvals, others);
  const withIt = approvals
    .filter(({ roles }) => roles.includes(seat))
    .map(
      ({ id }) =>
        1 +
        seatsTaken(
          approvals.filter((other) => other.id !== id),
          others,
        ),
    );
  return Math.max(withoutIt, ...withIt);
}
