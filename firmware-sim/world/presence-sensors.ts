/** What radar and passive infrared report of a room in one second (ACOUSTICS §8), as the detector takes it in. */
import type { Dice } from "./dice.ts";

export interface PresenceFrame {
  /** State of the 24 GHz radar (LD2410). */
  readonly radar: "none" | "still" | "moving" | "both";
  /** A motion pulse of the infrared sensor began in this second. */
  readonly pir: boolean;
}

/** Share of one-second frames in which the radar sees a person at all, and of those in which a seated one moves. */
const RADAR_SEES = 0.95;
const SEATED_MOVES = 0.3;
/** Pulses per second: a seated person one a minute, a walking one ten. */
const PIR_SEATED = 1 / 60;
const PIR_WALKING = 10 / 60;
/** False alarms of an empty room per second: radar one an hour, infrared one a day. */
const RADAR_FALSE = 1 / 3600;
const PIR_FALSE = 1 / 86_400;

export function presenceFrame(people: number, moving: number, dice: Dice): PresenceFrame {
  if (people === 0) return { radar: dice.uniform() < RADAR_FALSE ? "still" : "none", pir: dice.uniform() < PIR_FALSE };
  const walkers = Math.min(moving, people);
  const seated = people - walkers;
  const quiet = (1 - PIR_SEATED) ** seated * (1 - PIR_WALKING) ** walkers;
  const pir = dice.uniform() >= quiet;
  const seen = dice.uniform() < 1 - (1 - RADAR_SEES) ** people;
  if (!seen) return { radar: "none", pir };
  if (walkers > 0) return { radar: seated > 0 ? "both" : "moving", pir };
  return { radar: dice.uniform() < SEATED_MOVES ? "moving" : "still", pir };
}
