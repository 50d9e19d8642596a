/**
 * The page's copy of what the gateway knows: a snapshot, then changes. Nothing is decided here; the gateway's words are
 * kept by id and go out as signals.
 */
import { batch, computed, signal } from "@preact/signals";
import type {
  AlertView,
  DeviceView,
  FreeRoomView,
  PairView,
  RoomView,
  StatusView,
  StreamEvent,
  StreamEvents,
} from "#protocol/api.ts";
import type { Snapshot } from "./api.ts";
import { roomOfSign } from "./door-sign.ts";

/** Silence of the stream after which nothing shown counts as present; the gateway's heartbeat comes every 15 s. */
export const SILENCE_LIMIT_MS = 20_000;
/** Resolved alerts are listed this long. */
const RECENT_MS = 24 * 3_600_000;
const RECENT_COUNT = 10;
/** A page may stay open for weeks; older resolved alerts are forgotten beyond this many. */
const RESOLVED_KEPT = 200;

/** Whether what is shown is what is so. */
export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "silent"; readonly sinceMs: number; readonly farewell: boolean };

export const isOpen = (alert: AlertView) => alert.state === "firing" || alert.state === "acknowledged";
type Silence = Extract<Link, { readonly kind: "silent" }>;
const time = (instant: string | null) => (instant === null ? 0 : Date.parse(instant));

/** An ordered pair of rooms by one name. Ids of rooms hold no arrow. */
export const pairKey = (from: string, to: string): string => `${from}→${to}`;
const idOf = ({ id }: { readonly id: string }) => id;
const keyOf = ({ from, to }: PairView) => pairKey(from, to);

/** What the stream has said wins over a snapshot that was asked for before it; what neither names is gone. */
function merge<T>(
  snapshot: readonly T[],
  present: ReadonlyMap<string, T>,
  told: ReadonlySet<string>,
  key: (item: T) => string,
): Map<string, T> {
  const merged = new Map(snapshot.map((item) => [key(item), item]));
  for (const [id, item] of present) if (told.has(id)) merged.set(id, item);
  return merged;
}

function forgetOldest(alerts: Map<string, AlertView>): Map<string, AlertView> {
  const resolved = [...alerts.values()].filter((alert) => alert.state === "resolved");
  resolved.sort((a, b) => time(b.resolvedAt) - time(a.resolvedAt));
  for (const { id } of resolved.slice(RESOLVED_KEPT)) alerts.delete(id);
  return alerts;
}

export function createStore(startMs: number) {
  const rooms = signal<ReadonlyMap<string, RoomView>>(new Map());
  const alerts = signal<ReadonlyMap<string, AlertView>>(new Map());
  const devices = signal<ReadonlyMap<string, DeviceView>>(new Map());
  const pairs = signal<ReadonlyMap<string, PairView>>(new Map());
  const status = signal<StatusView | null>(null);
  const loaded = signal(false);
  const heardMs = signal<number | null>(null);
  const farewell = signal(false);
  /** The silence that a stream has ended which has opened since; what is shown is from before it until the snapshot has come. */
  const before = signal<Silence | null>(null);
  const told = {
    room: new Set<string>(),
    sign: new Set<string>(),
    alert: new Set<string>(),
    device: new Set<string>(),
    pair: new Set<string>(),
  };

  const keep = {
    room: (room: RoomView) => {
      told.room.add(room.id);
      rooms.value = new Map(rooms.value).set(room.id, room);
    },
    /** Of a room that is told as such, which it is first, its sign is nothing new. */
    "free-room": (sign: FreeRoomView) => {
      if (told.room.has(sign.id)) return;
      told.sign.add(sign.id);
      rooms.value = new Map(rooms.value).set(sign.id, roomOfSign(sign));
    },
    alert: (alert: AlertView) => {
      told.alert.add(alert.id);
      alerts.value = forgetOldest(new Map(alerts.value).set(alert.id, alert));
    },
    device: (device: DeviceView) => {
      told.device.add(device.id);
      devices.value = new Map(devices.value).set(device.id, device);
    },
    pair: (pair: PairView) => {
      told.pair.add(keyOf(pair));
      pairs.value = new Map(pairs.value).set(keyOf(pair), pair);
    },
    status: (now: StatusView) => {
      status.value = now;
    },
    heartbeat: () => {},
    // What ends one stream alone is followed by the next.
    bye: ({ reason }) => {
      farewell.value = reason === "shutdown";
    },
  } satisfies { [E in StreamEvent]: (data: StreamEvents[E]) => void };

  const silence = (nowMs: number): Silence | null => {
    const sinceMs = heardMs.value ?? startMs;
    const isSilent = farewell.value || nowMs - sinceMs > SILENCE_LIMIT_MS;
    return isSilent ? { kind: "silent", sinceMs, farewell: farewell.value } : null;
  };

  return {
    rooms,
    alerts,
    devices,
    /** By `pairKey`. */
    pairs,
    /** How the gateway itself is; null: it does not say. */
    status,
    /** False until the first snapshot: nothing is known yet. */
    loaded,

    openAlerts: computed(() =>
      [...alerts.value.values()].filter(isOpen).sort((a, b) => time(b.firedAt) - time(a.firedAt)),
    ),

    /** Alerts that fired and ended in the last day, newest first. */
    recentAlerts: (nowMs: number) =>
      [...alerts.value.values()]
        .filter((alert) => alert.state === "resolved" && alert.firedAt !== null)
        .filter((alert) => time(alert.resolvedAt) > nowMs - RECENT_MS)
        .sort((a, b) => time(b.resolvedAt) - time(a.resolvedAt))
        .slice(0, RECENT_COUNT),

    link(nowMs: number): Link {
      return before.value ?? silence(nowMs) ?? { kind: loaded.value ? "live" : "connecting" };
    },

    /** Whoever looked is signed in no more: nothing of what they saw stays. */
    forget(): void {
      for (const ids of Object.values(told)) ids.clear();
      batch(() => {
        for (const views of [rooms, alerts, devices, pairs]) views.value = new Map();
        loaded.value = false;
        before.value = null;
      });
    },

    /**
     * A stream has opened: what it says from now on is newer than a snapshot asked for now. What ended during a silence is not
     * told by a stream, so that the silence lasts until the snapshot has come.
     */
    begin(atMs: number): void {
      for (const ids of Object.values(told)) ids.clear();
      batch(() => {
        if (loaded.value) before.value ??= silence(atMs);
        heardMs.value = atMs;
        farewell.value = false;
      });
    },

    replace(snapshot: Snapshot): void {
      batch(() => {
        rooms.value = merge(snapshot.rooms, rooms.value, told.room.union(told.sign), idOf);
        alerts.value = forgetOldest(merge(snapshot.alerts, alerts.value, told.alert, idOf));
        devices.value = merge(snapshot.devices, devices.value, told.device, idOf);
        pairs.value = merge(snapshot.pairs, pairs.value, told.pair, keyOf);
        loaded.value = true;
        before.value = null;
      });
    },

    tell<E extends StreamEvent>(event: E, data: StreamEvents[E], atMs: number): void {
      const hear: { [K in StreamEvent]: (data: StreamEvents[K]) => void } = keep;
      batch(() => {
        heardMs.value = atMs;
        hear[event](data);
      });
    },
  };
}

export type Store = ReturnType<typeof createStore>;
