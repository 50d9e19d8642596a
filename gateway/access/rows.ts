/** What is kept about access: rows of `access.db`. Times in ms UTC. No address, no person's name, no e-mail address. */
import { z } from "zod";
import { type Millis, RoomId } from "#protocol/quantities.ts";
import { type Permission, Role } from "#protocol/roles.ts";

/** Roles and rooms that somebody asked for and nobody has approved yet. */
export const Wish = z.object({ roles: z.array(Role), rooms: z.array(RoomId), by: z.string(), at: z.number() });
export type Wish = z.infer<typeof Wish>;

export interface AccountRow {
  readonly id: string;
  /** Login name, lower case; null until it is chosen, and for those who sign in elsewhere. */
  readonly name: string | null;
  /** SHA-256 of issuer and subject of whoever signs in elsewhere; null for a local account. */
  readonly outside: string | null;
  /** PHC string of argon2id; null until it is chosen. */
  readonly password: string | null;
  readonly roles: readonly Role[];
  readonly rooms: readonly RoomId[];
  readonly wish: Wish | null;
  readonly created: Millis;
  readonly closed: Millis | null;
}

export type Ending =
  | "signed-out"
  | "signed-out-everywhere"
  | "rotated"
  | "idle"
  | "expired"
  | "roles-changed"
  | "password-changed"
  | "account-closed";

/** An ended session is kept for a while, so that its cookie is known when it comes back. */
export interface SessionRow {
  readonly hash: string;
  readonly account: string;
  readonly created: Millis;
  readonly used: Millis;
  readonly ended: Millis | null;
  readonly ending: Ending | null;
  /** The session at the provider it came from, for a sign-out there; null for local accounts. */
  readonly outside: string | null;
}

export interface TokenRow {
  readonly hash: string;
  readonly id: string;
  /** The account whose token it is; null when it was made on the machine. */
  readonly owner: string | null;
  /** What it is for: a program's name. */
  readonly label: string;
  readonly role: Role;
  /** Permissions it was made for; null: all of the role's. */
  readonly only: readonly Permission[] | null;
  readonly rooms: readonly RoomId[];
  readonly created: Millis;
  readonly expires: Millis;
  /** Day of its last use, UTC: 2026-11-22. */
  readonly usedDay: string | null;
  readonly revoked: Millis | null;
}

/** `invite`: chooses name and password · `reset`: chooses a new password · `sign-in`: signs in. */
export type LinkKind = "invite" | "reset" | "sign-in";

export interface LinkRow {
  readonly hash: string;
  readonly account: string;
  readonly kind: LinkKind;
  /** Who made it. */
  readonly by: string;
  readonly expires: Millis;
  readonly used: Millis | null;
}

/** A browser in which an account has signed in before. */
export interface BrowserRow {
  readonly hash: string;
  readonly account: string;
  readonly expires: Millis;
}
