/** What the gateway may say of a room, a pair and an alert; a test names only what matters to it. */
import type { AlertView, PairView, RoomView } from "#protocol/api.ts";

export const START = Date.parse("2026-11-20T09:00:00Z");

export const roomView = (id: string, more: Partial<RoomView> = {}): RoomView => ({
  id,
  name: { da: id, en: id },
  kind: "shared-office",
  conversation: "off",
  occupied: null,
  privacy: "private",
  privacyReason: null,
  since: null,
  reason: null,
  free: null,
  ...more,
});

export const pairView = (from: string, to: string, more: Partial<PairView> = {}): PairView => ({
  from,
  to,
  boundary: { kind: "door", rw: 30 },
  state: "private",
  reason: null,
  reasonRoom: null,
  link: null,
  hearing: null,
  snr: null,
  sii5: null,
  probability: null,
  ld: null,
  ldSigma: null,
  ldLimited: null,
  spc: null,
  spcSigma: null,
  spcLimited: false,
  spcClass: null,
  confidence: null,
  episodes: 0,
  learnedAt: null,
  dropDb: null,
  ...more,
});

export const alertView = (id: string, more: Partial<AlertView> = {}): AlertView => ({
  id,
  rule: "conversation-in-shared-office",
  room: "K1",
  pair: null,
  state: "firing",
  severity: "warning",
  startedAt: new Date(START).toISOString(),
  firedAt: null,
  acknowledgedAt: null,
  resolvedAt: null,
  reason: null,
  hearing: null,
  dropDb: null,
  message: { da: "", en: "" },
  ...more,
});
