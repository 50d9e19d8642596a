/** One-time links: the way in for somebody who has no password yet, or none any more. Kept as hashes; told once. */
import type { Clock } from "../clock.ts";
import { hashOf, newSecret } from "../secret.ts";
import type { Actor } from "./events.ts";
import { AccessError } from "./refusal.ts";
import type { LinkKind, LinkRow } from "./rows.ts";
import type { Store } from "./store.ts";

const HOUR = 3_600_000;

/** How long a link may be opened, ms. */
const LASTS: Readonly<Record<LinkKind, number>> = { invite: 72 * HOUR, reset: 24 * HOUR, "sign-in": 24 * HOUR };

export interface Links {
  /** Within a change. The account's links of this kind that were made before are worth nothing any more. */
  make(account: string, kind: LinkKind, by: Actor, lastsMs?: number): string;
  /** One that may be used; undefined for any other. */
  known(secret: string): LinkRow | undefined;
  /** The same. Throws AccessError for any other. */
  find(secret: string): LinkRow;
  /** Within a change. */
  use(link: LinkRow): void;
  /** Within a change: those of an account that have not been used. */
  drop(account: string): void;
  /** Forgets those that nobody can use any more. */
  tend(): void;
}

export function links(store: Store, clock: Clock): Links {
  const ofAccount = (account: string) => [...store.links.values()].filter((link) => link.account === account);
  return {
    make(account, kind, by, lastsMs = LASTS[kind]) {
      for (const old of ofAccount(account)) if (old.kind === kind && old.used === null) store.links.remove(old.hash);
      const secret = newSecret();
      store.links.put({ hash: hashOf(secret), account, kind, by, expires: clock.now() + lastsMs, used: null });
      return secret;
    },
    known(secret) {
      const link = store.links.get(hashOf(secret));
      return link?.used === null && clock.now() < link.expires ? link : undefined;
    },
    find(secret) {
      const link = store.links.get(hashOf(secret));
      if (!link) throw new AccessError("link-unknown", "this link is not known; a newer one may have taken its place");
      if (link.used !== null) throw new AccessError("link-used", "this link has been used");
      if (clock.now() >= link.expires) throw new AccessError("link-expired", "this link has expired");
      return link;
    },
    use: (link) => store.links.put({ ...link, used: clock.now() }),
    drop(account) {
      for (const { hash, used } of ofAccount(account)) if (used === null) store.links.remove(hash);
    },
    tend() {
      const gone = [...store.links.values()].filter(({ expires }) => clock.now() - expires > 24 * HOUR);
      if (gone.length > 0)
        store.change(() => {
          for (const { hash } of gone) store.links.remove(hash);
        });
    },
  };
}
