/** How good a detector is on scenes whose truth is known. */
import { initialConversation, stepConversation } from "#firmware/detector/conversation.ts";
import type { Scene } from "./scene.ts";

/** What one scene gave; the samples themselves need not be kept. */
export interface Outcome {
  readonly kind: string;
  readonly seconds: number;
  readonly conversation: { readonly from: number; readonly to: number } | null;
  /** Share of each second in which somebody speaks. */
  readonly speech: Float64Array;
  readonly probability: readonly number[];
}

export const outcomeOf = (scene: Scene, probability: readonly number[]): Outcome => ({
  kind: scene.kind,
  seconds: scene.seconds,
  conversation: scene.conversation,
  speech: scene.speech,
  probability,
});

/** Probability that a positive scores above a negative, ties counted half (Mann and Whitney). NaN without both. */
export function auc(positives: readonly number[], negatives: readonly number[]): number {
  const all = [...positives.map((p) => [p, 1] as const), ...negatives.map((p) => [p, 0] as const)];
  all.sort((a, b) => a[0] - b[0]);
  let rankSum = 0;
  for (let i = 0; i < all.length; ) {
    let j = i;
    while (j < all.length && all[j]![0] === all[i]![0]) j++;
    const rank = (i + 1 + j) / 2;
    for (; i < j; i++) if (all[i]![1] === 1) rankSum += rank;
  }
  const n = positives.length;
  return (rankSum - (n * (n + 1)) / 2) / (n * negatives.length);
}

/** Scores of windows of `length` seconds: those mostly speech, and those without any. */
export function windows(outcomes: readonly Outcome[], length: number): { positives: number[]; negatives: number[] } {
  const positives: number[] = [];
  const negatives: number[] = [];
  for (const { speech, probability } of outcomes) {
    for (let at = 0; at + length <= probability.length; at += length) {
      const said = mean(speech.subarray(at, at + length));
      const score = mean(probability.slice(at, at + length));
      if (said >= 0.5) positives.push(score);
      else if (said === 0) negatives.push(score);
    }
  }
  return { positives, negatives };
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

export interface Turns {
  /** Seconds from the first word to ON; null when it was missed; undefined without a conversation. */
  readonly delay: number | null | undefined;
  /** Seconds from the first word to the second that the conversation is dated from. */
  readonly dated: number | null;
  /** Conversations where there was none. */
  readonly false: number;
}

/** Runs the state machine over a scene. Going on within `grace` seconds after the last word still is that conversation. */
export function turnsOf({ probability, conversation }: Outcome, grace = 10): Turns {
  let state = initialConversation;
  let delay: number | null | undefined = conversation === null ? undefined : null;
  let dated: number | null = null;
  let wrong = 0;
  probability.forEach((speech, second) => {
    const before = state.on;
    state = stepConversation(state, { t: second * 1000, speech }).state;
    if (before || !state.on) return;
    const at = second + 1;
    if (conversation === null || at < conversation.from || at > conversation.to + grace) wrong++;
    else if (delay === null) {
      delay = at - conversation.from;
      dated = state.since! / 1000 - conversation.from;
    }
  });
  return { delay, dated, false: wrong };
}
