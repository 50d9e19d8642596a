/** Says that what is shown is not the present, and since when. */
import { link } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import { age } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Icon } from "./icon.tsx";

export function LinkBanner() {
  const words = text.value;
  const state = link.value;
  if (state.kind !== "silent") return null;
  return (
    <div class="container">
      <section class="stale" aria-label={words.link.stale}>
        <Icon name="error" />
        <div>
          <strong>{state.farewell ? words.link.farewell : words.link.stale}</strong>
          <p>{words.link.staleText(age(nowMs.value - state.sinceMs, words.locale, "long"))}</p>
        </div>
      </section>
    </div>
  );
}
