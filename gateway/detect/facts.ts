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

export type RoomFact =
  | { readonly kind: "situation"; readonly at: Millis; readonly situation: Situation }
  | { readonly kind: "conversation-started"; readonly at: Millis; readonly episode: Episode }
  | { readonly kind: "conversation-ended"; readonly at: Millis; readonly episode: Episode };
