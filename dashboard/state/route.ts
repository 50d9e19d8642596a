/** Which page the address names, and moving between pages without loading the document again. */
import { computed, signal } from "@preact/signals";

export type Route =
  | { readonly page: "rooms" }
  | { readonly page: "room"; readonly room: string }
  | { readonly page: "leakage" }
  | { readonly page: "pair"; readonly from: string; readonly to: string }
  | { readonly page: "devices" }
  | { readonly page: "report" }
  | { readonly page: "audit" }
  | { readonly page: "changes" }
  | { readonly page: "sign-in" }
  | { readonly page: "account" }
  | { readonly page: "people" }
  | { readonly page: "not-found" };

export function routeOf(path: string): Route {
  const [first, second, third, ...rest] = path.split("/").filter((part) => part !== "");
  if (rest.length > 0) return { page: "not-found" };
  if (first === "pairs" && second !== undefined && third !== undefined)
    return { page: "pair", from: decode(second), to: decode(third) };
  if (third !== undefined) return { page: "not-found" };
  if (first === undefined) return { page: "rooms" };
  if (first === "rooms" && second !== undefined) return { page: "room", room: decode(second) };
  if (second !== undefined) return { page: "not-found" };
  if (first === "who-looked") return { page: "audit" };
  return isSingle(first) ? { page: first } : { page: "not-found" };
}

const singles = ["leakage", "devices", "report", "changes", "sign-in", "account", "people"] as const;
const isSingle = (name: string): name is (typeof singles)[number] => (singles as readonly string[]).includes(name);

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const pathOf = {
  rooms: "/",
  room: (id: string) => `/rooms/${encodeURIComponent(id)}`,
  leakage: "/leakage",
  pair: (from: string, to: string) => `/pairs/${encodeURIComponent(from)}/${encodeURIComponent(to)}`,
  devices: "/devices",
  report: "/report",
  audit: "/who-looked",
  changes: "/changes",
  signIn: "/sign-in",
  account: "/account",
  people: "/people",
} as const;

const path = signal("/");
export const route = computed(() => routeOf(path.value));

/** Moves to one of the page's own addresses. */
export function goTo(to: string): void {
  if (to !== path.value) history.pushState(null, "", to);
  path.value = to;
}

const isPlainClick = (event: MouseEvent) =>
  event.button === 0 && !event.defaultPrevented && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

/** The page's own address that a click leads to; undefined when the browser is to follow the link itself. */
function ownPath(event: MouseEvent): string | undefined {
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return undefined;
  if (link.hash !== "" || link.pathname.startsWith("/api/")) return undefined;
  return link.pathname;
}

/** Follows clicks on the page's own links and the browser's back and forward. */
export function followAddress(): void {
  path.value = location.pathname;
  addEventListener("popstate", () => {
    path.value = location.pathname;
  });
  document.addEventListener("click", (event) => {
    const to = isPlainClick(event) ? ownPath(event) : undefined;
    if (to === undefined) return;
    event.preventDefault();
    goTo(to);
  });
}
