/** A job centre on a weekday, as the API would tell it: every state a page can be in, at times relative to `now`. */
import type { AlertView, DeviceView, HistoryView, ReportView, Resolution, RoomView } from "#protocol/api.ts";
import { energyOf, levelOf } from "#protocol/decibel.ts";
import type { Room } from "#protocol/site.ts";
import { pairComparisons, pairReports } from "./recorded-pairs.ts";
import { iso, site } from "./recorded-site.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const quiet = {
  conversation: "off",
  privacy: "unknown",
  privacyReason: "nobody-talks",
  reason: null,
  occupied: null,
  free: null,
} as const;
const isPrivate = { privacy: "private", privacyReason: null } as const;
const isOverheard = { privacy: "overheard", privacyReason: null } as const;
const unknown = { conversation: "unknown", privacy: "unknown", occupied: null, free: null } as const;

/** What differs from a quiet room. */
const states: Readonly<Record<string, Partial<RoomView> & { minutes?: number }>> = {
  K1: { ...isOverheard, conversation: "on", minutes: 3 },
  K2: { minutes: 24 },
  K3: { conversation: "on", privacyReason: "uncertain", minutes: 0.4 },
  K4: { ...unknown, reason: "muted", privacyReason: "muted" },
  K5: { ...isPrivate, minutes: 95 },
  K6: { ...unknown, reason: "silent-room", privacyReason: "silent-room" },
  S1: { ...isOverheard, conversation: "on", free: false, minutes: 12 },
  S2: { free: true, minutes: 41 },
  S3: { ...unknown, reason: "offline", privacyReason: "offline" },
  S4: { ...isPrivate, free: true, minutes: 7 },
  S5: { ...isPrivate, conversation: "on", free: false, minutes: 26 },
  V1: { conversation: "on", privacyReason: "common-source", minutes: 2 },
  G1: { minutes: 9 },
};

export const roomView = (room: Room, now: number): RoomView => {
  const { minutes, ...state } = states[room.id] ?? {};
  const since = minutes === undefined ? null : iso(now - minutes * MINUTE);
  return { id: room.id, name: room.name, kind: room.kind, since, ...quiet, ...state };
};

export const alertView = (
  room: string,
  state: AlertView["state"],
  startMs: number,
  more: Partial<AlertView> = {},
): AlertView => ({
  id: `conversation-in-shared-office:${room}:${startMs}`,
  rule: "conversation-in-shared-office",
  room,
  pair: null,
  state,
  severity: "warning",
  startedAt: iso(startMs),
  firedAt: state === "pending" || more.reason === "never-fired" ? null : iso(startMs + MINUTE),
  acknowledgedAt: null,
  resolvedAt: null,
  reason: null,
  hearing: null,
  dropDb: null,
  message: { da: `Samtale i ${room}`, en: `Conversation in ${room}` },
  ...more,
});

const ended = (room: string, startMs: number, minutes: number, reason: AlertView["reason"]) =>
  alertView(room, "resolved", startMs, { resolvedAt: iso(startMs + minutes * MINUTE), reason });

const pairAlert = (
  rule: "overheard" | "privacy-degraded",
  pair: [string, string],
  startMs: number,
  more: Partial<AlertView>,
): AlertView => ({
  ...alertView(pair[0], "firing", startMs, { rule, pair, firedAt: iso(startMs + MINUTE), ...more }),
  id: `${rule}:${pair.join(":")}:${startMs}`,
});

export const alertViews = (now: number): AlertView[] => [
  pairAlert("overheard", ["S1", "G1"], now - 2 * MINUTE, { severity: "critical", hearing: "intelligible" }),
  pairAlert("privacy-degraded", ["S2", "G1"], now - 2 * HOUR, { severity: "info", dropDb: 6.3 }),
  pairAlert("overheard", ["K2", "G1"], now - 90 * MINUTE, {
    state: "resolved",
    resolvedAt: iso(now - 84 * MINUTE),
    reason: "no-longer-heard",
    hearing: "partly",
  }),
  alertView("K1", "firing", now - 3 * MINUTE),
  alertView("K3", "pending", now - 24 * SECOND),
  ended("K2", now - 52 * MINUTE, 9, "conversation-ended"),
  ended("K5", now - 3 * HOUR, 31, "conversation-ended"),
  ended("K4", now - 4 * HOUR, 4, "room-unknown"),
  ended("K3", now - 5 * HOUR, 0.7, "never-fired"),
];

