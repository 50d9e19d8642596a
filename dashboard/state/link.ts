/** The one-time link with which this page was opened. It is taken out of the address before anything else sees it. */
import { signal } from "@preact/signals";

export const link = signal<string | null>(null);

export function takeLink(): void {
  const secret = new URLSearchParams(location.hash.slice(1)).get("link");
  if (secret === null) return;
  link.value = secret;
  history.replaceState(null, "", location.pathname);
}
