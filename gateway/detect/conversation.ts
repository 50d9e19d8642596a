/**
 * Conversation per room, from what the devices say: `step(state, input, rules) → { state, facts }`.
 *
 * Inputs come in order of arrival (`at`), and time passes only through them: before an input is heard, every wait that
 * ended by its `at` is dealt with, dated at its own end. The outcome is the same however often a tick comes between.
 */
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import {
  type HealthWord,
  hearHealth,
  hearLevel,
  hearState,
  hearStatus,
  isImpaired,
  isSuspicious,
  type LevelWord,
  newDevice,
  timeliness,
} from "./device.ts";
import type { RoomFact, Situation } from "./facts.ts";
import {
  advanceRoom,
  hearBacklog,
  newRoom,
  putDevice,
  type RoomState,
  type RoomStep,
  roomDue,
  settleRoom,
} from "./room.ts";
import { type DetectRules, HISTORICAL_AFTER_MS } from "./rules.ts";

/** Plain JSON, and so is everything in it. */
export interface DetectState {
  readonly version: 1;
  /** Latest time that came with an input. */
  readonly now: Millis;
  /** When this gateway began to listen: what was not heard before is no silence of the device. */
  readonly startedAt: Millis;
  /** Nothing happens by itself before this. */
  readonly due: Millis | null;
  /** As the rules' rooms. */
  readonly rooms: readonly RoomState[];
  /** Live readings that others of the same device overtook, and readings too old to act on. */
  readonly late: number;
  readonly historical: number;
}

export type DetectInput =
  | { readonly kind: "state"; readonly at: Millis; readonly device: Id; readonly reading: Readings["state"] }
  | { readonly kind: "health"; readonly at: Millis; readonly device: Id; readonly reading: HealthWord }
  | { readonly kind: "level"; readonly at: Millis; readonly device: Id; readonly reading: LevelWord }
  | {
      readonly kind: "status";
      readonly at: Millis;
      readonly device: Id;
      readonly boot: Boot;
      readonly status: "online" | "offline";
    }
  /** The gateway begins to listen, anew or again. */
  | { readonly kind: "start"; readonly at: Millis }
  | { readonly kind: "tick"; readonly at: Millis };

export interface DetectStep {
  readonly state: DetectState;
  readonly facts: readonly RoomFact[];
}

const NONE: readonly RoomFact[] = [];

export const initialDetect = (rules: DetectRules): DetectState => ({
  version: 1,
  now: 0,
  startedAt: 0,
  due: null,
  rooms: rules.rooms.map(newRoom),
  late: 0,
  historical: 0,
});

export function step(state: DetectState, input: DetectInput, rules: DetectRules): DetectStep {
  // The first input ever is a start as well.
  if (state.now === 0 && input.kind !== "start") state = begin(state, input.at, rules).state;
  if (input.kind === "start") return begin(state, input.at, rules);
  const passed = pass(state, input.at, rules);
  if (input.kind === "tick") return passed;
  const heard = hear(passed.state, input, rules);
  return passed.facts.length === 0 ? heard : { state: heard.state, facts: [...passed.facts, ...heard.facts] };
}

/** Most windows of levels say nothing of the microphone; whoever has many asks before it makes an input of one. */
export function concerns(state: DetectState, device: Id, level: LevelWord, rules: DetectRules): boolean {
  const place = rules.places.get(device);
  if (place === undefined) return false;
  const known = state.rooms[place.room]!.devices[place.device];
  return isSuspicious(level) || (known !== undefined && isImpaired(known));
}

/** What is known of every room now. */
export const situations = (state: DetectState): readonly Situation[] => state.rooms.map((room) => room.situation);

/** Lets time pass up to `at`; without anything due this costs a comparison. */
function pass(state: DetectState, at: Millis, rules: DetectRules): DetectStep {
  if (at <= state.now) return { state, facts: NONE };
  if (state.due === null || at < state.due) return { state: { ...state, now: at }, facts: NONE };
  const steps = state.rooms.map((room, i) => advanceRoom(rules.rooms[i]!, room, at, state.startedAt));
  const rooms = steps.map((s) => s.room);
  const facts = steps.flatMap((s) => s.facts).sort((a, b) => a.at - b.at);
  return { state: { ...state, now: at, rooms, due: earliest(rooms, state.startedAt) }, facts };
}

function earliest(rooms: readonly RoomState[], startedAt: Millis): Millis | null {
  const due = Math.min(...rooms.map((room) => roomDue(room, startedAt)));
  return Number.isFinite(due) ? due : null;
}

/**
 * The time in which nobody listened proves nothing, so it is not passed through. Rooms whose last word is too old are
 * not known yet, rather than lost: their devices are given time to speak, and open episodes their grace.
 */
function begin(state: DetectState, start: Millis, rules: DetectRules): DetectStep {
  const at = Math.max(start, state.now);
  const steps = state.rooms.map((room, i) => settleRoom(rules.rooms[i]!, resumed(room), at, at));
  const rooms = steps.map((s) => s.room);
  const facts = steps.flatMap((s) => s.facts);
  return { state: { ...state, now: at, startedAt: at, rooms, due: earliest(rooms, at) }, facts };
}

/** An open episode is held for its grace from now on, not from when the gateway stopped listening. */
function resumed(room: RoomState): RoomState {
  if (room.talk.phase !== "suspended") return room;
  const { start, hint, knownOn } = room.talk;
  return { ...room, talk: { phase: "on", start, hint, knownOn } };
}

type Heard = Exclude<DetectInput, { kind: "start" | "tick" }>;

function hear(state: DetectState, input: Heard, rules: DetectRules): DetectStep {
  const place = rules.places.get(input.device);
  if (place === undefined) return { state, facts: NONE };
  const rule = rules.rooms[place.room]!;
  if (rule.silent) return { state, facts: NONE };
  const room = state.rooms[place.room]!;
  const device = room.devices[place.device] ?? newDevice(input.device);
  const put = (next: typeof device) =>
    into(state, place.room, putDevice(rule, room, place.device, next, state.now, state.startedAt));
  if (input.kind === "status") return put(hearStatus(device, input.boot, input.status, input.at));

  if (input.kind === "level")
    return input.at - input.reading.t > HISTORICAL_AFTER_MS
      ? { state, facts: NONE }
      : put(hearLevel(device, input.reading));

  const newest = input.kind === "state" ? (device.said?.t ?? null) : device.healthAt;
  const when = timeliness(device, input.reading, input.at, newest);
  if (when === "live")
    return put(
      input.kind === "state" ? hearState(device, input.reading, input.at) : hearHealth(device, input.reading, input.at),
    );
  const counted = { ...state, [when]: state[when] + 1 };
  if (input.kind === "health") return { state: counted, facts: NONE };
  return into(counted, place.room, hearBacklog(rule, room, place.device, input.reading, state.now));
}

function into(state: DetectState, index: number, { room, facts }: RoomStep): DetectStep {
  const due = Math.min(state.due ?? Number.POSITIVE_INFINITY, roomDue(room, state.startedAt));
  return {
    state: { ...state, rooms: state.rooms.with(index, room), due: Number.isFinite(due) ? due : null },
    facts,
  };
}
