/** Who is signed in here, by role; the way to one's account, and out. */
import { useState } from "preact/hooks";
import { pathOf, route } from "../state/route.ts";
import { leave, me } from "../state/who.ts";
import { text } from "../texts/texts.ts";

export const roleNames = (roles: readonly (keyof typeof text.value.roles)[]): string =>
  roles.length === 0 ? text.value.signIn.noRole : text.value.list(roles.map((role) => text.value.roles[role]));

export function WhoMenu() {
  const words = text.value.signIn;
  const [busy, setBusy] = useState(false);
  if (me.value === null) return route.value.page === "changes" ? <a href={pathOf.signIn}>{words.signIn}</a> : null;
  const out = async () => {
    setBusy(true);
    // The page that takes the place of this one says what has not been done.
    await leave().catch(() => {});
    setBusy(false);
  };
  return (
    <section class="who" aria-label={words.youAre}>
      <a href={pathOf.account}>{roleNames(me.value.roles)}</a>
      <button type="button" class="plain" onClick={out} disabled={busy}>
        {words.signOut}
      </button>
    </section>
  );
}
