/** The chart of a room's history, with its legend in the page's own text. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { HistoryView } from "#protocol/api.ts";
import { useMedia } from "../parts/media.ts";
import { timeZone } from "../state/app.ts";
import { theme } from "../state/settings.ts";
import { text } from "../texts/texts.ts";
import type { Drawing } from "./draw.ts";

export function Legend() {
  const { series, conversation } = text.value.room;
  return (
    <ul class="legend" aria-hidden="true">
      {(["laeq", "lafmax", "l90", "speech", "coverage"] as const).map((key) => (
        <li key={key} class={`legend-${key}`}>
          {series[key]}
        </li>
      ))}
      <li class="legend-band">{conversation}</li>
    </ul>
  );
}

export function Chart({ history, label }: { history: HistoryView; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<Drawing>();
  const isDark = useMedia("(prefers-color-scheme: dark)");
  const words = text.value;
  const zone = timeZone.value;

  useEffect(() => {
    let opened: Drawing | undefined;
    let closed = false;
    void import("./draw.ts").then(({ draw }) => {
      if (closed || !place.current) return;
      opened = draw(place.current);
      setDrawing(opened);
    });
    return () => {
      closed = true;
      opened?.close();
    };
  }, []);

  // A change of theme changes the colours that are read from the page.
  useEffect(
    () => drawing?.show({ history, words, timeZone: zone }),
    [drawing, history, words, zone, theme.value, isDark],
  );

  return <div ref={place} class="chart" role="img" aria-label={label} />;
}
