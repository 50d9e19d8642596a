/** Who looks at this page, as far as the gateway says: what is shown follows from it. */
import { computed, signal } from "@preact/signals";
import type { MeView } from "#protocol/access.ts";
import type { Permission, Reach } from "#protocol/roles.ts";
import { getMe, signOut } from "./access-api.ts";
import { ApiError, beginSession, onSignedOut } from "./api.ts";

export type Who =
  | { readonly kind: "asking" }
  /**
   * `ended`: somebody was, while this page was open. `left`: because they signed out here. `leaving`: they wanted to, and the
   * gateway has not heard of it, so that whoever loads the page anew is in. `elsewhere`: they had signed in with the house's own
   * accounts, and may still be signed in there.
   */
  | { readonly kind: "nobody"; readonly why: "new" | "ended" | "left" | "leaving"; readonly elsewhere: boolean }
  | { readonly kind: "somebody"; readonly me: MeView };

export const who = signal<Who>({ kind: "asking" });
export const me = computed(() => (who.value.kind === "somebody" ? who.value.me : null));

/** Whether who looks holds a permission, and, where it matters, to this reach. */
export const may = (permission: Permission, ...reaches: readonly Reach[]): boolean => {
  const held = me.value?.permissions[permission];
  return held !== undefined && (reaches.length === 0 || reaches.some((reach) => held.includes(reach)));
};

/** The other pages of this browser, which share its session. */
const pages = new BroadcastChannel("fortrolig-who");

const know = (view: MeView): void => {
  who.value = { kind: "somebody", me: view };
};

/** Somebody has come in here. */
export const isIn = (view: MeView): void => {
  beginSession();
  know(view);
  pages.postMessage("in");
};

export function isOut(why: "ended" | "left" | "leaving"): void {
  const before = who.value;
  if (before.kind === "nobody") return;
  const wasIn = before.kind === "somebody";
  who.value = { kind: "nobody", why: wasIn ? why : "new", elsewhere: wasIn && before.me.name === null };
}

/** Ends the session of this browser; what was shown goes in any case. Throws ApiError where the gateway has not ended it. */
export async function leave(): Promise<void> {
  try {
    await signOut(false);
  } catch (error) {
    // A session that is over already is out as well.
    if (!(error instanceof ApiError && error.status === 401)) {
      isOut("leaving");
      throw error;
    }
  }
  const before = who.value;
  if (before.kind === "nobody" && before.why === "leaving") who.value = { ...before, why: "left" };
  else isOut("left");
}

/** Sessions under way from one to the next. */
let replacing = 0;
/**
 * While one's own session is replaced by another, what still goes out with the old one is answered as nobody's, which then says
 * nothing about who looks.
 */
export async function whileReplaced<T>(run: () => Promise<T>): Promise<T> {
  replacing++;
  try {
    return await run();
  } finally {
    replacing--;
  }
}

const RETRY_MS = 5000;
const ASK_MS = 10_000;

/** Asks who looks; a gateway that does not answer is asked again until it does. */
export async function askWho(): Promise<void> {
  try {
    const view = await getMe();
    const isFirst = who.value.kind === "asking";
    know(view);
    // Somebody may have come in by way of another site, or a link: the pages that were open before do not know. One that hears of
    // it asks as well, but is past its own start, and so tells nobody.
    if (isFirst) pages.postMessage("in");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401 && who.value.kind === "asking") setTimeout(() => void askWho(), RETRY_MS);
  }
}

export function startWho(): void {
  onSignedOut(() => replacing === 0 && isOut("ended"));
  pages.addEventListener("message", () => {
    beginSession();
    void askWho();
  });
  void askWho();
  // A stream says when somebody may see other things; who has none is asked about.
  setInterval(() => {
    if (who.value.kind === "somebody" && !may("stream")) void askWho();
  }, ASK_MS);
}
