/** What is said of an ordered pair of rooms, as values: what is so now, and what is known of the boundary. */
import type { AlertView, Hearing, PairReason, PairView, Privacy, RoomView, SpcClass } from "#protocol/api.ts";
import { isShared, isSilent } from "./room-state.ts";

export interface PairSign {
  readonly state: Privacy | "not-shown";
  /** Why the state is unknown, and the room whose sensor is the reason. */
  readonly reason: PairReason | "stale" | null;
  readonly reasonRoom: string | null;
}

/** Whether one person's talk would show: what happens now is not told of such a pair, only what its boundary does. */
export const isBuildingFactOnly = (pair: PairView, rooms: ReadonlyMap<string, RoomView>): boolean => {
  const from = rooms.get(pair.from);
  return pair.reason === "silent-room" || (from !== undefined && isSilent(from));
};

/** What is so now. When the connection is lost nothing counts as private, nor as overheard, any more. */
export function pairSign(pair: PairView, rooms: ReadonlyMap<string, RoomView>, live: boolean): PairSign {
  if (isBuildingFactOnly(pair, rooms)) return { state: "not-shown", reason: null, reasonRoom: null };
  if (pair.reason === "not-told") return { state: "not-shown", reason: "not-told", reasonRoom: null };
  if (!live) return { state: "unknown", reason: "stale", reasonRoom: null };
  const { state, reason, reasonRoom } = pair;
  return state === "unknown"
    ? { state, reason: reason ?? "no-data", reasonRoom }
    : { state, reason: null, reasonRoom: null };
}

/** The class of a boundary. A lower bound below the lowest class tells nothing: what is not known to leak may not leak. */
export type Leak = SpcClass | "unknown";

interface Spc {
  readonly spc: number | null;
  readonly spcLimited: boolean;
  readonly spcClass: SpcClass | null;
}

export const leakOf = ({ spc, spcLimited, spcClass }: Spc): Leak =>
  spc === null || spcClass === null || (spcLimited && spcClass === "below-minimal") ? "unknown" : spcClass;

/** Of a normal distribution, in standard deviations. */
export const Z95 = 1.96;

/** What becomes of an ordinary conversation on its way through. */
export type Voice = "followed" | "words" | "audible" | "inaudible" | "not-understood" | "unknown";

/**
 * A normal voice in a small furnished room, mean of its third octaves, dB; and SNR_uni above which it can be followed, single
 * words be made out, the voice be heard (ACOUSTICS §3.3). SNR_uni is the voice minus SPC.
 */
const NORMAL_VOICE_DB = 51.7;
const voices = [
  ["followed", -12],
  ["words", -16],
  ["audible", -22],
] as const satisfies readonly (readonly [Voice, number])[];

const voiceAt = (spc: number): Voice => voices.find(([, snr]) => NORMAL_VOICE_DB - spc > snr)?.[0] ?? "inaudible";

/** `sure`: the same holds at both ends of the interval of 95 %. A lower bound says only what cannot be worse. */
export function voiceThrough({ spc, spcSigma, spcLimited }: Pick<PairView, "spc" | "spcSigma" | "spcLimited">): {
  readonly voice: Voice;
  readonly sure: boolean;
} {
  if (spc === null) return { voice: "unknown", sure: true };
  const voice = voiceAt(spc);
  if (spcLimited) {
    if (voice === "inaudible") return { voice, sure: true };
    return { voice: voice === "audible" ? "not-understood" : "unknown", sure: true };
  }
  const margin = Z95 * (spcSigma ?? 0);
  return { voice, sure: voiceAt(spc - margin) === voiceAt(spc + margin) };
}

/** Where a room's talk can be heard, worst first, and what of it. */
export interface HeardIn {
  readonly room: string;
  readonly hearing: Hearing | null;
}

export interface RoomPrivacy {
  readonly state: Privacy;
  readonly reason: PairReason | "stale" | null;
  /** By those who are in the room itself: a conversation in a shared office. */
  readonly heardHere: boolean;
  readonly heardIn: readonly HeardIn[];
}

const severity: readonly (Hearing | null)[] = [
  null,
  "inaudible",
  "audible",
  "words",
  "partly",
  "intelligible",
  "clearly",
];
const worse = (a: Hearing | null, b: Hearing | null) => severity.indexOf(b) - severity.indexOf(a);

function heardFrom(room: string, pairs: Iterable<PairView>, alerts: readonly AlertView[]): HeardIn[] {
  const now = [...pairs]
    .filter((pair) => pair.from === room && pair.state === "overheard")
    .map(({ to, hearing }): HeardIn => ({ room: to, hearing }));
  const told = alerts
    .filter(({ rule, pair }) => rule === "overheard" && pair?.[0] === room)
    .map(({ pair, hearing }): HeardIn => ({ room: pair![1], hearing }))
    .filter((alert) => now.every((pair) => pair.room !== alert.room));
  return [...now, ...told].sort((a, b) => worse(a.hearing, b.hearing));
}

/** Three-valued, for a room that is shown. `alerts` are the open ones. */
export function privacyOf(
  room: RoomView,
  pairs: Iterable<PairView>,
  alerts: readonly AlertView[],
  live: boolean,
): RoomPrivacy {
  const nowhere = { heardHere: false, heardIn: [] };
  if (!live) return { state: "unknown", reason: "stale", ...nowhere };
  if (room.privacy === "private") return { state: "private", reason: null, ...nowhere };
  if (room.privacy === "unknown")
    return { state: "unknown", reason: room.privacyReason ?? room.reason ?? "no-data", ...nowhere };
  const heardIn = heardFrom(room.id, pairs, alerts);
  const heardHere =
    isShared(room) && alerts.some((alert) => alert.rule === "conversation-in-shared-office" && alert.room === room.id);
  return { state: "overheard", reason: null, heardHere, heardIn };
}

/** Of a room what everybody may know. */
type NamedRoom = Pick<RoomView, "id" | "name">;

/** A matrix of the rooms that adjoin another, in the order given: rows talk, columns hear. */
export interface Matrix {
  readonly rooms: readonly NamedRoom[];
  readonly of: (from: string, to: string) => PairView | undefined;
}

export function matrixOf(rooms: readonly NamedRoom[], pairs: readonly PairView[]): Matrix {
  const rows = new Map<string, Map<string, PairView>>();
  for (const pair of pairs) rows.set(pair.from, (rows.get(pair.from) ?? new Map()).set(pair.to, pair));
  const joined = new Set(pairs.flatMap(({ from, to }) => [from, to]));
  return { rooms: rooms.filter(({ id }) => joined.has(id)), of: (from, to) => rows.get(from)?.get(to) };
}
