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
}

export const newDevice = (id: Id): DeviceState => ({
  id,
  boot: null,
  previousBoot: null,
  offlineAt: null,
  mode: "measuring",
  said: null,
  healthAt: null,
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
  if (device.said !== null && now < device.said.receivedAt + STALE_MS) return null;
  return now < startedAt + STALE_MS ? "starting" : "no-data";
}
