/** Makes `Live`: the present views in memory, and the last events in a ring for readers that come back. */
import type { DeviceView, RoomView, StreamEvent, StreamEvents } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { Alert } from "../alerts/alert.ts";
import type { Situation } from "../detect/facts.ts";
import { alertView } from "./alert-view.ts";
import type { Live, LiveEvent } from "./live.ts";
import { roomView } from "./room-view.ts";

export interface LiveViews extends Live {
  /** What is known to begin with, after a start: nothing of it is an event. */
  begin(situations: readonly Situation[], openAlerts: readonly Alert[]): void;
  situation(situation: Situation): void;
  /** An alert after one of its transitions; told from when it fires. */
  alert(alert: Alert): void;
  device(view: DeviceView): void;
}

export interface LiveViewsOptions {
  readonly site: Site;
  readonly startedAt: Millis;
  /** The devices as they are when asked; their changes come through `device`. */
  readonly devices: () => readonly DeviceView[];
  /** How many events are kept. */
  readonly keep?: number;
}

export function createLiveViews({ site, startedAt, devices, keep = 4096 }: LiveViewsOptions): LiveViews {
  const situations = new Map<RoomId, Situation>();
  const alerts = new Map<string, Alert>();
  const listeners = new Set<(event: LiveEvent) => void>();
  const first = startedAt * 1000;
  let last = first;
  let events: LiveEvent[] = [];

  const situationOf = (id: RoomId): Situation =>
    situations.get(id) ?? { room: id, conversation: "unknown", reason: "starting", occupied: null, since: null };
  const isOverheard = (id: RoomId) =>
    alerts.values().some((alert) => alert.room === id && (alert.state === "firing" || alert.state === "acknowledged"));
  const view = (id: RoomId): RoomView | undefined => {
    const room = site.rooms.find((one) => one.id === id);
    return room && roomView(room, situationOf(id), isOverheard(id));
  };
  const rooms = () => site.rooms.map((room) => roomView(room, situationOf(room.id), isOverheard(room.id)));

  function tell<E extends StreamEvent>(event: E, data: StreamEvents[E]): void {
    const told: LiveEvent<E> = { id: ++last, event, data };
    events.push(told);
    if (events.length >= 2 * keep) events = events.slice(-keep);
    for (const listener of listeners) listener(told);
  }

  /** Puts what has changed and tells the room, if it looks different now. */
  function changing(id: RoomId | null, change: () => void): void {
    const before = id === null ? undefined : JSON.stringify(view(id));
    change();
    const after = id === null ? undefined : view(id);
    if (after !== undefined && JSON.stringify(after) !== before) tell("room", after);
  }

  return {
    begin(known, open) {
      for (const situation of known) situations.set(situation.room, situation);
      for (const alert of open) if (alert.firedAt !== null) alerts.set(alert.id, alert);
    },
    situation: (situation) => changing(situation.room, () => situations.set(situation.room, situation)),
    alert(alert) {
      // What has not been raised yet, or ended before it was, is nobody's news.
      if (alert.firedAt === null) return;
      changing(alert.room, () => (alert.state === "resolved" ? alerts.delete(alert.id) : alerts.set(alert.id, alert)));
      tell("alert", alertView(alert, site, rooms()));
    },
    device: (device) => tell("device", device),

    rooms,
    devices,
    openAlerts: () => [...alerts.values()].map((alert) => alertView(alert, site, rooms())),
    after(id) {
      const oldest = last - Math.min(events.length, keep);
      return id < oldest || id > last ? undefined : id === last ? [] : events.slice(id - last);
    },
    lastId: () => last,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
