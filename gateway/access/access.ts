/** Who gets in, put together: accounts, sessions, tokens, links, and the one question HTTP asks of it all: who is this? */
import type { RoomId } from "#protocol/quantities.ts";
import { type Clock, systemClock } from "../clock.ts";
import { startPeriodic } from "../history/periodic.ts";
import { hashOf } from "../secret.ts";
import { type CookieNames, cookieNames, cookieValue } from "./cookies.ts";
import { type AccessEvent, MACHINE, PROVIDER } from "./events.ts";
import { type HashQueue, hashQueue } from "./hash-queue.ts";
import { links } from "./links.ts";
import { type People, people } from "./people.ts";
import type { Identify, Person } from "./person.ts";
import type { AccountRow, SessionRow, TokenRow } from "./rows.ts";
import { LIMITS, type SessionLimits, type Sessions, sessions } from "./sessions.ts";
import { type SignIn, signIn } from "./sign-in.ts";
import { openStore, type Store } from "./store.ts";
import { createThrottle } from "./throttle.ts";
import { type Tokens, tokens } from "./tokens.ts";

/** What another process, such as `npm run access`, has changed holds here after this long. */
const REFRESH_MS = 1000;
/** How often last uses are written down and what is over is put away. */
const TEND_EVERY = 60;
/** Notices that wait for the audit log in memory; more are counted in the last of them. */
const MOST_NOTICES = 1000;

