/** What has happened to the settings; each is an entry of the audit log. */
import type { ChangeDenial } from "#protocol/changes.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Change } from "./diff.ts";
import type { Request, Who } from "./request.ts";

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
      readonly why: ChangeDenial;
      readonly id: number | null;
    };
