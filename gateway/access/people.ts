/**
 * Who there is and what they may do. On the machine itself a role is given at once; by an administrator over HTTP it is asked for,
 * and given when somebody else who may approve people has approved it (PRIVACY §3). Taking away is always at once.
 */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { forbiddenTogether, type Role, reachOf } from "#protocol/roles.ts";
import type { Clock } from "../clock.ts";
import { type Actor, events, MACHINE, type Say } from "./events.ts";
import { newPersonId } from "./ids.ts";
import type { Links } from "./links.ts";
import { AccessError } from "./refusal.ts";
import type { AccountRow, Ending, LinkKind, Wish } from "./rows.ts";
import type { Sessions } from "./sessions.ts";
import type { Store } from "./store.ts";
import type { Tokens } from "./tokens.ts";

/** Letters, digits, dots and hyphens: a name to sign in with, not a person's. */
const LOGIN_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{1,63}$/u;

export interface PersonView {
  readonly id: string;
  readonly name: string | null;
  readonly roles: readonly Role[];
  readonly rooms: readonly RoomId[];
  readonly wish: Wish | null;
  /** `invited`: has not chosen a password yet · `outside`: signs in with the provider. */
  readonly state: "invited" | "local" | "outside" | "closed";
  readonly sessions: number;
  readonly created: Millis;
}

export interface Granted {
  readonly roles: readonly Role[];
  readonly rooms: readonly RoomId[];
}

export interface People {
  all(): readonly PersonView[];
  /** By id or login name; undefined where there is none, or it is closed. */
  find(idOrName: string): AccountRow | undefined;
  /** Adds somebody who chooses a password with the link. Throws AccessError. */
  invite(
    name: string | null,
    grant: Granted,
    by: Actor,
    lastsMs?: number,
  ): { readonly id: string; readonly link: string };
  /** A new link for somebody who is there. Ends nothing before it is used. Throws AccessError. */
  link(id: string, kind: LinkKind, by: Actor, lastsMs?: number): string;
  /** What they may do from now on; `waits`: once it is approved. Throws AccessError. */
  change(id: string, grant: Granted, by: Actor): "done" | "waits";
  /** Says yes, or no, to what was asked for, as `shown` to who decides. Throws AccessError. */
  decide(id: string, approve: boolean, shown: Granted, by: Actor): void;
  /** Ends sessions, tokens and links, and the account. Throws AccessError for the last administrator. */
  close(id: string, by: Actor): void;
  /** Somebody a provider has vouched for, with the roles it says. Within no change. Throws AccessError. */
  takeFromOutside(outside: string, grant: Granted): AccountRow;
  /** Somebody a provider has known and gives no roles any more, or such as nobody may hold together. Within no change. */
  leaveOutside(outside: string): void;
  /** Within a change: ends all sessions of an account. */
  end(account: string, ending: Ending, by: Actor, say: Say): void;
  /** Within a change: what was granted is asked for again, since somebody else may hold the account now. */
  askAgain(account: AccountRow, by: Actor, say: Say): AccountRow;
}

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly links: Links;
  /** The rooms there are; undefined: any. */
  readonly rooms: ReadonlySet<RoomId> | undefined;
}

const hasPassword = ({ password, closed }: AccountRow) => closed === null && password !== null;
const mayManage = ({ roles }: Pick<AccountRow, "roles">) => reachOf(roles, "manage-people").size > 0;

