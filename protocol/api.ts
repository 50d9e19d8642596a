/** Bodies of the HTTP API and events of its stream. Times are RFC 3339 UTC strings; levels carry their unit in their name. */
import { z } from "zod";
import { Id, RoomId } from "./quantities.ts";
import { RoomKind } from "./site.ts";

const Time = z.iso.datetime().describe("RFC 3339, UTC");

export const Conversation = z.enum(["on", "off", "unknown"]);
export type Conversation = z.infer<typeof Conversation>;
export const Privacy = z.enum(["private", "overheard", "unknown"]);
export type Privacy = z.infer<typeof Privacy>;

/** Why a room's state is unknown. */
export const UnknownReason = z.enum(["no-device", "offline", "no-data", "muted", "asleep", "starting", "silent-room"]);
export type UnknownReason = z.infer<typeof UnknownReason>;

export const Names = z.object({ da: z.string(), en: z.string() });

export const RoomView = z.object({
  id: RoomId,
  name: Names,
  kind: RoomKind,
  conversation: Conversation,
  occupied: z.boolean().nullable().describe("null: not known, or not told for this kind of room"),
  privacy: Privacy,
  since: Time.nullable().describe("when `conversation` took its present value"),
  reason: UnknownReason.nullable().describe("why `conversation` is unknown; null when it is known"),
  /** A conversation room that is measured, quiet and empty can be offered as the place to move to. */
  free: z.boolean().nullable().describe("conversation rooms: free now; null for other kinds or when not known"),
});
export type RoomView = z.infer<typeof RoomView>;

export const AlertRule = z.enum(["conversation-in-shared-office"]);
export type AlertRule = z.infer<typeof AlertRule>;
export const AlertState = z.enum(["pending", "firing", "acknowledged", "resolved"]);
export type AlertState = z.infer<typeof AlertState>;
export const Severity = z.enum(["info", "warning", "critical"]);
export type Severity = z.infer<typeof Severity>;
export const ResolveReason = z.enum(["conversation-ended", "room-unknown", "room-vacant", "never-fired"]);
export type ResolveReason = z.infer<typeof ResolveReason>;

export const AlertView = z.object({
  id: z.string(),
  rule: AlertRule,
  room: RoomId.nullable(),
  pair: z.tuple([RoomId, RoomId]).nullable(),
  state: AlertState,
  severity: Severity,
  startedAt: Time.describe("start of what the alert is about"),
  firedAt: Time.nullable(),
  acknowledgedAt: Time.nullable(),
  resolvedAt: Time.nullable(),
  reason: ResolveReason.nullable().describe("why it was resolved"),
  message: Names.describe("a room, a time and the nearest free private room; never a person"),
});
export type AlertView = z.infer<typeof AlertView>;

export const DeviceFault = z.enum([
  "offline",
  "silent",
  "muted",
  "tamper",
  "clipped",
  "noise-limited",
  "dropping",
  "clock",
]);
export const DeviceView = z.object({
  id: Id,
  room: RoomId,
  connection: z.enum(["online", "offline", "unknown"]),
  mode: z.enum(["measuring", "asleep", "muted", "unknown"]),
  lastSeen: Time.nullable(),
  firmware: z.string().nullable(),
  microphone: z.string().nullable(),
  calibration: z.object({ id: Id, date: z.string() }).nullable(),
  uptimeHours: z.number().nullable(),
  outbox: z.number().nullable().describe("messages waiting on the device"),
  dropped: z.number().nullable(),
  micFloorDba: z.number().nullable(),
  rssiDbm: z.number().nullable(),
  clockSkewMs: z.number().nullable().describe("arrival minus the end of the reading's window"),
  received: z.number().describe("readings stored since the gateway started"),
  duplicates: z.number(),
  refused: z.number(),
  faults: z.array(DeviceFault),
});
export type DeviceView = z.infer<typeof DeviceView>;

/** Every pair of rooms that a boundary joins; what leaks is not measured yet unless `state` says so. */
export const PairView = z.object({
  from: RoomId,
  to: RoomId,
  state: Privacy,
  reason: z.string().nullable(),
  snr: z.number().nullable().describe("SNR_uni at `to`, dB"),
  sii5: z.number().nullable(),
  spc: z.number().nullable().describe("dB"),
  ld: z.array(z.number().nullable()).length(5).nullable().describe("level difference in octaves 250–4000 Hz, dB"),
  confidence: z.number().nullable(),
});
export type PairView = z.infer<typeof PairView>;

export const Resolution = z.enum(["raw", "1m", "1h"]);
export type Resolution = z.infer<typeof Resolution>;

/** Columns, not rows; `null` is a gap. All columns have the length of `t`. */
export const HistoryView = z.object({
  room: RoomId,
  resolution: Resolution,
  from: Time,
  to: Time,
  stepMs: z.number().describe("distance of the points, ms"),
  t: z.array(z.number()).describe("start of each window, ms UTC"),
  laeqDba: z.array(z.number().nullable()).describe("energy mean"),
  lafmaxDba: z.array(z.number().nullable()),
  l90Dba: z.array(z.number().nullable()),
  speechRatio: z.array(z.number().nullable()),
  coverage: z.array(z.number()).describe("share of the window that was measured, 0–1"),
  conversations: z.array(z.object({ start: Time, end: Time.nullable() })),
});
export type HistoryView = z.infer<typeof HistoryView>;

export const ReportView = z.object({
  site: Id,
  siteName: Names,
  timeZone: z.string(),
  from: Time,
  to: Time,
  software: z.string(),
  rooms: z.array(
    z.object({
      id: RoomId,
      name: Names,
      kind: RoomKind,
      conversations: z.number().nullable(),
      minutes: z.number().nullable().describe("minutes in conversation; null: a silent room"),
      alerts: z.number(),
      coverage: z.number().nullable().describe("share of the opening hours that was measured, 0–1"),
    }),
  ),
  byKindAndHour: z.array(z.object({ kind: RoomKind, hour: z.int(), conversations: z.number(), minutes: z.number() })),
  sharedOffices: z.object({ conversations: z.number(), minutes: z.number(), longestMinutes: z.number() }),
  alerts: z.array(
    z.object({
      rule: AlertRule,
      fired: z.number(),
      minutes: z.number().describe("sum of how long they lasted"),
      medianMinutes: z.number().nullable(),
      longestMinutes: z.number().nullable(),
    }),
  ),
  coverage: z.object({ overall: z.number().nullable(), conclusive: z.boolean().describe("at least 90 % covered") }),
});
export type ReportView = z.infer<typeof ReportView>;

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What the stream says, by event name. A new stream begins with every room, open alert and device; then changes. */
export interface StreamEvents {
  room: RoomView;
  alert: AlertView;
  device: DeviceView;
  heartbeat: { at: string };
  bye: { reason: "shutdown" };
}
export type StreamEvent = keyof StreamEvents;
