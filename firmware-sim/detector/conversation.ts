/**
 * From speech seconds to conversation on or off (ACOUSTICS §5.2.3), and a hint of what kind (§5.2.4).
 * A pure step per second; the only history is one bit per second of the last minute and a few counters.
 */
import type { Hint } from "#protocol/readings.ts";

export interface ConversationRules {
  /** Time constant of the evidence, s. */
  readonly memorySeconds: number;
  /** On when the evidence has been above `onAbove` for `onSeconds`. */
  readonly onAbove: number;
  readonly onSeconds: number;
  /** Off when it has been below `offBelow` for `offSeconds`. */
  readonly offBelow: number;
  readonly offSeconds: number;
}

export const conversationRules: ConversationRules = {
  memorySeconds: 10,
  onAbove: 0.5,
  onSeconds: 5,
  offBelow: 0.25,
  offSeconds: 20,
};

export interface ConversationInput {
  /** Start of the second, ms UTC. */
  readonly t: number;
  /** Probability that the second is speech, 0–1. */
  readonly speech: number;
  /** False when presence knows the room to be empty: talk there comes from a loudspeaker. */
  readonly occupied?: boolean;
}

export interface ConversationState {
  readonly on: boolean;
  /** First second of the present on or off, ms UTC; null before the first input. */
  readonly since: number | null;
  readonly hint: Hint;
  /** Smoothed probability, 0–1. */
  readonly evidence: number;
  /** First second of the run that will change `on` if it lasts; null when there is none. */
  readonly run: number | null;
  /** Last second stepped, ms UTC. */
  readonly t: number | null;
  readonly talk: Talk;
}

/** What the hint is made of. */
interface Talk {
  /** Speech probabilities of the last minute while on, oldest first. */
  readonly minute: readonly number[];
  /** Seconds of talk since the last pause longer than a second. */
  readonly unbroken: number;
  /** Length of the pause going on, s. */
  readonly pause: number;
}

const noTalk: Talk = { minute: [], unbroken: 0, pause: 0 };

export const initialConversation: ConversationState = {
  on: false,
  since: null,
  hint: "unknown",
  evidence: 0,
  run: null,
  t: null,
  talk: noTalk,
};

/** One second on. `changed` tells that `on` or `hint` is another than before. */
export function stepConversation(
  state: ConversationState,
  input: ConversationInput,
  rules: ConversationRules = conversationRules,
): { state: ConversationState; changed: boolean } {
  const evidence = state.evidence + (input.speech - state.evidence) / rules.memorySeconds;
  const turning = state.on ? evidence < rules.offBelow : evidence > rules.onAbove;
  // Seconds that were not heard prove nothing: a run starts anew after a gap or a jump of the clock.
  const unbroken = state.t === null || input.t - state.t === 1000;
  const run = turning ? ((unbroken ? state.run : null) ?? input.t) : null;
  const lasted = run === null ? 0 : (input.t - run) / 1000 + 1;
  const flips = lasted >= (state.on ? rules.offSeconds : rules.onSeconds);
  const on = flips ? !state.on : state.on;
  const talk = on ? heard(state.on ? state.talk : noTalk, input.speech) : noTalk;
  const hint = on ? hintOf(talk, input.occupied) : "unknown";
  const since = flips ? run : Math.min(state.since ?? input.t, input.t);
  return {
    state: { on, since, hint, evidence, run: flips ? null : run, t: input.t, talk },
    changed: on !== state.on || hint !== state.hint,
  };
}

const SPEECH = 0.5;
const PAUSE = 0.3;

function heard(talk: Talk, speech: number): Talk {
  const pause = speech < PAUSE ? talk.pause + 1 : 0;
  return {
    minute: [...talk.minute.slice(-59), speech],
    pause,
    unbroken: pause > 1 ? 0 : talk.unbroken + 1,
  };
}

/**
 * The kind of talk in the last minute. Two who share a room leave few and short pauses; one half of a telephone call
 * leaves the pauses in which the other half speaks; a loudspeaker leaves none, or nobody is there.
 */
function hintOf({ minute, unbroken }: Talk, occupied: boolean | undefined): Hint {
  if (occupied === false) return "media";
  if (minute.length < 30) return "unknown";
  let speech = 0;
  let pauses = 0;
  let short = 0;
  let long = 0;
  let pause = 0;
  for (let i = 0; i <= minute.length; i++) {
    const p = minute[i] ?? 1;
    if (i < minute.length && p > SPEECH) speech++;
    if (p < PAUSE) pause++;
    else if (pause > 0) {
      pauses++;
      if (pause <= 2) short++;
      if (pause >= 2 && pause <= 8) long++;
      pause = 0;
    }
  }
  const active = speech / minute.length;
  if (unbroken > 120 && active > 0.9) return "media";
  if (active >= 0.25 && active < 0.6 && (long * 60) / minute.length >= 3) return "one-sided";
  if (active >= 0.6 && 2 * short >= pauses) return "dialogue";
  return "unknown";
}
