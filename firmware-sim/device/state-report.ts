/**
 * When a device says `state`: at once on a change and every 30 s, held to one per 20 s in the long run by a token bucket
 * with three saved up, so that a flickering room says no more than a quiet one (information budget).
 */
import { STATE_BURST, STATE_PERIOD_S, STATE_REFILL_S } from "#protocol/cadence.ts";
import { quantise } from "#protocol/quantities.ts";
import { type Hint, SINCE_REACH_S } from "#protocol/readings.ts";
import type { Body } from "./outbox.ts";

const SECOND_MS = 1000;
const PERIOD_MS = STATE_PERIOD_S * SECOND_MS;

export interface StateInput {
  /** Start of the second, ms UTC. */
  readonly t: number;
  readonly occupied: boolean;
  /** Probability that `occupied` is right, 0–1. */
  readonly confidence: number;
  readonly on: boolean;
  readonly hint: Hint;
  /** First second of the present on or off, ms UTC; null before the first second. */
  readonly since: number | null;
}

export interface StateReport {
  /** What to say after this second, if anything. */
  step(input: StateInput): Body<"state"> | undefined;
  /** After a pause the next second is news; what was saved up stays. */
  pause(): void;
}

export function createStateReport(): StateReport {
  let tokens = STATE_BURST;
  let at = Number.NaN;
  let said: Body<"state"> | undefined;

  const isNews = ({ t, occupied, on, hint }: StateInput): boolean =>
    said === undefined ||
    Math.abs(t - said.t) >= PERIOD_MS ||
    occupied !== said.occupied ||
    on !== (said.conversation === "on") ||
    hint !== said.hint;

  return {
    step(input) {
      const passed = Number.isNaN(at) ? 0 : Math.max(0, input.t - at) / SECOND_MS;
      tokens = Math.min(STATE_BURST, tokens + passed / STATE_REFILL_S);
      at = input.t;
      if (tokens < 1 || !isNews(input)) return undefined;
      tokens -= 1;
      said = bodyOf(input);
      return said;
    },
    pause() {
      said = undefined;
    },
  };
}

function bodyOf({ t, occupied, confidence, on, hint, since }: StateInput): Body<"state"> {
  const floor = Math.floor((since ?? t) / SECOND_MS) * SECOND_MS;
  const reach = Math.ceil((t - SINCE_REACH_S * SECOND_MS) / SECOND_MS) * SECOND_MS;
  return {
    t,
    occupied,
    confidence: quantise(confidence, 0, 1, 0.05),
    conversation: on ? "on" : "off",
    hint,
    since: Math.max(floor, reach),
  };
}
