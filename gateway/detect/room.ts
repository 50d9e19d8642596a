/** One room's step: what its devices say together, the episode that follows, and what their backlogs add. */
import type { UnknownReason } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import { type Backlog, closeBacklog, type Recovered, stepBacklog } from "./backlog.ts";
import { type DeviceState, newDevice, whyNotMeasuring } from "./device.ts";
import type { RoomFact, Situation } from "./facts.ts";
import { type RoomRule, STALE_MS } from "./rules.ts";
import { type Evidence, type Finished, stepTalk, type Talk } from "./talk.ts";

export interface RoomState {
  readonly devices: readonly DeviceState[];
  /** Per device, as `devices`. */
  readonly backlogs: readonly (Backlog | null)[];
  readonly situation: Situation;
  readonly talk: Talk;
  /** Latest finished episodes, in order of start; bounded. */
  readonly finished: readonly Finished[];
  /** Every wait that ended by then has been dealt with. */
  readonly settledAt: Millis;
}

export interface RoomStep {
  readonly room: RoomState;
  readonly facts: readonly RoomFact[];
}

/** How many finished episodes a backlog is compared with: three days of outage at ten conversations a day. */
const FINISHED_KEPT = 32;

export function newRoom(rule: RoomRule): RoomState {
  const reason: UnknownReason = rule.silent ? "silent-room" : rule.devices.length === 0 ? "no-device" : "starting";
  return {
    devices: rule.devices.map(newDevice),
    backlogs: rule.devices.map(() => null),
    situation: { room: rule.id, conversation: "unknown", reason, occupied: null, since: null },
    talk: { phase: "none" },
    finished: [],
    settledAt: 0,
  };
}

/** When the room changes by itself if nothing is heard; Infinity for never. */
export function roomDue(room: RoomState, startedAt: Millis): Millis {
  let due = Number.POSITIVE_INFINITY;
  const consider = (at: Millis) => {
    if (at > room.settledAt && at < due) due = at;
  };
  for (const { said } of room.devices) if (said !== null) consider(said.receivedAt + STALE_MS);
  for (const backlog of room.backlogs) if (backlog?.open) consider(backlog.quietAt);
  if (room.talk.phase === "suspended") consider(room.talk.until);
  if (room.situation.reason === "starting") consider(startedAt + STALE_MS);
  return due;
}

/** Lets time pass: everything that falls due up to and at `until`, in order. */
export function advanceRoom(rule: RoomRule, room: RoomState, until: Millis, startedAt: Millis): RoomStep {
  let facts: readonly RoomFact[] = [];
  for (let due = roomDue(room, startedAt); due <= until; due = roomDue(room, startedAt)) {
    const quieted = quietBacklogs(rule, room, due);
    const settled = settleRoom(rule, quieted.room, due, startedAt);
    facts = [...facts, ...quieted.facts, ...settled.facts];
    room = settled.room;
  }
  return { room, facts };
}

/** Puts what a device is now known to be, and draws the conclusions. */
export function putDevice(
  rule: RoomRule,
  room: RoomState,
  index: number,
  device: DeviceState,
  at: Millis,
  startedAt: Millis,
): RoomStep {
  return settleRoom(rule, { ...room, devices: room.devices.with(index, device) }, at, startedAt);
}

/** A state that came too late for the live steps. */
export function hearBacklog(
  rule: RoomRule,
  room: RoomState,
  index: number,
  reading: Readings["state"],
  at: Millis,
): RoomStep {
  const { backlog, recovered } = stepBacklog(room.backlogs[index]!, reading, at);
  return recover(rule, { ...room, backlogs: room.backlogs.with(index, backlog) }, recovered, at);
}

function quietBacklogs(rule: RoomRule, room: RoomState, at: Millis): RoomStep {
  let facts: readonly RoomFact[] = [];
  for (const [index, backlog] of room.backlogs.entries()) {
    if (!backlog?.open || at < backlog.quietAt) continue;
    const step = closeBacklog(backlog);
    const { room: next, facts: more } = recover(
      rule,
      { ...room, backlogs: room.backlogs.with(index, step.backlog) },
      step.recovered,
      at,
    );
    room = next;
    facts = [...facts, ...more];
  }
  return { room, facts };
}