export interface AccessOptions {
  /** `access.db` in the data folder, or `:memory:`. */
  readonly file: string;
  readonly clock?: Clock;
  /** Whether browsers reach the gateway over TLS. */
  readonly secure?: boolean;
  readonly limits?: SessionLimits;
  /** The rooms that may be given; any without. */
  readonly rooms?: readonly RoomId[];
  /**
   * Where entries go. Without it they wait in the file for a process that has an audit log: the gateway, which takes over what
   * `npm run access` has done.
   */
  readonly audit?: (entry: ToldEvent) => Promise<void>;
  /** What cannot be written, or told to the audit log. */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

/** An event with the roles of who did it, joined by `+`; `none` for whoever has none. */
export type ToldEvent = AccessEvent & { readonly role: string };

export interface Access extends AsyncDisposable {
  readonly identify: Identify;
  readonly people: People;
  readonly tokens: Tokens;
  readonly signIn: SignIn;
  readonly cookies: CookieNames;
  /** Who is not signed in, and yet not anybody: by a mark of an earlier sign-in, or a link that is still good. */
  readonly recognised: {
    /** What stands for the browser of these cookies. */
    browser(cookie: string | undefined): string | undefined;
    /** What stands for the link. */
    link(secret: string): string | undefined;
  };
  readonly secure: boolean;
  readonly limits: SessionLimits;
  /** Makes a token. The same as `tokens.add`, for tests and the demo. */
  readonly addToken: Tokens["add"];
  /** Ends the session of this cookie, or all of its account. */
  signOut(session: string, everywhere: boolean): void;
  /** Ends the sessions that came from a session at the provider, or, where it names none, all of that account; how many. */
  endOutside(whose: { readonly session: string | undefined; readonly outside: string | undefined }): number;
  /** A one-time link for the first administrator; undefined where there is one who can sign in. */
  firstAdministrator(): string | undefined;
  /** Resolves when all that was done so far is in the audit log; throws when it cannot be. */
  told(): Promise<void>;
  /** What is done every minute, now: last uses are written, what is over ends, what is old is forgotten. */
  tend(): void;
}

/** An hour: the link is printed where somebody stands. */
const FIRST_LINK_MS = 3_600_000;

/** Opens or makes the file. Throws AccessFileError. */
export function openAccess({
  file,
  clock = systemClock,
  secure = false,
  limits = LIMITS,
  rooms,
  audit,
  onTrouble = () => {},
}: AccessOptions): Access {
  const store = openStore(file);
  const teller = auditTeller(store, audit);
  const parts = { store, clock, notice: teller.notice };
  const theSessions = sessions(store, clock, limits, teller.notice);
  const theTokens = tokens(store, clock, teller.notice);
  const theLinks = links(store, clock);
  const thePeople = people({
    ...parts,
    sessions: theSessions,
    tokens: theTokens,
    links: theLinks,
    rooms: rooms && new Set(rooms),
  });
  const hashes: HashQueue = hashQueue();
  const names = cookieNames(secure);
  const tend = () => {
    theSessions.tend();
    theTokens.tend();
    theLinks.tend();
  };
  let rounds = 0;
  let isTroubled = false;
  const periodic = startPeriodic(
    clock,
    REFRESH_MS,
    async () => {
      store.refresh();
      if (rounds++ % TEND_EVERY === 0) tend();
      await teller.told();
      isTroubled = false;
    },
    // Trouble that lasts is told once, not every second.
    (error) => {
      if (!isTroubled) onTrouble("accounts", error);
      isTroubled = true;
    },
  );

  return {
    identify: identifier(theSessions.use, theTokens, store, names),
    people: thePeople,
    tokens: theTokens,
    addToken: theTokens.add,
    signIn: signIn({
      ...parts,
      sessions: theSessions,
      people: thePeople,
      links: theLinks,
      throttle: createThrottle(),
      hashes,
    }),
    cookies: names,
    recognised: {
      browser(cookie) {
        const row = store.browsers.get(hashOf(cookieValue(cookie, names.browser) ?? ""));
        const isKnown = row && row.expires > clock.now() && store.accounts.get(row.account)?.closed === null;
        return isKnown ? row.hash : undefined;
      },
      link: (secret) => theLinks.known(secret)?.hash,
    },
    secure,
    limits,
    signOut(session, everywhere) {
      const row = theSessions.find(session);
      if (!row || row.ended !== null) return;
      store.change((say) => {
        if (everywhere) thePeople.end(row.account, "signed-out-everywhere", row.account, say);
        else theSessions.endOne(row, "signed-out", row.account, say);
      });
    },
    endOutside({ session, outside }) {
      const account = [...store.accounts.values()].find((row) => outside !== undefined && row.outside === outside);
      const isMeant = (row: SessionRow) =>
        session === undefined ? row.account === account?.id : row.outside === session;
      const rows = [...store.sessions.values()].filter((row) => row.ended === null && isMeant(row));
      if (rows.length > 0)
        store.change((say) => {
          for (const row of rows) theSessions.endOne(row, "signed-out", PROVIDER, say);
        });
      return rows.length;
    },
    firstAdministrator: () => firstAdministrator(store, thePeople),
    told: teller.told,
    tend,
    async [Symbol.asyncDispose]() {
      await periodic[Symbol.asyncDispose]();
      try {
        tend();
        await teller.told();
      } catch (error) {
        onTrouble("accounts", error);
      }
      store.close();
    },
  };
}

/** Answers from memory alone. A header that names a token is not overruled by a cookie. */
function identifier(
  use: Sessions["use"],
  theTokens: Pick<Tokens, "use">,
  store: Pick<Store, "accounts">,
  names: CookieNames,
): Identify {
  const persons = new WeakMap<AccountRow, Person>();
  const personOf = (account: AccountRow): Person => {
    const known = persons.get(account);
    if (known) return known;
    const { id, roles, rooms } = account;
    const person = Object.freeze({ id, roles, rooms, by: "session" } as const);
    persons.set(account, person);
    return person;
  };
  return ({ cookie, authorization }) => {
    const bearer = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (bearer !== undefined) {
      const token = theTokens.use(bearer);
      return token && programOf(token, store.accounts.get(token.owner ?? ""));
    }
    const session = cookieValue(cookie, names.session);
    const account = session === undefined ? undefined : use(session);
    return account?.closed === null ? personOf(account) : undefined;
  };
}

/** A token reaches no further than its owner does now. */
function programOf({ id, owner, role, rooms, only }: TokenRow, account: AccountRow | undefined): Person | undefined {
  if (owner !== null && !account?.roles.includes(role)) return undefined;
  const reached = owner === null ? rooms : rooms.filter((room) => account?.rooms.includes(room));
  return { id, roles: [role], rooms: reached, by: "token", ...(owner !== null && { owner }), ...(only && { only }) };
}

function firstAdministrator(store: Store, { invite, link }: People): string | undefined {
  const administrators = [...store.accounts.values()].filter(
    ({ closed, roles }) => closed === null && roles.includes("it-admin"),
  );
  if (administrators.some(({ password, outside }) => password !== null || outside !== null)) return undefined;
  const invited = administrators[0];
  if (invited) return link(invited.id, "invite", MACHINE, FIRST_LINK_MS);
  return invite(null, { roles: ["it-admin"], rooms: [] }, MACHINE, FIRST_LINK_MS).link;
}

interface Teller {
  notice(entry: AccessEvent): void;
  told(): Promise<void>;
}

/** Brings into the audit log what was noticed in memory and what lies in the file, one after another. */
function auditTeller(store: Store, audit: AccessOptions["audit"]): Teller {
  const noticed: AccessEvent[] = [];
  const withRole = (event: AccessEvent): ToldEvent => ({
    ...event,
    role: store.accounts.get(event.actor)?.roles.toSorted().join("+") || "none",
  });
  let telling: Promise<void> = Promise.resolve();
  const tellAll = async () => {
    if (!audit) return;
    for (const { seq, entry } of store.untold()) {
      await audit(withRole(entry));
      store.told(seq);
    }
    while (noticed.length > 0) {
      await audit(withRole(noticed[0]!));
      noticed.shift();
    }
  };
  const told = () => {
    const turn = telling.then(tellAll);
    telling = turn.catch(() => {});
    return turn;
  };
  return {
    told,
    notice(entry) {
      if (noticed.length < MOST_NOTICES) noticed.push(entry);
      // What cannot be told now is tried again every second.
      told().catch(() => {});
    },
  };
}
