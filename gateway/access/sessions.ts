/**
 * Sessions of signed-in people. A cookie holds 256 bit of chance, of which the hash is kept. A session ends when it is not used
 * for a while, when it is old, when its owner says so, and at once when what its owner may do has changed.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import { hashOf, newSecret } from "../secret.ts";
import { type Actor, events, type Say } from "./events.ts";
import type { AccountRow, Ending, SessionRow } from "./rows.ts";
import type { Store } from "./store.ts";

/** How long a session lasts. */
export interface SessionLimits {
  /** Without a request, ms. Of an open page the stream asks. */
  readonly idleMs: number;
  /** In any case, ms. */
  readonly absoluteMs: number;
}

/**
 * OWASP Session Management Cheat Sheet, "Session Expiration": 15–30 minutes idle where the risk is low, 4–8 hours in all for
 * an office worker's day; 12 hours, so that a long day needs one sign-in.
 */
export const LIMITS: SessionLimits = { idleMs: 30 * 60_000, absoluteMs: 12 * 3_600_000 };

/** As the settings have it. */
export const limitsOf = (settings: { readonly sessionIdle: number; readonly sessionHours: number }): SessionLimits => ({
  idleMs: settings.sessionIdle * 60_000,
  absoluteMs: settings.sessionHours * 3_600_000,
});

/** An ended session is known for this long, so that its cookie is told when it comes back. */
const REMEMBERED_MS = 7 * 24 * 3_600_000;
/** A cookie that comes back again and again is told once in this time. */
const TOLD_AGAIN_MS = 60_000;

export interface Sessions {
  /** Within a change. */
  begin(account: AccountRow, outside?: string): string;
  /** Whose session it is, and now used; undefined: nobody's, or ended. */
  use(secret: string): AccountRow | undefined;
  /** The row behind a cookie, ended or not. */
  find(secret: string): SessionRow | undefined;
  /** Within a change: ends those of an account that have not ended; how many. */
  endAll(account: string, ending: Ending, except?: string): number;
  /** Within a change: ends one, and says so. */
  endOne(row: SessionRow, ending: Ending, by: Actor, say: Say): void;
  /** Sessions of an account that have not ended. */
  open(account: string): readonly SessionRow[];
  /** Puts on the disk when sessions were last used, ends those that are over, forgets the old. */
  tend(): void;
}

export function sessions(
  store: Store,
  clock: Clock,
  limits: SessionLimits,
  /** What is noticed where nothing is to be written: while a request waits. */
  notice: Say,
): Sessions {
  /** Last use by hash, as far as it is later than what is on the disk. */
  const used = new Map<string, Millis>();
  const toldAt = new Map<string, Millis>();
  const lastUse = (row: SessionRow): Millis => Math.max(row.used, used.get(row.hash) ?? 0);

  /** Why it is over by now, without anybody having said so. */
  const isOver = (row: SessionRow, now: Millis): "idle" | "expired" | undefined => {
    if (now - row.created >= limits.absoluteMs) return "expired";
    return now - lastUse(row) >= limits.idleMs ? "idle" : undefined;
  };
  const noticeReplay = (row: SessionRow, ending: Ending, now: Millis) => {
    if (now - (toldAt.get(row.hash) ?? Number.NEGATIVE_INFINITY) < TOLD_AGAIN_MS) return;
    toldAt.set(row.hash, now);
    notice(events.sessionReplayed(now, row.account, ending));
  };
  const find = (secret: string) => store.sessions.get(hashOf(secret));
  const open = (account: string) =>
    [...store.sessions.values()].filter((row) => row.account === account && row.ended === null);
  const end = (row: SessionRow, ending: Ending) =>
    store.sessions.put({ ...row, used: lastUse(row), ended: clock.now(), ending });

  return {
    find,
    open,
    endOne(row, ending, by, say) {
      end(row, ending);
      say(events.sessionEnded(clock.now(), by, row.account, ending, 1));
    },
    begin(account, outside) {
      const secret = newSecret();
      const now = clock.now();
      store.sessions.put({
        hash: hashOf(secret),
        account: account.id,
        created: now,
        used: now,
        ended: null,
        ending: null,
        outside: outside ?? null,
      });
      return secret;
    },
    use(secret) {
      const row = find(secret);
      if (!row) return undefined;
      const now = clock.now();
      const ending = row.ending ?? isOver(row, now);
      if (ending) {
        noticeReplay(row, ending, now);
        return undefined;
      }
      used.set(row.hash, now);
      return store.accounts.get(row.account);
    },
    endAll(account, ending, except) {
      const ended = open(account).filter((row) => row.hash !== except);
      for (const row of ended) end(row, ending);
      return ended.length;
    },
    tend() {
      const now = clock.now();
      const rows = [...store.sessions.values()];
      const over = rows.flatMap((row) => {
        const ending = row.ended === null ? isOver(row, now) : undefined;
        return ending ? [{ row, ending }] : [];
      });
      const forgotten = rows.filter(({ ended }) => ended !== null && now - ended > REMEMBERED_MS);
      const later = rows.filter((row) => row.ended === null && lastUse(row) > row.used);
      if (over.length + forgotten.length + later.length > 0)
        store.change(() => {
          for (const row of later) store.sessions.put({ ...row, used: lastUse(row) });
          for (const { row, ending } of over) end(row, ending);
          for (const { hash } of forgotten) store.sessions.remove(hash);
        });
      for (const hash of used.keys()) if (store.sessions.get(hash)?.ended !== null) used.delete(hash);
      for (const [hash, at] of toldAt) if (now - at > TOLD_AGAIN_MS) toldAt.delete(hash);
    },
  };
}
