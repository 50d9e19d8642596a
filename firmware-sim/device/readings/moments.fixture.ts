/** Seconds and moments for the tests of what a device says. */
import { P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import type { Condition } from "./health.ts";
import type { Moment } from "./publisher.ts";
import type { RoomState } from "./state.ts";

/** A Monday noon: the start of an hour, so of every window. */
export const NOON = Date.UTC(2026, 0, 5, 12);

export const energyOf = (level: number): number => P0_SQUARED * 10 ** (level / 10);

/** A steady second of `level` dBA, with `level` − 10 dB in each third. */
export function second(t: number, level = 45, more: Partial<Second> = {}): Second {
  const energy = energyOf(level);
  return {
    t,
    thirds: new Float64Array(16).fill(energy / 10),
    a: energy,
    laf: new Float64Array(8).fill(energy),
    lafMax: energy,
    speech: 0,
    clipped: false,
    ...more,
  };
}

export const wellCondition: Condition = {
  uptimeMs: 0,
  outbox: 0,
  dropped: 0,
  muted: false,
  asleep: false,
  tamper: false,
  rssi: -55,
  configVersion: 0,
  clockError: 0,
};

export const emptyRoom: RoomState = {
  presence: { occupied: false, confidence: 0.9 },
  conversation: { on: false, since: NOON, hint: "unknown" },
};

export const moment = (t: number, heard: Partial<NonNullable<Moment["heard"]>> = {}): Moment => ({
  t,
  heard: { ...emptyRoom, second: second(t), ...heard },
  condition: wellCondition,
  silent: false,
  leaseUntil: null,
});
