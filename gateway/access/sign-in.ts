/** How somebody gets in: by password, by a one-time link, or because a provider has vouched for them. */
import { forbiddenTogether } from "#protocol/roles.ts";
import type { Clock } from "../clock.ts";
import { hashOf, newSecret } from "../secret.ts";
import { events, MACHINE, type Say } from "./events.ts";
import type { HashQueue } from "./hash-queue.ts";
import type { Links } from "./links.ts";
import { assertPassword, hashPassword, isOutdated, isPassword, NOBODYS } from "./password.ts";
import { assertFreeName, type People } from "./people.ts";
import { AccessError } from "./refusal.ts";
import type { AccountRow, LinkRow, SessionRow } from "./rows.ts";
import type { Sessions } from "./sessions.ts";
import type { Store } from "./store.ts";
import type { Throttle } from "./throttle.ts";

const DAY = 86_400_000;
/** A browser is known for this long after the last sign-in in it. */
export const BROWSER_KNOWN_MS = 90 * DAY;
const MOST_BROWSERS = 8;
/** Attempts that were turned away are told once in this time for one name. */
const TOLD_AGAIN_MS = 10 * 60_000;
const MOST_TOLD = 1000;

/** Where a sign-in comes from. */
export interface From {
  readonly address: string;
  /** Secrets that the browser brought: a session that is given up, and the mark of one who has been here. */
  readonly session: string | undefined;
  readonly browser: string | undefined;
}

export type SignedIn = {
  readonly kind: "signed-in";
  readonly person: string;
  /** For cookies. */
  readonly session: string;
  readonly browser: string;
};
export type SignInAnswer =
  | SignedIn
  | { readonly kind: "refused"; readonly why: "wrong-password" | "forbidden-together" | "no-role" }
  | { readonly kind: "wait"; readonly ms: number };

export interface SignIn {
  /** Throws BusyError. */
  byPassword(name: string, password: string, from: From): Promise<SignInAnswer>;
  /** What somebody with this link is to do. Throws AccessError. */
  linkKind(secret: string): { readonly kind: LinkRow["kind"]; readonly name: string | null };
  /** `name` for an invitation that has none yet, `password` for all but `sign-in`. Throws AccessError, BusyError. */
  byLink(
    secret: string,
    chosen: { readonly name?: string; readonly password?: string },
    from: From,
  ): Promise<SignInAnswer>;
  /** `outside` stands for whom the provider has vouched for, `session` for the session there. */
  byProvider(
    outside: string,
    grant: { readonly roles: AccountRow["roles"]; readonly rooms: AccountRow["rooms"] },
    session: string | undefined,
    from: From,
  ): SignInAnswer;
  /** Ends all other sessions; answers a new one. Throws AccessError, BusyError. */
  changePassword(session: string, current: string, password: string, from: From): Promise<SignInAnswer>;
}

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly sessions: Sessions;
  readonly people: People;
  readonly links: Links;
  readonly throttle: Throttle;
  readonly hashes: HashQueue;
  readonly notice: Say;
}

