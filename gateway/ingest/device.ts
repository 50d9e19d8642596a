/** What is known of one device, and what its view says: a pure step per event, and a view of it at a moment. */
import type { DeviceView } from "#protocol/api.ts";

import { HEALTH_PERIOD_S, LEVEL_WINDOW_S, STATE_STALE_S, STATS_WINDOW_S } from "#protocol/cadence.ts";
import type { RefusalReason } from "#protocol/commands.ts";
import type { CredentialState } from "#protocol/enrolment.ts";
import type { Boot, Id, Millis, RoomId } from "#protocol/quantities.ts";
import type { Readings, SequencedChannel } from "#protocol/readings.ts";

/** A device whose clock is this far off is at fault, ms. */
export const CLOCK_FAULT_MS = 5000;
/** Every device says something within a minute; after this long without a word it is silent, ms. */
export const SILENT_MS = STATE_STALE_S * 1000;
/** What a device was denied is told for so long, ms: longer than somebody looks away. */
export const DENIED_MS = 10 * 60_000;
/** A skew is the least of this many delays: a message may wait on its way, but none comes before it was sent. */
const SKEW_SAMPLES = 8;

export type DeviceEvent =
  | { readonly kind: "birth"; readonly at: Millis; readonly reading: Readings["birth"] }
  | { readonly kind: "status"; readonly at: Millis; readonly reading: Readings["status"] }
  | { readonly kind: "heard"; readonly at: Millis }
  | { readonly kind: "duplicate"; readonly at: Millis }
  | { readonly kind: "refused"; readonly at: Millis; readonly reason: RefusalReason }
  /** It, or somebody in its name, wanted what it may not. `namesake`: two use its name. */
  | { readonly kind: "denied"; readonly at: Millis; readonly namesake: boolean }
  | { readonly kind: "credential"; readonly at: Millis; readonly credential: CredentialState }
  | {
      readonly kind: "stored";
      readonly at: Millis;
      readonly channel: SequencedChannel;
      readonly reading: Readings[SequencedChannel];
    };

export interface DeviceRecord {
  readonly id: Id;
  readonly room: RoomId;
  /** When the gateway began to listen for it. */
  readonly since: Millis;
  readonly connection: DeviceView["connection"];
  readonly credential: CredentialState;
  /** Of the present connection, as `birth` or `online` said. */
  readonly boot: Boot | null;
  readonly birth: Readings["birth"] | null;
  readonly health: Readings["health"] | null;
  readonly dropping: boolean;
  readonly clipped: boolean;
  readonly noiseLimited: boolean;
  readonly lastSeen: Millis | null;
  /** The newest reading: older ones come late from the outbox and tell nothing of the clock or of now. */
  readonly newest: { readonly boot: Boot; readonly seq: number } | null;
  /** Least delay in this run of samples and in the one before, ms. */
  readonly skew: { readonly now: number; readonly before: number; readonly samples: number } | null;
  readonly clockRefusedAt: Millis | null;
  readonly deniedAt: Millis | null;
  readonly namesakeAt: Millis | null;
  readonly received: number;
  readonly duplicates: number;
  readonly refused: number;
}

export const unknownDevice = (id: Id, room: RoomId, since: Millis): DeviceRecord => ({
  id,
  room,
  since,
  connection: "unknown",
  credential: "not-needed",
  boot: null,
  birth: null,
  health: null,
  dropping: false,
  clipped: false,
  noiseLimited: false,
  lastSeen: null,
  newest: null,
  skew: null,
  clockRefusedAt: null,
  deniedAt: null,
  namesakeAt: null,
  received: 0,
  duplicates: 0,
  refused: 0,
});

/** The same record when nothing follows from the event, such as the will of a boot that is not the present one. */
export function stepDevice(record: DeviceRecord, event: DeviceEvent): DeviceRecord {
  const lastSeen = Math.max(event.at, record.lastSeen ?? 0);
  switch (event.kind) {
    case "birth":
      return { ...record, lastSeen, birth: event.reading };
    case "status":
      return stepStatus(record, lastSeen, event.reading);
    case "heard":
      return { ...record, lastSeen };
    case "duplicate":
      return { ...record, lastSeen, duplicates: record.duplicates + 1 };
    case "refused": {
      const clock = event.reason === "clock-ahead" || event.reason === "clock-behind";
      return { ...record, refused: record.refused + 1, clockRefusedAt: clock ? event.at : record.clockRefusedAt };
    }
    case "denied":
      return { ...record, refused: record.refused + 1, [event.namesake ? "namesakeAt" : "deniedAt"]: event.at };
    case "credential":
      return { ...record, credential: event.credential };
    case "stored":
      return stepReading(record, event);
  }
}

