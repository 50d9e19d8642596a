/** Since when rooms are told together as they are (display/regrouping.ts), kept in the journal from one opening to the next. */
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { nextToldFrom, type ToldFrom } from "./display/regrouping.ts";
import type { Journal } from "./journal/journal.ts";

const NOTE = "told-from";

/** Undefined where no gateway has been open on this journal: there is nothing yet that was told otherwise. */
export async function readToldFrom(journal: Pick<Journal, "note">): Promise<ToldFrom | undefined> {
  const saved = await journal.note(NOTE);
  return saved === undefined ? undefined : (JSON.parse(saved) as ToldFrom);
}

/** At each opening, before anything is told: other settings come into force with a new one. */
export async function keepToldFrom(
  journal: Pick<Journal, "note" | "setNote">,
  site: Site,
  now: Millis,
): Promise<ToldFrom> {
  const before = await readToldFrom(journal);
  const next = nextToldFrom(before, site, now);
  if (JSON.stringify(next) !== JSON.stringify(before)) await journal.setNote(NOTE, JSON.stringify(next));
  return next;
}
