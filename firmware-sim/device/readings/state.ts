/**
 * When a device says its state: at once when the room becomes occupied or vacant or a conversation starts or ends, and
 * every 30 s. A token bucket holds it to one per 20 s in the long run; what changes while the bucket is empty is said,
 * as it then is, as soon as there is a token. A new hint waits for the next message: it decides nothing.
 */
import { STATE_BURST, STATE_PERIOD_S, STATE_REFILL_S } from "#protocol/cadence.ts";
import type { Millis } from "#protocol/quantities.ts";
import { type Hint, SINCE_REACH_S, State } from "#protocol/readings.ts";
import { quantiser } from "./quantiser.ts";
import type { Body, Reading } from "./reading.ts";

/** What presence and conversation say of the room in one second. */
export interface RoomState {
  readonly presence: { readonly occupied: boolean; readonly confidence: number };
  readonly conversation: { readonly on: boolean; readonly since: Millis | null; readonly hint: Hint };
}

export interface StateCadence {
  /** Time saved up, ms; a message costs `STATE_REFILL_S` of it. */
  readonly saved: number;
  /** The second stepped last; null before the first. */
  readonly at: Millis | null;
  /** What was said last; null when the next second is to be said whatever it is. */
  readonly said: Body<"state"> | null;
}

const COST_MS = STATE_REFILL_S * 1000;
const MOST_SAVED_MS = STATE_BURST * COST_MS;

export const initialStateCadence: StateCadence = { saved: MOST_SAVED_MS, at: null, said: null };

/** One second on. `t` grows from step to step. */
export function stepState(
  { saved: before, at, said }: StateCadence,
  t: Millis,
  room: RoomState,
): { cadence: StateCadence; reading: Reading<"state"> | null } {
  const saved = Math.min(MOST_SAVED_MS, before + (t - (at ?? t)));
  if (saved < COST_MS || !isNews(said, t, room)) return { cadence: { saved, at: t, said }, reading: null };
  const body = bodyOf(t, room);
  return { cadence: { saved: saved - COST_MS, at: t, said: body }, reading: { channel: "state", body } };
}

/** After a time in which nothing was heard nothing is known: the next second is news. The savings stay what they are. */
export const forgetSaid = (cadence: StateCadence): StateCadence => ({ ...cadence, said: null });

const isNews = (said: Body<"state"> | null, t: Millis, { presence, conversation }: RoomState): boolean =>
  said === null ||
  said.occupied !== presence.occupied ||
  said.conversation !== switchOf(conversation.on) ||
  t - said.t >= STATE_PERIOD_S * 1000;

const switchOf = (on: boolean) => (on ? "on" : "off");
const confidence = quantiser(State.shape.confidence);

function bodyOf(t: Millis, { presence, conversation }: RoomState): Body<"state"> {
  const since = Math.min(t, Math.max(conversation.since ?? t, t - SINCE_REACH_S * 1000));
  return {
    t,
    occupied: presence.occupied,
    confidence: confidence(presence.confidence),
    conversation: switchOf(conversation.on),
    hint: conversation.hint,
    since: since - (since % 1000),
  };
}
