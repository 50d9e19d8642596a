/** Who asks: a signed-in person or a program with a token. Known by an id of its own, never by name. */
import type { RoomId } from "#protocol/quantities.ts";
import { type Permission, PUBLIC, type Reach, type Role, reachOf } from "#protocol/roles.ts";

export interface Person {
  /** Random, stable for an account or token; what the audit log names. */
  readonly id: string;
  readonly roles: readonly Role[];
  /** Rooms a team lead is responsible for, or staff work in; the reach `own-rooms`. */
  readonly rooms: readonly RoomId[];
  readonly by: "session" | "token";
  /** Of a program whose token is somebody's: whose. */
  readonly owner?: string;
  /** A program's token may be made for less than its role allows: these permissions only. All of the roles' without it. */
  readonly only?: readonly Permission[];
}

/** Whose doing it is: a person's, and that of all of their programs. What one person may take up of the gateway goes by it. */
export const ownerOf = ({ id, owner }: Person): string => owner ?? id;

/** What a request brings to say who asks. */
export interface Credentials {
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
}

/** Undefined where they are nobody's, or no longer anybody's; a request without any is nobody's too. */
export type Identify = (credentials: Credentials) => Person | undefined;

/** How far a permission reaches for whoever asks: by their roles, and by what their token was made for. */
export function reachFor(person: Person | undefined, permission: Permission): ReadonlySet<Reach> {
  const narrowed = person?.only !== undefined && !person.only.includes(permission);
  return reachOf(person === undefined || narrowed ? PUBLIC : person.roles, permission);
}
