/** What detection says happened. Facts are data: alerts, history, stream and tests all read the same ones. */
import type { Conversation, UnknownReason } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Hint } from "#protocol/readings.ts";

/** What is known of a room now. */
export interface Situation {
  readonly room: RoomId;
  readonly conversation: Conversation;
  /** Why `conversation` is unknown; null when it is known. */
  readonly reason: UnknownReason | null;
  readonly occupied: boolean | null;
  /** Since when `conversation` has had this value; null before anything was heard. */
  readonly since: Millis | null;
}

/** A conversation in a room, from its start to its end. `end` is null while it goes on. */
export interface Episode {
  readonly room: RoomId;
  readonly start: Millis;
  readonly end: Millis | null;
  readonly hint: Hint;
}

/**
 * `at` is when it became known: the arrival of a reading, or the moment a wait ran out. It never goes back from one
 * fact to the next; when things happened is in the situation and the episode.
 */
export type RoomFact =
  | { readonly kind: "situation"; readonly at: Millis; readonly situation: Situation }
  | { readonly kind: "conversation-started"; readonly at: Millis; readonly episode: Episode }
  | {
      readonly kind: "conversation-ended";
      readonly at: Millis;
      readonly episode: Episode;
      /** Quiet was heard, or nothing at all for too long: then it ends where it was last known to go on. */
      readonly because: "quiet" | "unknown";
    }
  /** A finished conversation learned of from a device's backlog: history, too late for anyone to act on. */
  | {
      readonly kind: "conversation-recovered";
      readonly at: Millis;
      readonly episode: Episode;
      readonly occupied: boolean;
    };
