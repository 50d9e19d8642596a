/** Who a device is, and what it says of itself: `birth` and `status`. */
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import { delivery, topicFor } from "#protocol/topics.ts";
import type { Publication } from "./link.ts";

export interface Identity {
  readonly site: Id;
  readonly device: Id;
  /** Random per boot. */
  readonly boot: Boot;
}

/** A boot's name from 32 random bits. */
export const bootOf = (bits: number): Boot => (bits >>> 0).toString(16).padStart(8, "0");

/** What does not change while a device runs. */
export type Nature = Pick<Readings["birth"], "firmware" | "calibration" | "microphone" | "clock">;

/** The simulated device: nobody calibrated it, so its calibration is the simulation's own. */
export const SIMULATED: Nature = {
  firmware: "0.1.0-sim",
  calibration: { id: "simulated", date: "2026-01-01" },
  microphone: "simulated",
  clock: "simulated",
};

const CAPABILITIES: Readings["birth"]["capabilities"] = ["state", "level", "stats", "bands", "health", "indicator"];

/** `seq` is the number that the next sequenced message will have. */
export function birth(identity: Identity, nature: Nature, seq: number, t: Millis): Publication {
  const message: Readings["birth"] = {
    boot: identity.boot,
    seq,
    t,
    ...nature,
    capabilities: CAPABILITIES,
    reference: "spl",
    weighting: "A",
  };
  return publication(identity, "birth", JSON.stringify(message));
}

export function status(identity: Identity, word: "online" | "offline", seq: number, t: Millis): Publication {
  const message: Readings["status"] = { boot: identity.boot, seq, t, status: word };
  return publication(identity, "status", JSON.stringify(message));
}

export const publication = (
  { site, device }: Pick<Identity, "site" | "device">,
  channel: keyof Readings,
  payload: string,
): Publication => ({ topic: topicFor(site, device, channel), payload, ...delivery[channel] });
