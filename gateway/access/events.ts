/**
 * What about people and their access goes into the audit log, one function per fact, and what is read on the machine itself. Ids,
 * roles and rooms; no name, no secret.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Ending } from "./rows.ts";

export interface AccessEvent {
  readonly at: Millis;
  readonly actor: Actor;
  readonly action:
    | "sign-in"
    | "sign-in-refused"
    | "sign-out"
    | "session-refused"
    | "people-change"
    | "token-change"
    | "read";
  /** Id of an account or a token; of what is read, what it is. */
  readonly object: string;
  /** Details as in a query string. */
  readonly scope: string;
  /** How many rooms or things it is about; one without. */
  readonly count?: number;
}

/** Takes what has happened: into the file, within a change, or into memory. */
export type Say = (event: AccessEvent) => void;

/** Who did it: an account's id, or one of these. `machine`: who sits at the gateway itself. */
export type Actor = string;
export const MACHINE: Actor = "machine";
export const NOBODY: Actor = "nobody";
export const PROVIDER: Actor = "provider";

const entry = (
  at: Millis,
  actor: Actor,
  action: AccessEvent["action"],
  object: string,
  details: Record<string, string> = {},
): AccessEvent => ({ at, actor, action, object, scope: new URLSearchParams(details).toString() });

const list = (items: readonly string[]) => [...items].sort().join(" ");

export interface Grant {
  readonly roles: readonly string[];
  readonly rooms: readonly string[];
}
const grant = ({ roles, rooms }: Grant) => ({ roles: list(roles), rooms: list(rooms) });

export type RefusedSignIn = "wrong-password" | "throttled" | "forbidden-together" | "no-role" | "closed";

export const events = {
  signedIn: (at: Millis, person: string, by: "password" | "provider" | "link") =>
    entry(at, person, "sign-in", person, { by }),
  /** A name that nobody has is not written down: it may be a password in the wrong field. */
  signInRefused: (at: Millis, person: string | undefined, why: RefusedSignIn, details: Record<string, string> = {}) =>
    entry(at, NOBODY, "sign-in-refused", person ?? "unknown", { why, ...details }),
  sessionEnded: (at: Millis, actor: Actor, person: string, ending: Ending, count: number) =>
    entry(at, actor, "sign-out", person, { ending, sessions: String(count) }),
  /** The cookie of a session that is over was shown again. */
  sessionReplayed: (at: Millis, person: string, ending: Ending) =>
    entry(at, NOBODY, "session-refused", person, { ending }),
  tokenRefused: (at: Millis, token: string, why: "revoked" | "expired") =>
    entry(at, NOBODY, "session-refused", token, { why }),
  tokenMade: (at: Millis, actor: Actor, token: string, details: Record<string, string>) =>
    entry(at, actor, "token-change", token, { change: "made", ...details }),
  tokenRevoked: (at: Millis, actor: Actor, token: string, why: "asked" | "role-lost") =>
    entry(at, actor, "token-change", token, { change: "revoked", why }),
  linkMade: (at: Millis, actor: Actor, person: string, kind: string) =>
    entry(at, actor, "people-change", person, { change: "link-made", kind }),
  linkUsed: (at: Millis, person: string, kind: string) =>
    entry(at, person, "people-change", person, { change: "link-used", kind }),
  invited: (at: Millis, actor: Actor, person: string, asked: Grant) =>
    entry(at, actor, "people-change", person, { change: "invited", ...grant(asked) }),
  granted: (at: Millis, actor: Actor, person: string, given: Grant) =>
    entry(at, actor, "people-change", person, { change: "granted", ...grant(given) }),
  wished: (at: Millis, actor: Actor, person: string, wish: Grant) =>
    entry(at, actor, "people-change", person, { change: "requested", ...grant(wish) }),
  wishRefused: (at: Millis, actor: Actor, person: string) =>
    entry(at, actor, "people-change", person, { change: "not-approved" }),
  grantRefused: (at: Millis, actor: Actor, person: string, roles: readonly string[]) =>
    entry(at, actor, "people-change", person, { change: "refused", why: "forbidden-together", roles: list(roles) }),
  passwordChanged: (at: Millis, person: string) => entry(at, person, "people-change", person, { change: "password" }),
  closed: (at: Millis, actor: Actor, person: string) => entry(at, actor, "people-change", person, { change: "closed" }),
  /** Behaviour data, by whoever sits at the gateway itself. */
  machineLooked: (at: Millis, object: string, scope: string, count: number): AccessEvent => ({
    at,
    actor: MACHINE,
    action: "read",
    object,
    scope,
    count,
  }),
};
