/**
 * A room's conversation as an episode: from the `since` of the first on to the `since` of the off that ends it.
 *
 * The firmware's detector holds a conversation for 20 s of quiet before it says off and dates the off at the first
 * quiet second. A pause it reports is therefore a real pause of 20 s or more, and the steps add no hold of their own;
 * a pause so short that no report of it got through is none. Alerts bridge pauses by their re-arm rule.
 */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { type Hint, SINCE_REACH_S } from "#protocol/readings.ts";
import type { Episode, RoomFact } from "./facts.ts";
import { STALE_MS, UNKNOWN_GRACE_MS } from "./rules.ts";

export type Talk =
  | { readonly phase: "none" }
  | { readonly phase: "on"; readonly start: Millis; readonly hint: Hint; readonly knownOn: Millis }
  /** The room has become unknown; the episode ends at `knownOn` unless evidence comes before `until`. */
  | {
      readonly phase: "suspended";
      readonly start: Millis;
      readonly hint: Hint;
      readonly knownOn: Millis;
      readonly until: Millis;
    };

/** An episode that is over. `open` tells that a hole, not quiet, ended it. */
export interface Finished {
  readonly start: Millis;
  readonly end: Millis;
  readonly open: boolean;
}

/** What the room's devices say together. */
export type Evidence =
  | { readonly conversation: "on"; readonly t: Millis; readonly since: Millis; readonly hint: Hint }
  | { readonly conversation: "off"; readonly t: Millis; readonly since: Millis }
  | { readonly conversation: "unknown" };

type EpisodeFact = Extract<RoomFact, { kind: "conversation-started" | "conversation-ended" }>;

export interface TalkStep {
  readonly talk: Talk;
  readonly finished: Finished | null;
  readonly facts: readonly EpisodeFact[];
}

/** Of a quiet run that began a moment before the last on was told, that beginning still counts. */
const HANG_OVER_MS = 60_000;

/** `last` is the room's latest finished episode; `at` is now. */
export function stepTalk(room: RoomId, talk: Talk, last: Finished | null, evidence: Evidence, at: Millis): TalkStep {
  switch (evidence.conversation) {
    case "on":
      return hearOn(room, talk, last, evidence, at);
    case "off":
      return talk.phase === "none" ? unchanged(talk) : end(room, talk, quietFrom(talk, evidence), "quiet", at);
    case "unknown":
      return hearNothing(room, talk, at);
  }
}

const unchanged = (talk: Talk): TalkStep => ({ talk, finished: null, facts: [] });

function hearOn(
  room: RoomId,
  talk: Talk,
  last: Finished | null,
  { t, since, hint }: Extract<Evidence, { conversation: "on" }>,
  at: Millis,
): TalkStep {
  if (talk.phase === "none") return begin(room, startAfter(last, since), t, hint, at);
  if (talk.phase === "on" || since <= talk.knownOn + STALE_MS)
    return unchanged({ phase: "on", start: talk.start, hint, knownOn: Math.max(talk.knownOn, t) });
  const ended = end(room, talk, talk.knownOn, "quiet", at);
  const begun = begin(room, startAfter(ended.finished, since), t, hint, at);
  return { ...begun, finished: ended.finished, facts: [...ended.facts, ...begun.facts] };
}

/** What a hole had ended and was going on all the while goes on as the same episode; otherwise none overlaps another. */
function startAfter(last: Finished | null, since: Millis): Millis {
  if (last === null || since > last.end) return since;
  return last.open ? last.start : last.end;
}

function begin(room: RoomId, start: Millis, t: Millis, hint: Hint, at: Millis): TalkStep {
  const talk: Talk = { phase: "on", start, hint, knownOn: Math.max(t, start) };
  return { talk, finished: null, facts: [{ kind: "conversation-started", at, episode: episodeOf(room, talk, null) }] };
}

/** `since` reaches back half an hour only, and another device may have been quiet while the talking one was lost. */
function quietFrom(talk: Exclude<Talk, { phase: "none" }>, { t, since }: { t: Millis; since: Millis }): Millis {
  const exact = t - since < SINCE_REACH_S * 1000 && since >= talk.knownOn - HANG_OVER_MS;
  return exact ? Math.max(since, talk.start) : talk.knownOn;
}

function hearNothing(room: RoomId, talk: Talk, at: Millis): TalkStep {
  if (talk.phase === "none") return unchanged(talk);
  if (talk.phase === "on") return unchanged({ ...talk, phase: "suspended", until: at + UNKNOWN_GRACE_MS });
  return at < talk.until ? unchanged(talk) : end(room, talk, talk.knownOn, "unknown", at);
}

function end(
  room: RoomId,
  talk: Exclude<Talk, { phase: "none" }>,
  end: Millis,
  because: "quiet" | "unknown",
  at: Millis,
): TalkStep {
  return {
    talk: { phase: "none" },
    finished: { start: talk.start, end, open: because === "unknown" },
    facts: [{ kind: "conversation-ended", at, episode: episodeOf(room, talk, end), because }],
  };
}

const episodeOf = (room: RoomId, talk: { start: Millis; hint: Hint }, end: Millis | null): Episode => ({
  room,
  start: talk.start,
  end,
  hint: talk.hint,
});
