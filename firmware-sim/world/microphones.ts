/** How well the microphones of a house hear: each is a little too loud or too soft, and its clock a little off. */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { createRandom } from "./random.ts";
import type { Fault } from "./scenario.ts";

/** Standard deviations over the devices of a house. */
export interface MicrophoneErrors {
  readonly gainSdDb: number;
  readonly clockSdMs: number;
}

/** After calibration side by side: two nodes within ±0.5 dB (ACOUSTICS §1.5). Clocks by SNTP on a local network. */
export const FIELD_CALIBRATED: MicrophoneErrors = { gainSdDb: 0.2, clockSdMs: 15 };
export const FLAWLESS: MicrophoneErrors = { gainSdDb: 0, clockSdMs: 0 };

/** Clocks that are off by seconds are a fault of the device's time stamps (firmware-sim/faults), not of what it hears. */
const MOST_OFFSET_MS = 999;

export interface Microphone {
  readonly gainDb: number;
  /** What it takes for the second `t` begins this much after `t`, ms. */
  readonly clockMs: number;
}

/** The microphone of a room: always the same for the same seed. */
export function microphoneOf(seed: string | number, room: RoomId, errors: MicrophoneErrors): Microphone {
  const random = createRandom(`${seed}/microphone/${room}`);
  return { gainDb: errors.gainSdDb * random.gaussian(), clockMs: errors.clockSdMs * random.gaussian() };
}

/** How far the clock of this room's device is off at `t`, faults included, ms; less than a second. */
export function clockOffset({ clockMs }: Microphone, faults: readonly Fault[], room: RoomId, t: Millis): number {
  let offset = clockMs;
  for (const fault of faults)
    if (fault.kind === "clock-offset" && fault.room === room && t >= fault.from && t < fault.until)
      offset += fault.offsetMs;
  return Math.min(MOST_OFFSET_MS, Math.max(-MOST_OFFSET_MS, offset));
}
