/** Tokens by which programs ask: for one role or less, until a day, revocable. Kept as hashes; told once. */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { type Permission, PUBLIC, permissions, type Role, reachOf } from "#protocol/roles.ts";
import type { Clock } from "../clock.ts";
import { hashOf, newSecret } from "../secret.ts";
import { type Actor, events, MACHINE, type Say } from "./events.ts";
import { newTokenId } from "./ids.ts";
import { AccessError } from "./refusal.ts";
import type { TokenRow } from "./rows.ts";
import type { Store } from "./store.ts";

/** What a token begins with, so that one that was left in a file or a log is recognised, by people and by scanners. */
export const TOKEN_PREFIX = "frt_";
const DAY = 86_400_000;
const LONGEST_DAYS = 400;
const TOLD_AGAIN_MS = 60_000;

export interface TokenWish {
  readonly role: Role;
  /** What it is for: a program's name. */
  readonly label: string;
  /** Days until it expires, 1 to 400. */
  readonly days: number;
  /** Rooms it reaches where its role reaches its own rooms; none without. */
  readonly rooms?: readonly RoomId[];
  /** Permissions of the role it is made for; all of them without. */
  readonly only?: readonly Permission[];
  /** The account whose token it is; without, the machine's. */
  readonly owner?: string;
}

/** A token as it may be shown: without what it is asked with. */
export type TokenView = Omit<TokenRow, "hash">;

export interface Tokens {
  /** `secret` is told this once. Throws AccessError. */
  add(wish: TokenWish, by?: Actor): { readonly token: TokenView; readonly secret: string };
  /** Throws AccessError for one that is not there. */
  revoke(id: string, by: Actor): void;
  all(): readonly TokenView[];
  /** Whose it is, and now used; undefined: nobody's, revoked or expired. */
  use(secret: string): TokenRow | undefined;
  /** Within a change: revokes an account's tokens for roles it does not hold. */
  revokeBeyond(owner: string, roles: readonly Role[], by: Actor, say: Say): void;
  /** Puts on the disk on which day tokens were last used. */
  tend(): void;
}

export const viewOf = ({ hash: _, ...view }: TokenRow): TokenView => view;

/** What a role permits beyond what everybody may. */
export const permissionsOf = (role: Role): readonly Permission[] =>
  permissions.filter((permission) =>
    [...reachOf([role], permission)].some((reach) => !reachOf(PUBLIC, permission).has(reach)),
  );

export function tokens(store: Store, clock: Clock, notice: Say): Tokens {
  const usedDay = new Map<string, string>();
  const toldAt = new Map<string, Millis>();

  const noticeRefused = (row: TokenRow, why: "revoked" | "expired", now: Millis) => {
    if (now - (toldAt.get(row.id) ?? Number.NEGATIVE_INFINITY) < TOLD_AGAIN_MS) return;
    toldAt.set(row.id, now);
    notice(events.tokenRefused(now, row.id, why));
  };

  return {
    add(wish, by = MACHINE) {
      assertWish(wish);
      const { role, label, days, rooms = [], only, owner } = wish;
      const secret = TOKEN_PREFIX + newSecret();
      const created = clock.now();
      const row: TokenRow = {
        id: newTokenId(),
        hash: hashOf(secret),
        owner: owner ?? null,
        label,
        role,
        only: only ?? null,
        rooms,
        created,
        expires: created + days * DAY,
        usedDay: null,
        revoked: null,
      };
      store.change((say) => {
        store.tokens.put(row);
        const details = { role, rooms: rooms.join(" "), only: only?.join(" ") ?? "", days: String(days) };
        say(events.tokenMade(created, by, row.id, details));
      });
      return { token: viewOf(row), secret };
    },
    revoke(id, by) {
      store.change((say) => {
        const row = [...store.tokens.values()].find((token) => token.id === id);
        if (!row) throw new AccessError("no-such-token", `no token has the id "${id}"`);
        if (row.revoked !== null) return;
        store.tokens.put({ ...row, revoked: clock.now() });
        say(events.tokenRevoked(clock.now(), by, id, "asked"));
      });
    },
    all: () => [...store.tokens.values()].map(viewOf).sort((a, b) => a.created - b.created),
    use(secret) {
      const row = secret.startsWith(TOKEN_PREFIX) ? store.tokens.get(hashOf(secret)) : undefined;
      if (!row) return undefined;
      const now = clock.now();
      const why = row.revoked !== null ? "revoked" : now >= row.expires ? "expired" : undefined;
      if (why) {
        noticeRefused(row, why, now);
        return undefined;
      }
      const day = new Date(now).toISOString().slice(0, 10);
      if (row.usedDay !== day) usedDay.set(row.hash, day);
      return row;
    },
    revokeBeyond(owner, roles, by, say) {
      for (const row of [...store.tokens.values()])
        if (row.owner === owner && row.revoked === null && !roles.includes(row.role)) {
          store.tokens.put({ ...row, revoked: clock.now() });
          say(events.tokenRevoked(clock.now(), by, row.id, "role-lost"));
        }
    },
    tend() {
      if (usedDay.size > 0)
        store.change(() => {
          for (const [hash, day] of usedDay) {
            const row = store.tokens.get(hash);
            if (row) store.tokens.put({ ...row, usedDay: day });
          }
        });
      usedDay.clear();
      for (const [id, at] of toldAt) if (clock.now() - at > TOLD_AGAIN_MS) toldAt.delete(id);
    },
  };
}

function assertWish({ role, days, only, label }: TokenWish): void {
  if (!(days > 0 && days <= LONGEST_DAYS))
    throw new AccessError("token-lifetime", `a token lasts from one day to ${LONGEST_DAYS} days`);
  if (!/^[\p{L}\p{N} ._-]{1,60}$/u.test(label))
    throw new AccessError("name-invalid", "a token is named by 1–60 letters, digits, spaces, . _ and -");
  const held = permissionsOf(role);
  const beyond = only?.find((permission) => !held.includes(permission));
  if (beyond !== undefined) throw new AccessError("no-such-permission", `${role} does not have "${beyond}"`);
}