export function signIn({ store, clock, sessions, people, links, throttle, hashes, notice }: Parts): SignIn {
  const toldAt = new Map<string, number>();

  const noticeThrottled = (name: string, account: AccountRow | undefined) => {
    const now = clock.now();
    if (now - (toldAt.get(name) ?? Number.NEGATIVE_INFINITY) < TOLD_AGAIN_MS) return;
    toldAt.delete(name);
    toldAt.set(name, now);
    if (toldAt.size > MOST_TOLD) toldAt.delete(toldAt.keys().next().value!);
    notice(events.signInRefused(now, account?.id, "throttled"));
  };
  /** The mark of a browser in which this account has signed in before. */
  const knownBrowser = (account: AccountRow | undefined, secret: string | undefined): string | undefined => {
    const row = secret === undefined ? undefined : store.browsers.get(hashOf(secret));
    return row && row.account === account?.id && row.expires > clock.now() ? row.hash : undefined;
  };
  const remember = (account: string, former: string | undefined): string => {
    const now = clock.now();
    const of = [...store.browsers.values()].filter((row) => row.account === account);
    of.sort((a, b) => b.expires - a.expires);
    for (const row of of)
      if (row.expires <= now || row.hash === former || of.indexOf(row) >= MOST_BROWSERS - 1)
        store.browsers.remove(row.hash);
    const secret = newSecret();
    store.browsers.put({ hash: hashOf(secret), account, expires: now + BROWSER_KNOWN_MS });
    return secret;
  };
  /** Within a change. A browser that was signed in gets another session, whoever it was. */
  const begin = (
    account: AccountRow,
    by: "password" | "provider" | "link",
    from: From,
    say: Say,
    outside?: string,
  ): SignedIn => {
    const former = from.session === undefined ? undefined : sessions.find(from.session);
    if (former && former.ended === null) sessions.endOne(former, "rotated", former.account, say);
    say(events.signedIn(clock.now(), account.id, by));
    return {
      kind: "signed-in",
      person: account.id,
      session: sessions.begin(account, outside),
      browser: remember(account.id, knownBrowser(account, from.browser)),
    };
  };
  /** Roles that no one person may hold are found again here: a file or a provider may have given them. */
  const isForbidden = (account: AccountRow, say: Say): boolean => {
    const pair = forbiddenTogether(account.roles);
    if (pair) say(events.signInRefused(clock.now(), account.id, "forbidden-together", { roles: pair.join(" ") }));
    return pair !== undefined;
  };
  const refused = (why: "wrong-password" | "forbidden-together" | "no-role"): SignInAnswer => ({
    kind: "refused",
    why,
  });

  /** Whether the password is the account's; takes as long for an account that is not there. */
  async function check(account: AccountRow | undefined, name: string, password: string, from: From) {
    const browser = knownBrowser(account, from.browser);
    const attempt = { name, address: from.address, browser };
    const ms = throttle.begin(attempt, clock.now());
    if (ms > 0) {
      noticeThrottled(name, account);
      return { kind: "wait", ms } as const;
    }
    const stored = account?.password ?? NOBODYS;
    const right = await hashes.run(() => isPassword(password, stored), browser !== undefined);
    const now = account && people.find(account.id);
    // What was changed meanwhile was not what was checked.
    if (!right || !now || now.password !== account?.password) {
      store.change((say) => say(events.signInRefused(clock.now(), account?.id, "wrong-password")));
      return { kind: "refused", why: "wrong-password" } as const;
    }
    throttle.succeeded(attempt, clock.now());
    return { kind: "right", account: now } as const;
  }

  return {
    async byPassword(given, password, from) {
      const name = given.trim().toLowerCase();
      const found = people.find(name);
      const checked = await check(found?.name === name ? found : undefined, name, password, from);
      if (checked.kind !== "right") return checked;
      const { account } = checked;
      const hashed = isOutdated(account.password!) ? await hashes.run(() => hashPassword(password), true) : undefined;
      return store.change((say) => {
        const present = people.find(account.id);
        if (present?.password !== account.password) return refused("wrong-password");
        if (isForbidden(present, say)) return refused("forbidden-together");
        if (hashed !== undefined) store.accounts.put({ ...present, password: hashed });
        return begin(present, "password", from, say);
      });
    },

    linkKind(secret) {
      const link = links.find(secret);
      const account = people.find(link.account);
      if (!account) throw new AccessError("link-unknown", "this link is for nobody");
      return { kind: link.kind, name: account.name };
    },

    async byLink(secret, { name: given, password }, from) {
      const account = people.find(links.find(secret).account);
      if (!account) throw new AccessError("link-unknown", "this link is for nobody");
      const { kind } = links.find(secret);
      const name = account.name ?? given?.trim().toLowerCase() ?? "";
      let hashed: string | undefined;
      if (kind !== "sign-in") {
        assertFreeName(store, name, account.id);
        assertPassword(password ?? "", name);
        hashed = await hashes.run(() => hashPassword(password!));
      }
      return store.change((say) => {
        // Two may open it at once: the first that gets here has used it.
        const link = links.find(secret);
        const present = people.find(link.account);
        if (!present) throw new AccessError("link-unknown", "this link is for nobody");
        links.use(link);
        say(events.linkUsed(clock.now(), present.id, kind));
        if (isForbidden(present, say)) return refused("forbidden-together");
        if (hashed === undefined) return begin(present, "link", from, say);
        assertFreeName(store, name, present.id);
        setPassword(present, name, hashed, say);
        // Also by an invitation: it may have been made after the roles were approved, or in the place of the machine's.
        const holder = link.by === MACHINE ? present : people.askAgain(people.find(present.id)!, link.by, say);
        return begin(holder, "link", from, say);
      });
    },

    byProvider(outside, grant, session, from) {
      if (grant.roles.length === 0) {
        store.change((say) => say(events.signInRefused(clock.now(), undefined, "no-role")));
        people.leaveOutside(outside);
        return refused("no-role");
      }
      const account = takeVouchedFor(outside, grant);
      if (!account) return refused("forbidden-together");
      return store.change((say) => begin(people.find(account.id)!, "provider", from, say, session));
    },

    async changePassword(session, current, password, from) {
      const row = sessions.find(session) as SessionRow | undefined;
      const account = row && people.find(row.account);
      if (!row || row.ended !== null || !account?.name)
        throw new AccessError("no-such-person", "nobody is signed in here");
      assertPassword(password, account.name);
      const checked = await check(account, account.name, current, from);
      if (checked.kind !== "right") return checked;
      const hashed = await hashes.run(() => hashPassword(password), true);
      return store.change((say) => {
        const present = people.find(account.id);
        if (present?.password !== account.password) return refused("wrong-password");
        setPassword(present, account.name!, hashed, say);
        return begin(people.find(account.id)!, "password", from, say);
      });
    },
  };

  /** Within a change. Whoever was in by the former password is out. */
  function setPassword(account: AccountRow, name: string, hashed: string, say: Say): void {
    store.accounts.put({ ...account, name, password: hashed });
    for (const row of [...store.browsers.values()]) if (row.account === account.id) store.browsers.remove(row.hash);
    links.drop(account.id);
    say(events.passwordChanged(clock.now(), account.id));
    people.end(account.id, "password-changed", account.id, say);
  }

  function takeVouchedFor(outside: string, grant: Parameters<People["takeFromOutside"]>[1]): AccountRow | undefined {
    try {
      return people.takeFromOutside(outside, grant);
    } catch (error) {
      if (error instanceof AccessError && error.reason === "forbidden-together") {
        people.leaveOutside(outside);
        return undefined;
      }
      throw error;
    }
  }
}
