/** Makes `Live`: the present views in memory, and the last events in a ring for readers that come back. */
import type { DeviceView, PairView, RoomView, StatusView, StreamEvent, StreamEvents } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Room, Site } from "#protocol/site.ts";
import { type Alert, pairName } from "../alerts/alert.ts";
import type { Situation } from "../detect/facts.ts";
import type { PairKnowledge, PairSituation } from "../detect/leakage/facts.ts";
import { leakageRules } from "../detect/leakage/rules.ts";
import { alertView } from "./alert-view.ts";
import type { Live, LiveEvent } from "./live.ts";
import { pairView, type SitePair } from "./pair-view.ts";
import { roomView, tellsOverhearing } from "./room-view.ts";

/** What is known of a pair to begin with. */
export interface KnownPair {
  readonly situation: PairSituation;
  readonly knowledge: PairKnowledge;
}

export interface LiveViews extends Live {
  /** What is known to begin with, after a start: nothing of it is an event. */
  begin(situations: readonly Situation[], openAlerts: readonly Alert[], pairs?: readonly KnownPair[]): void;
  situation(situation: Situation): void;
  pair(situation: PairSituation): void;
  knowledge(knowledge: PairKnowledge): void;
  /** An alert after one of its transitions, or after it got worse; told from when it fires. */
  alert(alert: Alert): void;
  device(view: DeviceView): void;
  /** How the gateway itself is; who asks for it asks its owners. */
  status(view: StatusView): void;
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
  const pairs = new Map(sitePairs(site).map((pair) => [pairName(pair.from.id, pair.to.id), newPair(pair)]));
  const namesFrom = Map.groupBy(pairs.keys(), (name) => pairs.get(name)!.situation.from);
  const alerts = new Map<string, Alert>();
  const alertsIn = new Map<RoomId, Map<string, Alert>>();
  const listeners = new Set<(event: LiveEvent) => void>();
  const first = startedAt * 1000;
  let last = first;
  let events: LiveEvent[] = [];

  const situationOf = (id: RoomId): Situation =>
    situations.get(id) ?? { room: id, conversation: "unknown", reason: "starting", occupied: null, since: null };
  const isOverheard = (id: RoomId) => alertsIn.get(id)?.values().some(tellsOverhearing) === true;
  const pairsFrom = (id: RoomId) => (namesFrom.get(id) ?? []).map((name) => pairs.get(name)!.situation);
  const viewOf = (room: Room): RoomView =>
    roomView(room, situationOf(room.id), isOverheard(room.id), pairsFrom(room.id));
  /** Made when something of a room changes, not for each that asks: a house may have thousands. */
  const views = new Map(site.rooms.map((room) => [room.id, viewOf(room)]));
  const roomOf = new Map(site.rooms.map((room) => [room.id, room]));
  const rooms = () => [...views.values()];
  const free = { has: (id: RoomId) => views.get(id)?.free === true };

  function put(alert: Alert): void {
    alerts.set(alert.id, alert);
    if (alert.room === null) return;
    const there = alertsIn.get(alert.room) ?? new Map();
    alertsIn.set(alert.room, there.set(alert.id, alert));
  }

  function remove({ id, room }: Alert): void {
    alerts.delete(id);
    if (room !== null) alertsIn.get(room)?.delete(id);
  }

  function tell<E extends StreamEvent>(event: E, data: StreamEvents[E]): void {
    const told: LiveEvent<E> = { id: ++last, event, data };
    events.push(told);
    if (events.length >= 2 * keep) events = events.slice(-keep);
    for (const listener of listeners) listener(told);
  }

  /** Puts what has changed and tells the room, if it looks different now. */
  function changing(id: RoomId | null, change: () => void): void {
    change();
    const room = id === null ? undefined : roomOf.get(id);
    if (room === undefined) return;
    const before = views.get(room.id);
    const after = viewOf(room);
    views.set(room.id, after);
    if (JSON.stringify(after) !== JSON.stringify(before)) tell("room", after);
  }

  /** Tells the pair, if it looks different now. Pairs that the site does not have are let pass. */
  function changingPair({ from, to }: { from: RoomId; to: RoomId }, change: Partial<LivePair>): void {
    const name = pairName(from, to);
    const before = pairs.get(name);
    if (before === undefined) return;
    const after = viewed({ ...before, ...change });
    pairs.set(name, after);
    if (JSON.stringify(after.view) !== JSON.stringify(before.view)) tell("pair", after.view);
  }

  return {
    begin(known, open, knownPairs = []) {
      for (const situation of known) situations.set(situation.room, situation);
      for (const alert of open) if (alert.firedAt !== null) put(alert);
      for (const { situation, knowledge } of knownPairs) {
        const name = pairName(situation.from, situation.to);
        const pair = pairs.get(name);
        if (pair !== undefined) pairs.set(name, viewed({ ...pair, situation, knowledge }));
      }
      for (const room of site.rooms) views.set(room.id, viewOf(room));
    },
    situation: (situation) => changing(situation.room, () => situations.set(situation.room, situation)),
    pair: (situation) => changing(situation.from, () => changingPair(situation, { situation })),
    knowledge: (knowledge) => changingPair(knowledge, { knowledge }),
    alert(alert) {
      // What has not been raised yet, or ended before it was, is nobody's news.
      if (alert.firedAt === null) return;
      changing(alert.room, () => (alert.state === "resolved" ? remove(alert) : put(alert)));
      tell("alert", alertView(alert, site, free));
    },
    device: (device) => tell("device", device),
    status: (status) => tell("status", status),

    rooms,
    devices,
    pairs: () => [...pairs.values()].map((pair) => pair.view),
    openAlerts: () => [...alerts.values()].map((alert) => alertView(alert, site, free)),
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

interface LivePair {
  readonly pair: SitePair;
  readonly situation: PairSituation;
  readonly knowledge?: PairKnowledge | undefined;
  readonly view: PairView;
}

const sitePairs = (site: Site): SitePair[] =>
  leakageRules(site).pairs.map(({ from, to, boundary }) => ({
    from: site.rooms[from]!,
    to: site.rooms[to]!,
    boundary,
  }));

function newPair(pair: SitePair): LivePair {
  const situation: PairSituation = {
    from: pair.from.id,
    to: pair.to.id,
    state: "unknown",
    reason: "starting",
    reasonRoom: null,
    link: null,
    audibility: null,
  };
  return viewed({ pair, situation });
}

const viewed = (pair: Omit<LivePair, "view">): LivePair => ({
  ...pair,
  view: pairView(pair.pair, pair.situation, pair.knowledge),
});
