/** What has happened to the settings; each is an entry of the audit log. */
import type { Millis } from "#protocol/quantities.ts";
import type { Change } from "./diff.ts";
import type { Request, Who } from "./request.ts";

/** Why nothing came of what somebody wanted. */
export type Denial =
  | "not-permitted"
  | "roles-apart"
  | "unknown-request"
  | "unknown-setting"
  | "nothing-changes"
  | "too-many-requests"
  | "reason-missing"
  | "ends-too-soon"
  | "lasts-too-long"
  | "not-open"
  | "not-yours"
  | "own-request"
  | "already-approved"
  | "role-already-approved"
  | "of-the-file";

export type Event =
  | { readonly kind: "baseline"; readonly at: Millis; readonly keys: number }
  /** `who`: null where the file says it. */
  | { readonly kind: "narrowing"; readonly at: Millis; readonly who: Who | null; readonly changes: readonly Change[] }
  | {
      readonly kind:
        | "requested"
        | "revised"
        | "approved"
        | "notice"
        | "in-force"
        | "refused"
        | "withdrawn"
        | "expired"
        | "returned"
        | "narrowed";
      readonly at: Millis;
      /** Null where time, the file or a narrowing did it. */
      readonly who: Who | null;
      readonly request: Request;
    }
  | {
      readonly kind: "denied";
      readonly at: Millis;
      readonly who: Who;
      readonly why: Denial;
      readonly id: number | null;
    };