export function people({ store, clock, sessions, tokens, links, rooms }: Parts): People {
  const find = (idOrName: string) => {
    const open = [...store.accounts.values()].filter(({ closed }) => closed === null);
    return open.find(({ id }) => id === idOrName) ?? open.find(({ name }) => name === idOrName.toLowerCase());
  };
  const known = (id: string): AccountRow => {
    const account = find(id);
    if (!account) throw new AccessError("no-such-person", `nobody here is "${id}"`);
    return account;
  };
  const assertGrant = (grant: Granted, about: string, by: Actor) => {
    const unknown = rooms && grant.rooms.find((room) => !rooms.has(room));
    if (unknown) throw new AccessError("no-such-room", `no room has the id "${unknown}"`);
    const pair = forbiddenTogether(grant.roles);
    if (!pair) return;
    store.change((say) => say(events.grantRefused(clock.now(), by, about, grant.roles)));
    throw new AccessError("forbidden-together", `${pair[0]} and ${pair[1]} are never one person's`);
  };
  const end: People["end"] = (account, ending, by, say) => {
    const count = sessions.endAll(account, ending);
    if (count > 0) say(events.sessionEnded(clock.now(), by, account, ending, count));
  };
  /** Puts roles and rooms in force; what was allowed before is over at once. */
  const give = (account: AccountRow, grant: Granted, by: Actor, say: Say): AccountRow => {
    const given = { ...account, roles: [...grant.roles], rooms: [...grant.rooms], wish: null };
    store.accounts.put(given);
    say(events.granted(clock.now(), by, account.id, grant));
    end(account.id, "roles-changed", by, say);
    tokens.revokeBeyond(account.id, grant.roles, by, say);
    return given;
  };
  const wishFor = (account: AccountRow, grant: Granted, by: Actor, say: Say) => {
    const wish = { roles: [...grant.roles], rooms: [...grant.rooms], by, at: clock.now() };
    store.accounts.put({ ...account, wish });
    say(events.wished(clock.now(), by, account.id, grant));
  };
  const assertNotLast = (account: AccountRow) => {
    const others = [...store.accounts.values()].filter(
      (other) => other.id !== account.id && mayManage(other) && (hasPassword(other) || other.outside !== null),
    );
    if (mayManage(account) && others.length === 0)
      throw new AccessError("last-administrator", "the last administrator stays; name another first");
  };

  return {
    find,
    end,
    askAgain(account, by, say) {
      const { roles, rooms: their, wish } = account;
      if (roles.length === 0) return account;
      const bare = give(account, { roles: [], rooms: [] }, by, say);
      const asked = wish ?? { roles: [...roles], rooms: [...their], by, at: clock.now() };
      const waiting = { ...bare, wish: asked };
      store.accounts.put(waiting);
      say(events.wished(clock.now(), by, account.id, asked));
      return waiting;
    },
    all: () =>
      [...store.accounts.values()]
        .map((account) => ({
          id: account.id,
          name: account.name,
          roles: account.roles,
          rooms: account.rooms,
          wish: account.wish,
          state: stateOf(account),
          sessions: sessions.open(account.id).length,
          created: account.created,
        }))
        .sort((a, b) => a.created - b.created || a.id.localeCompare(b.id)),
    invite(given, grant, by, lastsMs) {
      const name = given?.toLowerCase() ?? null;
      if (name !== null) assertFreeName(store, name);
      const id = newPersonId();
      assertGrant(grant, id, by);
      return store.change((say) => {
        const account: AccountRow = {
          id,
          name,
          outside: null,
          password: null,
          roles: [],
          rooms: [],
          wish: null,
          created: clock.now(),
          closed: null,
        };
        store.accounts.put(account);
        say(events.invited(clock.now(), by, id, grant));
        if (by === MACHINE) give(account, grant, by, say);
        else if (grant.roles.length > 0) wishFor(account, grant, by, say);
        return { id, link: links.make(id, "invite", by, lastsMs) };
      });
    },
    link(idOrName, kind, by, lastsMs) {
      const { id, outside } = known(idOrName);
      if (outside !== null) throw new AccessError("no-such-person", "whoever a provider vouches for has no link here");
      return store.change((say) => {
        say(events.linkMade(clock.now(), by, id, kind));
        return links.make(id, kind, by, lastsMs);
      });
    },
    change(idOrName, grant, by) {
      const account = known(idOrName);
      assertGrant(grant, account.id, by);
      if (!mayManage(grant)) assertNotLast(account);
      return store.change((say) => {
        if (by === MACHINE || !widens(account, grant)) {
          give(account, grant, by, say);
          return "done";
        }
        wishFor(account, grant, by, say);
        return "waits";
      });
    },
    decide(idOrName, approve, shown, by) {
      const account = known(idOrName);
      const { wish } = account;
      if (!wish) throw new AccessError("nothing-to-approve", "nothing is asked for");
      if (approve && (by === wish.by || by === account.id))
        throw new AccessError("own-wish", "somebody else than who asked, and than whom it is for, approves");
      if (!sameGrant(wish, shown)) throw new AccessError("asked-otherwise", "something else is asked for by now");
      if (approve) assertGrant(wish, account.id, by);
      store.change((say) => {
        if (approve) give(account, wish, by, say);
        else {
          store.accounts.put({ ...account, wish: null });
          say(events.wishRefused(clock.now(), by, account.id));
        }
      });
    },
    close(idOrName, by) {
      const account = known(idOrName);
      assertNotLast(account);
      store.change((say) => {
        // The login name is free again, and with it the last that might remind of somebody.
        store.accounts.put({ ...account, name: null, outside: null, password: null, wish: null, closed: clock.now() });
        links.drop(account.id);
        say(events.closed(clock.now(), by, account.id));
        end(account.id, "account-closed", by, say);
        tokens.revokeBeyond(account.id, [], by, say);
      });
    },
    takeFromOutside(outside, grant) {
      const before = [...store.accounts.values()].find((account) => account.outside === outside);
      const id = before?.id ?? newPersonId();
      assertGrant(grant, id, id);
      if (before && sameGrant(before, grant)) return before;
      return store.change((say) => {
        const account: AccountRow = before ?? {
          id,
          name: null,
          outside,
          password: null,
          roles: [],
          rooms: [],
          wish: null,
          created: clock.now(),
          closed: null,
        };
        return give(account, grant, id, say);
      });
    },
    leaveOutside(outside) {
      const known = [...store.accounts.values()].find((account) => account.outside === outside);
      if (known && known.roles.length > 0) store.change((say) => give(known, { roles: [], rooms: [] }, known.id, say));
    },
  };
}

/** Throws AccessError unless the account of this id, or a new one, may be called so. */
export function assertFreeName({ accounts }: Pick<Store, "accounts">, name: string, id?: string): void {
  if (!LOGIN_NAME.test(name))
    throw new AccessError("name-invalid", "a login name has 2–64 letters, digits, dots, hyphens, _ or @");
  // Somebody's id as another's name would be taken for them.
  if ([...accounts.values()].some((other) => other.id !== id && [other.name, other.id].includes(name)))
    throw new AccessError("name-taken", `the login name "${name}" is taken`);
}

function stateOf(account: AccountRow): PersonView["state"] {
  if (account.closed !== null) return "closed";
  if (account.outside !== null) return "outside";
  return account.password === null ? "invited" : "local";
}

/** Whether there is anything that was not held before. */
const widens = (before: Granted, after: Granted): boolean =>
  after.roles.some((role) => !before.roles.includes(role)) || after.rooms.some((room) => !before.rooms.includes(room));

const sameGrant = (one: Granted, other: Granted): boolean =>
  JSON.stringify([[...one.roles].sort(), [...one.rooms].sort()]) ===
  JSON.stringify([[...other.roles].sort(), [...other.rooms].sort()]);