const healthy = (id: string, room: string, now: number): DeviceView => ({
  id,
  room,
  connection: "online",
  credential: "not-needed",
  mode: "measuring",
  lastSeen: iso(now - 4 * SECOND),
  firmware: "0.1.0",
  microphone: "ics-43434",
  calibration: { id: "c-2026-09", date: "2026-09-14" },
  uptimeHours: 212,
  outbox: 0,
  dropped: 0,
  micFloorDba: 29.5,
  rssiDbm: -60,
  clockSkewMs: 85,
  received: 41_230,
  duplicates: 3,
  refused: 0,
  faults: [],
});

const troubled: Readonly<Record<string, (now: number) => Partial<DeviceView>>> = {
  k4: () => ({ mode: "muted", faults: ["muted"] }),
  s3: (now) => ({ connection: "offline", lastSeen: iso(now - 26 * MINUTE), outbox: null, faults: ["offline"] }),
  s5: () => ({ clockSkewMs: 7400, dropped: 112, outbox: 310, faults: ["dropping", "clock"] }),
};

export const deviceViews = (now: number): DeviceView[] =>
  site.devices.map(({ id, room }) => ({ ...healthy(id, room, now), ...troubled[id]?.(now) }));

export const stepMs: Readonly<Record<Resolution, number>> = { raw: 10 * SECOND, "1m": MINUTE, "1h": HOUR };

/** Where the recorded history has no measurement: from 55 % to 65 % of the period. */
export const gap = { from: 0.55, until: 0.65 };

/** Levels with two conversations, and a gap. */
export function historyView(room: string, from: number, to: number, resolution: Resolution): HistoryView {
  const step = stepMs[resolution];
  const count = Math.floor((to - from) / step);
  const at = (i: number) => i / count;
  const talks = [
    [0.12, 0.3],
    [0.72, 0.86],
  ] as const;
  const talking = (x: number) => talks.some(([start, end]) => x >= start && x < end);
  const missing = (x: number) => x >= gap.from && x < gap.until;
  const column = (value: (i: number) => number) =>
    Array.from({ length: count }, (_, i) => (missing(at(i)) ? null : Math.round(10 * value(i)) / 10));
  const sway = (i: number) => 1.6 * Math.sin(i / 3) + 1.1 * Math.sin(i / 7.3);
  const laeq = (i: number) => levelOf(energyOf(36 + sway(i)) + (talking(at(i)) ? energyOf(55 + sway(i)) : 0));
  const instant = (x: number) => iso(from + Math.round(x * count) * step);
  return {
    room,
    resolution,
    from: iso(from),
    to: iso(from + count * step),
    stepMs: step,
    t: Array.from({ length: count }, (_, i) => from + i * step),
    laeqDba: column(laeq),
    lafmaxDba: column((i) => laeq(i) + 7 + sway(i + 5)),
    l90Dba: column((i) => 33 + sway(i) / 3),
    speechRatio: column((i) => (talking(at(i)) ? 0.7 + sway(i) / 10 : 0)).map((v) =>
      v === null ? null : Math.min(1, v),
    ),
    coverage: Array.from({ length: count }, (_, i) => (missing(at(i)) ? 0 : 1)),
    conversations: talks.map(([start, end]) => ({ start: instant(start), end: instant(end) })),
    conversationsFrom: null,
    suppressed: null,
    daily: null,
    profile: null,
  };
}

export const reportView = (from: string, to: string, compared: { from: string; to: string } | null): ReportView => ({
  site: site.site,
  siteName: site.name,
  timeZone: site.timeZone,
  reach: "all",
  from,
  to,
  software: "fortrolig 0.1.0",
  rooms: [],
  groups: [],
  byKindAndHour: [],
  hoursOf: null,
  hoursSuppressed: null,
  sharedOffices: { conversations: 61, minutes: 412, longestMinutes: 34 },
  alerts: [{ rule: "conversation-in-shared-office", fired: 48, minutes: 371, medianMinutes: 6, longestMinutes: 33 }],
  coverage: { overall: 0.86, conclusive: false },
  pairs: pairReports(),
  comparison: compared && { ...compared, pairs: pairComparisons() },
});
