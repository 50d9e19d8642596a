/**
 * What a device says of the seconds it has heard: all channels, at the cadence of protocol/cadence.ts. The same seconds
 * give the same readings, byte for byte.
 *
 * The publication limits (DESIGN §4) hold here because there is no other way out: one-second octaves under a lease,
 * thirds as statistics of a minute or more, everything else over ten seconds or more, and a device that may not measure
 * says `health` alone.
 */
import { MEMS_MICROPHONE } from "#firmware/dsp/calibration.ts";
import type { Second } from "#firmware/dsp/second.ts";
import type { Millis } from "#protocol/quantities.ts";
import { createBandsWindow } from "./bands.ts";
import { type Condition, createHealthMinutes } from "./health.ts";
import { createLevelWindow } from "./level.ts";
import type { Reading } from "./reading.ts";
import { forgetSaid, initialStateCadence, type RoomState, stepState } from "./state.ts";
import { createStatsWindow } from "./stats.ts";

/** One second in the life of a device. */
export interface Moment {
  /** Start of the second, ms UTC, a whole second. A moment that is not later than the one before is passed over. */
  readonly t: Millis;
  /** What was heard, its time included, and what it says of the room; null when nothing was. */
  readonly heard: (RoomState & { readonly second: Second }) | null;
  readonly condition: Condition;
  /** The room's readings are nobody's business (PRIVACY §1.3). */
  readonly silent: boolean;
  /** End of the lease for `bands`; null without one. */
  readonly leaseUntil: Millis | null;
}

export interface Publisher {
  /** Readings in the order in which they are to be said. */
  step(moment: Moment): readonly Reading[];
}

const NOTHING: readonly Reading[] = [];

/** `selfNoiseDba` is the microphone's equivalent input noise. */
export function createPublisher(selfNoiseDba: number = MEMS_MICROPHONE.selfNoiseDba): Publisher {
  const level = createLevelWindow(selfNoiseDba);
  const bands = createBandsWindow();
  const stats = createStatsWindow();
  const health = createHealthMinutes();
  let cadence = initialStateCadence;
  let last = Number.NEGATIVE_INFINITY;

  function sayRoom(t: Millis, room: RoomState): Reading | null {
    const { cadence: next, reading } = stepState(cadence, t, room);
    cadence = next;
    return reading;
  }

  function forget(): void {
    level.clear();
    bands.clear();
    stats.clear();
    if (cadence.said) cadence = forgetSaid(cadence);
  }

  return {
    step({ t, heard, condition, silent, leaseUntil }) {
      if (t <= last) return NOTHING;
      last = t;
      const present = condition.muted || condition.asleep ? null : heard;
      const told = silent ? null : present;
      if (!told) forget();
      const readings: Reading[] = [];
      const say = (reading: Reading | null) => {
        if (reading !== null) readings.push(reading);
      };
      if (told) {
        say(sayRoom(t, told));
        say(level.add(told.second));
        say(bands.add(told.second, leaseUntil, condition.clockError));
        say(stats.add(told.second));
      }
      say(health.add(t, present?.second ?? null, condition));
      return readings.length === 0 ? NOTHING : readings;
    },
  };
}
