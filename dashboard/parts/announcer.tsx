/** Says to screen readers, politely and once, what appears without being asked for: alerts, and the loss of the connection. */
import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { link, store } from "../state/app.ts";
import { text } from "../texts/texts.ts";
import { alertHeading } from "./alert-words.ts";

const said = signal("");

/** What was there when the page loaded is read where it stands; only what comes after is announced. */
function announce(): () => void {
  let open: ReadonlyMap<string, string> | undefined;
  let wasSilent = false;
  return effect(() => {
    if (!store.loaded.value) return;
    const words = text.peek();
    const alerts = new Map(store.openAlerts.value.map((alert) => [alert.id, alertHeading(alert)]));
    const silent = link.value.kind === "silent";
    const before = open ?? alerts;
    const news = [
      ...[...alerts].filter(([id]) => !before.has(id)).map(([, heading]) => heading),
      ...[...before].filter(([id]) => !alerts.has(id)).map(([, heading]) => words.alerts.over(heading)),
      ...(silent === wasSilent ? [] : [silent ? words.link.stale : words.link.restored]),
    ];
    open = alerts;
    wasSilent = silent;
    if (news.length > 0) said.value = news.join(". ");
  });
}

export function Announcer() {
  useEffect(announce, []);
  return (
    <div class="sr-only" role="status" aria-live="polite" id="announcements">
      {said}
    </div>
  );
}
