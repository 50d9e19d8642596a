/** What the gateway says to a device: one schema per channel. */
import { z } from "zod";
import { Boot, count, Millis, Seq } from "./quantities.ts";

/**
 * What the gateway has stored, so that the outbox may forget it: everything up to `through` (−1: nothing yet), and the
 * runs in `beyond` that lie after a gap (a backlog still draining, or messages a full outbox has dropped).
 */
export const Receipt = z.strictObject({
  boot: Boot,
  through: z.int().min(-1),
  beyond: z.array(z.tuple([Seq, Seq])).max(16),
});

/** Desired configuration; the device echoes the version it applied in `health`. */
export const DeviceConfig = z.strictObject({
  version: count(255),
  /** A room with one assigned person: the device says `health` only (PRIVACY §1.3). */
  silent: z.boolean(),
});

export const LEASE_REACH_MS = 15 * 60_000;
/** Permission to publish `bands` until `until`, at most 15 minutes ahead. */
export const Lease = z.strictObject({ until: Millis });

export const Indicator = z.strictObject({ show: z.enum(["off", "private", "overheard"]) });

/** Why a message was refused. `outside-hours`: not kept and not told to the device, whose outbox may forget it all the same. */
export const RefusalReason = z.enum([
  "oversize",
  "bad-topic",
  "not-json",
  "schema",
  "unknown-device",
  "clock-ahead",
  "clock-behind",
  "no-lease",
  "outside-hours",
]);
export type RefusalReason = z.infer<typeof RefusalReason>;

/** The device is told what was refused; `seq` is given where it could be read. */
export const DeviceError = z.strictObject({ reason: RefusalReason, channel: z.string().max(32), seq: Seq.optional() });

export const commandSchemas = {
  receipt: Receipt,
  config: DeviceConfig,
  lease: Lease,
  indicator: Indicator,
  error: DeviceError,
} as const;

export type CommandChannel = keyof typeof commandSchemas;
export type Commands = { [C in CommandChannel]: z.infer<(typeof commandSchemas)[C]> };
