/** When people talk in a room, as its device tells it: seeded, and quicker than people are. */
import type { Random } from "#firmware/world/random.ts";
import type { Millis } from "#protocol/quantities.ts";
import { ALERT_AFTER_S } from "./house.ts";

const SECOND = 1000;
const ALERT_AFTER_MS = ALERT_AFTER_S * SECOND;
/** The rooms were silent so long before the run. */
export const SILENT_MS = 60 * SECOND;
/** A conversation is told so long before its alert is due, for which it must have begun long before it is told. */
const NOTICE_MS = 2 * SECOND;
const IDLE_MS = 5 * SECOND;

export interface Talk {
  readonly conversation: "on" | "off";
  /** Whole seconds. */
  readonly since: Millis;
  readonly until: Millis;
}

/** Nobody has talked since `since`. */
export const silence = (random: Random, since: Millis, now: Millis): Talk => ({
  conversation: "off",
  since: Math.floor(since / SECOND) * SECOND,
  until: now + random.exponential(IDLE_MS),
});

/**
 * What follows on `talk` at `now`. Long conversations last until some seconds after their alert is due, the others end
 * while it is pending.
 */
export function nextTalk(talk: Talk, random: Random, now: Millis, long: boolean): Talk {
  if (talk.conversation === "on") return silence(random, now, now);
  const begun = now - (long ? ALERT_AFTER_MS - NOTICE_MS : random.between(3, 10) * SECOND);
  // A conversation begins after the one before it has ended.
  const since = Math.max(talk.since + SECOND, Math.floor(begun / SECOND) * SECOND);
  const until = long ? since + ALERT_AFTER_MS + random.between(4, 7) * SECOND : now + random.between(1, 4) * SECOND;
  return { conversation: "on", since: Math.min(since, Math.floor(now / SECOND) * SECOND), until };
}
