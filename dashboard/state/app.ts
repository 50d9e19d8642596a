/** The one store of this page and what is read from it everywhere. */
import { computed, effect, signal } from "@preact/signals";
import { ApiError, getSite, getSnapshot, getStatus, type SiteView, streamUrl } from "./api.ts";
import { nowMs, startClock } from "./clock.ts";
import { createStore } from "./store.ts";
import { follow } from "./stream.ts";
import { askWho, may, me, startWho } from "./who.ts";

export const store = createStore(nowMs.value);
export const site = signal<SiteView | null>(null);
export const timeZone = computed(() => site.value?.timeZone ?? "Europe/Copenhagen");
/** Whether offices are told in sums alone, whoever looks. */
export const isStrict = computed(() => site.value?.privacy === "strict");
/** As people count: S2 before S10. */
const byId = (a: { readonly id: string }, b: { readonly id: string }) =>
  a.id.localeCompare(b.id, "da", { numeric: true });
/** Every room that the reader is told of. */
export const roomsInOrder = computed(() => [...store.rooms.value.values()].sort(byId));
/** Every room of the site, by what everybody may know of it. */
export const siteRooms = computed(() => (site.value?.rooms ?? []).toSorted(byId));
export const link = computed(() => store.link(nowMs.value));
export const isLive = computed(() => link.value.kind === "live");

const SITE_RETRY_MS = 5000;

async function learnSite(): Promise<void> {
  try {
    site.value = await getSite();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    setTimeout(() => void learnSite(), SITE_RETRY_MS);
  }
}

/** One opening of the stream. What ends it may be that nobody is signed in any more, which a stream cannot say. */
function openStream(): EventSource {
  const source = new EventSource(streamUrl);
  const suspect = () => void askWho();
  source.addEventListener("error", () => source.readyState === EventSource.CLOSED && suspect());
  source.addEventListener("bye", suspect);
  return source;
}

const followGateway = (): (() => void) =>
  follow(store, {
    open: openStream,
    snapshot: () =>
      getSnapshot({
        rooms: may("live"),
        signs: may("free-rooms"),
        alerts: may("live") || may("history", "own-rooms", "all"),
        pairs: may("leakage", "all"),
      }),
    status: getStatus,
    now: Date.now,
    later: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  });

/**
 * Changes when somebody else looks, or may see other things; not each time the gateway says the same again. Null where there is
 * no stream to follow.
 */
const looker = computed(() =>
  me.value === null || !may("stream") ? null : JSON.stringify([me.value.id, me.value.permissions, me.value.rooms]),
);

export function startApp(): void {
  startClock();
  void learnSite();
  startWho();
  effect(() => {
    if (looker.value === null) return;
    const stop = followGateway();
    return () => {
      stop();
      store.forget();
    };
  });
}
