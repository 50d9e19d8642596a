/** When something began and how long ago that is, ticking by itself. */
import { timeZone } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import { age, moment } from "../texts/format.ts";
import { text } from "../texts/texts.ts";

export function Since({ instant, say }: { instant: string; say: (clock: string, age: string) => string }) {
  const { locale } = text.value;
  const ms = Date.parse(instant);
  const now = nowMs.value;
  return <time dateTime={instant}>{say(moment(ms, now, locale, timeZone.value), age(now - ms, locale))}</time>;
}