/** A will is published when its connection is found dead, which may be after the device has come back as another boot. */
function stepStatus(record: DeviceRecord, lastSeen: Millis, { boot, status }: Readings["status"]): DeviceRecord {
  if (status === "online") return { ...record, lastSeen, connection: "online", boot };
  if (record.boot !== null && record.boot !== boot) return record;
  return { ...record, connection: "offline", boot };
}

function stepReading(record: DeviceRecord, event: Extract<DeviceEvent, { kind: "stored" }>): DeviceRecord {
  const { channel, reading, at } = event;
  const { boot, seq, t } = reading;
  const { newest } = record;
  const seen = { lastSeen: Math.max(at, record.lastSeen ?? 0), received: record.received + 1 };
  const late = newest !== null && (newest.boot === boot ? seq < newest.seq : record.boot !== boot);
  if (late) return { ...record, ...seen };
  const skew = stepSkew(record.skew, at - endOf(channel, t));
  return { ...record, ...seen, newest: { boot, seq }, skew, ...shownBy(record, channel, reading) };
}

/** What only one channel tells. */
function shownBy(
  { health: before }: DeviceRecord,
  channel: SequencedChannel,
  reading: Readings[SequencedChannel],
): Partial<DeviceRecord> {
  if (channel === "level") {
    const { clipped, noiseLimited } = reading as Readings["level"];
    return { clipped, noiseLimited };
  }
  if (channel !== "health") return {};
  const health = reading as Readings["health"];
  const known = before?.boot === health.boot ? before.dropped : 0;
  return { health, dropping: health.dropped > known };
}

/** A state speaks of one second. */
const windowS: Readonly<Record<SequencedChannel, number>> = {
  state: 1,
  level: LEVEL_WINDOW_S,
  stats: STATS_WINDOW_S,
  health: HEALTH_PERIOD_S,
};
const endOf = (channel: SequencedChannel, t: Millis): Millis => t + windowS[channel] * 1000;

function stepSkew(skew: DeviceRecord["skew"], delay: number): DeviceRecord["skew"] {
  if (!skew) return { now: delay, before: delay, samples: 1 };
  if (skew.samples === SKEW_SAMPLES) return { now: delay, before: skew.now, samples: 1 };
  return { now: Math.min(skew.now, delay), before: skew.before, samples: skew.samples + 1 };
}

export function deviceView(record: DeviceRecord, now: Millis): DeviceView {
  const { birth, health, skew } = record;
  return {
    id: record.id,
    room: record.room,
    connection: record.connection,
    credential: record.credential,
    mode: modeOf(health),
    lastSeen: record.lastSeen === null ? null : new Date(record.lastSeen).toISOString(),
    firmware: birth?.firmware ?? null,
    microphone: birth?.microphone ?? null,
    calibration: birth?.calibration ?? null,
    uptimeHours: health?.uptime ?? null,
    outbox: health?.outbox ?? null,
    dropped: health?.dropped ?? null,
    // No microphone is as quiet as 0 dBA: the device has not listened yet.
    micFloorDba: health?.micFloor || null,
    rssiDbm: health?.rssi ?? null,
    clockSkewMs: skew && Math.min(skew.now, skew.before),
    received: record.received,
    duplicates: record.duplicates,
    refused: record.refused,
    faults: faultsOf(record, now),
  };
}

function modeOf(health: DeviceRecord["health"]): DeviceView["mode"] {
  if (!health) return "unknown";
  if (health.muted) return "muted";
  return health.asleep ? "asleep" : "measuring";
}

function faultsOf(record: DeviceRecord, now: Millis): DeviceView["faults"] {
  const { connection, health, skew, lastSeen, since, clockRefusedAt, credential, deniedAt, namesakeAt } = record;
  const silent = now - (lastSeen ?? since) > SILENT_MS;
  const skewed = skew !== null && Math.abs(Math.min(skew.now, skew.before)) > CLOCK_FAULT_MS;
  const refused = clockRefusedAt !== null && now - clockRefusedAt <= SILENT_MS;
  const lately = (at: Millis | null) => at !== null && now - at <= DENIED_MS;
  const faults: [boolean, DeviceView["faults"][number]][] = [
    [connection === "offline", "offline"],
    [connection !== "offline" && silent, "silent"],
    [health?.muted === true, "muted"],
    [health?.tamper === true, "tamper"],
    [record.clipped, "clipped"],
    [record.noiseLimited, "noise-limited"],
    [record.dropping, "dropping"],
    [skewed || refused, "clock"],
    [credential === "none" || credential === "revoked", "no-credential"],
    [lately(deniedAt), "denied"],
    [lately(namesakeAt), "namesake"],
  ];
  return faults.filter(([is]) => is).map(([, fault]) => fault);
}
