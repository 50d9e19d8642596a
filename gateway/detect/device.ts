/** What is known of one device: its boot, its connection, its mode and the last state it told in time. */
import type { UnknownReason } from "#protocol/api.ts";
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Hint, Readings } from "#protocol/readings.ts";
import { HISTORICAL_AFTER_MS, STALE_MS } from "./rules.ts";

/** The last live `state`. */
export interface Said {
  readonly t: Millis;
  readonly receivedAt: Millis;
  readonly occupied: boolean;
  readonly conversation: "on" | "off";
  readonly hint: Hint;
  readonly since: Millis;
}

export interface DeviceState {
  readonly id: Id;
  readonly boot: Boot | null;
  readonly previousBoot: Boot | null;
  /** Arrival of the word that it is offline; null while it is not known to be. */
  readonly offlineAt: Millis | null;
  readonly mode: "measuring" | "muted" | "asleep";
  readonly said: Said | null;
  /** Time of the newest live `health`. */
  readonly healthAt: Millis | null;
  readonly microphone: Microphone;
}

/** How many of its latest windows in a row the microphone heard nothing at all, or was driven to its full scale. */
export interface Microphone {
  /** Time of the newest of them. */
  readonly t: Millis;
  readonly dead: number;
  readonly clipped: number;
}

/** No room and no microphone is as quiet: the best have 29 dBA of noise of their own (ACOUSTICS §1.5). */
const DEAD_BELOW_DBA = 25;
/** A window that is dead or clipped may be a glitch or a slammed door; so many in a row are a fault. */
const DEAD_WINDOWS = 2;
const CLIPPED_WINDOWS = 3;
const WELL: Microphone = { t: 0, dead: 0, clipped: 0 };

export const newDevice = (id: Id): DeviceState => ({
  id,
  boot: null,
  previousBoot: null,
  offlineAt: null,
  mode: "measuring",
  said: null,
  healthAt: null,
  microphone: WELL,
});

/** Live, or behind what the device has said already, or too old for anyone to act on. */
export type Timeliness = "live" | "late" | "historical";

export function timeliness(
  device: DeviceState,
  reading: { readonly boot: Boot; readonly t: Millis },
  receivedAt: Millis,
  newest: Millis | null,
): Timeliness {
  if (receivedAt - reading.t > HISTORICAL_AFTER_MS) return "historical";
  if (reading.boot === device.boot) return newest !== null && reading.t < newest ? "late" : "live";
  return reading.boot === device.previousBoot ? "late" : "live";
}

/** A live reading also proves that the device is there, in the boot it names. */
function present(device: DeviceState, boot: Boot, receivedAt: Millis): DeviceState {
  const offlineAt = device.offlineAt !== null && receivedAt > device.offlineAt ? null : device.offlineAt;
  if (boot === device.boot) return { ...device, offlineAt };
  return { ...device, offlineAt, boot, previousBoot: device.boot };
}

export function hearState(device: DeviceState, reading: Readings["state"], receivedAt: Millis): DeviceState {
  const { t, occupied, conversation, hint, since } = reading;
  const said = { t, receivedAt, occupied, conversation, hint, since };
  return { ...present(device, reading.boot, receivedAt), mode: "measuring", said };
}

export type HealthWord = Pick<Readings["health"], "boot" | "t" | "muted" | "asleep">;

export function hearHealth(device: DeviceState, reading: HealthWord, receivedAt: Millis): DeviceState {
  const mode = reading.muted ? "muted" : reading.asleep ? "asleep" : "measuring";
  return { ...present(device, reading.boot, receivedAt), mode, healthAt: reading.t };
}

export type LevelWord = Pick<Readings["level"], "boot" | "t" | "laeq" | "clipped">;

/** Whether a window says anything of the microphone that hears it. */
export const isSuspicious = ({ laeq, clipped }: Pick<LevelWord, "laeq" | "clipped">): boolean =>
  laeq < DEAD_BELOW_DBA || clipped;
export const isImpaired = ({ microphone }: DeviceState): boolean => microphone.dead > 0 || microphone.clipped > 0;

export function hearLevel(device: DeviceState, { t, laeq, clipped }: LevelWord): DeviceState {
  if (t <= device.microphone.t) return device;
  const { dead, clipped: before } = device.microphone;
  const microphone = { t, dead: laeq < DEAD_BELOW_DBA ? dead + 1 : 0, clipped: clipped ? before + 1 : 0 };
  return { ...device, microphone };
}

/** A will of an earlier boot says nothing about the present one. */
export function hearStatus(device: DeviceState, boot: Boot, status: "online" | "offline", at: Millis): DeviceState {
  if (status === "online") return { ...present(device, boot, at), offlineAt: null };
  if (device.boot !== null && boot !== device.boot) return device;
  return { ...device, boot, offlineAt: at };
}

/** Why the device does not tell about its room now; null when it does. */
export function whyNotMeasuring(device: DeviceState, now: Millis, startedAt: Millis): UnknownReason | null {
  if (device.mode !== "measuring") return device.mode;
  if (device.offlineAt !== null) return "offline";
  if (device.microphone.dead >= DEAD_WINDOWS) return "stuck";
  if (device.microphone.clipped >= CLIPPED_WINDOWS) return "clipped";
  if (device.said !== null && now < device.said.receivedAt + STALE_MS) return null;
  return now < startedAt + STALE_MS ? "starting" : "no-data";
}
