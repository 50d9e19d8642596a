/** What the steps need of a site: ordered pairs of rooms, who is next to whom, and which device is a room's ear. */
import { normalVoiceIn } from "#protocol/acoustics/normal-voice.ts";
import type { Id, RoomId } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Boundary, Site } from "#protocol/site.ts";
import { isHeardIn } from "../rules.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Length of a window of the link test, and how often one ends (ACOUSTICS §4). */
export const WINDOW_S = 60;
export const WINDOW_MS = WINDOW_S * SECOND;
export const HOP_MS = 30 * SECOND;
/** How often it is looked at what time alone has changed, while somebody talks. */
export const LOOK_MS = 10 * SECOND;
/** Below this Z nothing of the one room is seen in the other. */
export const MISSED_Z = 2;
/** Octaves 500, 1000 and 2000 Hz, in which talk is compared. */
export const SPEECH_OCTAVES = [1, 2, 3] as const;
/** Two positive windows that do not overlap, within this time, make a link; without any for as long it is gone. */
export const LINK_MEMORY_MS = 180 * SECOND;
/** Frames live this long in memory and nowhere else (DESIGN §4). */
export const FRAMES_LIVE_MS = 15 * MINUTE;
/** A leased device that has said nothing for this long does not speak `bands`. */
export const NO_BANDS_MS = 45 * SECOND;
/** Two rooms whose clocks differ by more are not compared, ms (ACOUSTICS §4). */
export const CLOCK_LIMIT_MS = 100;
/** SNR_uni is taken to be above −12 dB from this probability on, and below it up to the other (ACOUSTICS §3.9). */
export const OVERHEARD_FROM = 0.8;
export const PRIVATE_UP_TO = 0.2;

export interface RoomRule {
  readonly id: RoomId;
  readonly silent: boolean;
  /** The device whose `bands` are listened to; null without one. Of several the first of the site file. */
  readonly ear: Id | null;
  /** Octave levels 250–4000 Hz of a normal voice in this room, dB: what is expected of it before anybody talks. */
  readonly voice: readonly number[];
  /** Indices of the rooms that a boundary joins to it. */
  readonly neighbours: readonly number[];
  /** Indices of the pairs from it and to it. */
  readonly pairsFrom: readonly number[];
  readonly pairsTo: readonly number[];
}

export interface PairRule {
  readonly from: number;
  readonly to: number;
  readonly boundary: Boundary;
}

export interface LeakageRules {
  readonly timeZone: string;
  /** In the order of the site file. */
  readonly rooms: readonly RoomRule[];
  readonly pairs: readonly PairRule[];
  readonly indexOf: ReadonlyMap<RoomId, number>;
  /** Room of an ear. */
  readonly earOf: ReadonlyMap<Id, number>;
}

/** Of several boundaries between the same rooms the one that lets most through speaks for the pair. */
function strongest(boundaries: readonly Boundary[]): Boundary[] {
  const byPair = Map.groupBy(boundaries, ({ between }) => between.toSorted().join(" "));
  return [...byPair.values()].map((same) => same.reduce((least, one) => (one.rw < least.rw ? one : least)));
}

export function leakageRules(site: Site): LeakageRules {
  const indexOf = new Map(site.rooms.map((room, i) => [room.id, i]));
  const pairs = strongest(site.boundaries).flatMap((boundary): PairRule[] => {
    const [one, other] = boundary.between.map((id) => indexOf.get(id)!) as [number, number];
    return [
      { from: one, to: other, boundary },
      { from: other, to: one, boundary },
    ];
  });
  const from = Map.groupBy(pairs.keys(), (i) => pairs[i]!.from);
  const to = Map.groupBy(pairs.keys(), (i) => pairs[i]!.to);
  const rooms = site.rooms.map(
    (room, i): RoomRule => ({
      id: room.id,
      silent: isSilent(room),
      ear: site.devices.find(isHeardIn(room.id))?.id ?? null,
      voice: normalVoiceIn(room),
      neighbours: (from.get(i) ?? []).map((pair) => pairs[pair]!.to),
      pairsFrom: from.get(i) ?? [],
      pairsTo: to.get(i) ?? [],
    }),
  );
  const earOf = new Map(rooms.flatMap(({ ear }, i) => (ear === null ? [] : [[ear, i] as const])));
  return { timeZone: site.timeZone, rooms, pairs, indexOf, earOf };
}
