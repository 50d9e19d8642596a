/** The one store of this page and what is read from it everywhere. */
import { computed, signal } from "@preact/signals";
import { ApiError, getSite, getSnapshot, getStatus, type SiteView, streamUrl } from "./api.ts";
import { nowMs, startClock } from "./clock.ts";
import { createStore } from "./store.ts";
import { follow } from "./stream.ts";

export const store = createStore(nowMs.value);
export const site = signal<SiteView | null>(null);
export const timeZone = computed(() => site.value?.timeZone ?? "Europe/Copenhagen");
/** Every room, by id as people count: S2 before S10. */
export const roomsInOrder = computed(() =>
  [...store.rooms.value.values()].sort((a, b) => a.id.localeCompare(b.id, "da", { numeric: true })),
);
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

export function startApp(): void {
  startClock();
  void learnSite();
  follow(store, {
    open: () => new EventSource(streamUrl),
    snapshot: getSnapshot,
    status: getStatus,
    now: Date.now,
    later: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  });
}