/** What a backlog adds, cut where a later episode begins; nothing when the time is covered. */
function recover(rule: RoomRule, room: RoomState, found: Recovered | null, at: Millis): RoomStep {
  if (found === null || (room.talk.phase !== "none" && found.start >= room.talk.start)) return { room, facts: [] };
  const later = room.finished.find((episode) => episode.start > found.start);
  const limit = Math.min(later?.start ?? Infinity, room.talk.phase === "none" ? Infinity : room.talk.start);
  const end = Math.min(found.end, limit);
  const covered = room.finished.some(
    (e) => e.start <= found.start && (e.start === found.start ? e.end >= end : e.end > found.start),
  );
  if (covered || end <= found.start) return { room, facts: [] };
  const episode = { room: rule.id, start: found.start, end, hint: found.hint };
  return {
    room: { ...room, finished: keep(room.finished, { start: found.start, end, open: false }) },
    facts: [{ kind: "conversation-recovered", at, episode, occupied: found.occupied }],
  };
}

function keep(finished: readonly Finished[], one: Finished): readonly Finished[] {
  const others = finished.filter((episode) => episode.start !== one.start);
  return [...others, one].sort((a, b) => a.start - b.start).slice(-FINISHED_KEPT);
}

/** What follows at `at` from what the devices have said. A silent room has no conclusions. */
export function settleRoom(rule: RoomRule, room: RoomState, at: Millis, startedAt: Millis): RoomStep {
  const settledAt = Math.max(room.settledAt, at);
  if (rule.silent || rule.devices.length === 0) return { room: { ...room, settledAt }, facts: [] };
  const { evidence, reason, occupied } = weigh(room.devices, at, startedAt);
  const { talk, finished, facts } = stepTalk(rule.id, room.talk, room.finished.at(-1) ?? null, evidence, at);
  const situation = situationOf(room.situation, evidence, reason, occupied, talk, at);
  return {
    room: {
      ...room,
      settledAt,
      situation,
      talk,
      finished: finished === null ? room.finished : keep(room.finished, finished),
    },
    facts: situation === room.situation ? facts : [{ kind: "situation", at, situation }, ...facts],
  };
}

interface Weighed {
  readonly evidence: Evidence;
  readonly reason: UnknownReason | null;
  readonly occupied: boolean | null;
}

/** The reason told when devices have different ones: first what will pass, then what someone chose, then what failed. */
const reasonOrder: readonly UnknownReason[] = ["starting", "muted", "asleep", "offline", "stuck", "clipped", "no-data"];

/** On when any measuring device says on; off when one says off and none on; unknown otherwise, never off (PRIVACY §1.7). */
function weigh(devices: readonly DeviceState[], now: Millis, startedAt: Millis): Weighed {
  const reasons: UnknownReason[] = [];
  let evidence: Evidence = { conversation: "unknown" };
  let occupied: boolean | null = null;
  for (const device of devices) {
    const reason = whyNotMeasuring(device, now, startedAt);
    if (reason !== null) reasons.push(reason);
    else {
      evidence = stronger(evidence, device.said!);
      occupied = (occupied ?? false) || device.said!.occupied;
    }
  }
  const reason =
    evidence.conversation === "unknown" ? (reasonOrder.find((r) => reasons.includes(r)) ?? "no-data") : null;
  return { evidence, reason, occupied };
}

/** A conversation begins with the first device that hears it and ends with the last. */
function stronger(evidence: Evidence, said: NonNullable<DeviceState["said"]>): Evidence {
  if (evidence.conversation === "unknown" || (evidence.conversation === "off" && said.conversation === "on"))
    return said;
  if (evidence.conversation !== said.conversation) return evidence;
  const t = Math.max(evidence.t, said.t);
  if (evidence.conversation === "on") return { ...evidence, t, since: Math.min(evidence.since, said.since) };
  return { ...evidence, t, since: Math.max(evidence.since, said.since) };
}

function situationOf(
  before: Situation,
  evidence: Evidence,
  reason: UnknownReason | null,
  occupied: boolean | null,
  talk: Talk,
  at: Millis,
): Situation {
  const { conversation } = evidence;
  if (before.conversation === conversation && before.reason === reason && before.occupied === occupied) return before;
  const since = before.conversation === conversation && before.since !== null ? before.since : at;
  const started = talk.phase === "on" ? talk.start : since;
  return {
    room: before.room,
    conversation,
    reason,
    occupied,
    since:
      conversation === "on"
        ? started
        : conversation === "off" && before.conversation !== "off"
          ? evidence.since
          : since,
  };
}
