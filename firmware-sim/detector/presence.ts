/**
 * Is anyone in the room? Radar and passive infrared fused as log-odds (ACOUSTICS §8), one pure step per second.
 * The probabilities are starting values, to be tuned per site.
 */
import type { Hint } from "#protocol/readings.ts";

/** What the 24 GHz radar (LD2410) reported in this second. */
export type Radar = "none" | "still" | "moving" | "both";

export interface PresenceInput {
  /** Start of the second, ms UTC. */
  readonly t: number;
  /** Null when there is no radar or it does not answer. */
  readonly radar: Radar | null;
  /** A motion pulse began in this second; null when there is no infrared sensor. */
  readonly pir: boolean | null;
  readonly conversation: { readonly on: boolean; readonly hint: Hint };
}

export interface PresenceState {
  readonly occupied: boolean;
  /** Probability that `occupied` is right, 0–1. */
  readonly confidence: number;
  /** What the sensors say without the microphone; null while they have not decided, or when there are none. */
  readonly sensed: boolean | null;
  /** Natural log-odds of occupied by the sensors alone, −6…6. */
  readonly logOdds: number;
  /** Last second with motion or talk, ms UTC; null when there was none. */
  readonly lastSign: number | null;
}

export const initialPresence: PresenceState = {
  occupied: false,
  confidence: 0.5,
  sensed: null,
  logOdds: 0,
  lastSign: null,
};

const LIMIT = 6;
const OCCUPIED_ABOVE = 2;
const VACANT_BELOW = -2;
const LEAK_PER_SECOND = 0.005;
const PRIOR = 0;
const HOLD_MS = 60_000;
const HOLD_WITHOUT_RADAR_MS = 600_000;
/** Log-odds that talk in the room stands for. */
const TALK = 4;

const ratio = (ifOccupied: number, ifEmpty: number) => Math.log(ifOccupied / ifEmpty);
const RADAR: Readonly<Record<Radar, number>> = {
  none: ratio(0.1, 0.968),
  still: ratio(0.6, 0.03),
  moving: ratio(0.3, 0.002),
  both: ratio(0.3, 0.002),
};
/** A seated person moves the infrared sensor about once a minute, an empty room twenty times less often. */
const PIR_PULSE = ratio(1 / 60, 1 / 1200);
const PIR_NONE = ratio(59 / 60, 1199 / 1200);

export function stepPresence(state: PresenceState, input: PresenceInput): PresenceState {
  const evidence =
    (input.radar === null ? 0 : RADAR[input.radar]) + (input.pir === null ? 0 : input.pir ? PIR_PULSE : PIR_NONE);
  const leaked = state.logOdds + LEAK_PER_SECOND * (PRIOR - state.logOdds);
  const logOdds = Math.min(LIMIT, Math.max(-LIMIT, leaked + evidence));
  const talk = input.conversation.on && input.conversation.hint !== "media";
  const moved = input.radar === "moving" || input.radar === "both" || input.pir === true;
  const lastSign = moved || talk ? input.t : state.lastSign;
  const hold = input.radar === null ? HOLD_WITHOUT_RADAR_MS : HOLD_MS;
  const quiet = lastSign === null || input.t - lastSign >= hold;
  const decide = (before: boolean | null): boolean | null =>
    logOdds > OCCUPIED_ABOVE ? true : logOdds < VACANT_BELOW && quiet ? false : before;
  const deaf = input.radar === null && input.pir === null;
  const occupied = talk || (decide(state.occupied) ?? state.occupied);
  const odds = talk ? Math.max(logOdds, TALK) : logOdds;
  return {
    occupied,
    confidence: 1 / (1 + Math.exp(occupied ? -odds : odds)),
    sensed: deaf ? null : decide(state.sensed),
    logOdds,
    lastSign,
  };
}
