/**
 * How sound gets from room to room: from sound power in one to the mean square at the sensor of another, through what
 * separates them and by way of a third room, however the doors stand. Levels, audio and ground truth all take it from here.
 */
import { energyOf } from "#protocol/decibel.ts";
import type { RoomId } from "#protocol/quantities.ts";
import type { Boundary, Site } from "#protocol/site.ts";
import {
  type DoorState,
  fresnelNumber,
  type PartitionSpectra,
  reductionOf,
  screenDetour,
  screenLoss,
} from "./partitions.ts";
import { absorptionArea, directGain, fieldGain, reverberantGain, SENSOR_DISTANCE_M } from "./rooms.ts";
import { atFrequency, type Bands, bandsOf, NORMAL_VOICE, SUMMED_HZ } from "./spectra.ts";

/** How the doors stand: a state per boundary of the site, in its order. */
export type DoorStates = readonly DoorState[];

/** Mean square at a sensor per sound power, 1/m², at each of `SUMMED_HZ`. */
export type Gains = Float64Array<ArrayBuffer>;

/** From a source in one room to the sensor of another, or of the same. */
export interface Route {
  readonly from: RoomId;
  readonly to: RoomId;
  /** With the doors as they stand; the same array whenever those that matter stand the same. */
  gains(doors: DoorStates): Gains;
}

export interface Transmission {
  /** Routes into `to` from every other room that is one boundary away, or two. */
  into(to: RoomId): readonly Route[];
  /** Zeros where nothing passes. */
  route(from: RoomId, to: RoomId): Route;
}

/** One boundary, in one direction. */
interface Step {
  readonly boundary: Boundary;
  readonly index: number;
  readonly to: RoomId;
  /** Mean square behind it over mean square before it, at each of `SUMMED_HZ`. */
  passes(state: DoorState): Gains;
}

/** One or two steps. */
type Way = readonly Step[];

/** A normal voice this far below the ventilation in every band counts for nothing, as a factor on energy: −30 dB. */
const INAUDIBLE = 1e-3;
const NORMAL_BANDS = bandsOf(NORMAL_VOICE);

/** Whether nothing a voice says through `transfer` (mean square per sound power) can be told from this noise (Pa²). */
export const drowns = (transfer: Bands, noise: Bands): boolean =>
  transfer.every((gain, i) => gain * NORMAL_BANDS[i]! < INAUDIBLE * noise[i]!);

/** From somebody on one side of an opening or a screen to the sensor on its other side, m. */
const ACROSS_M = 2 * SENSOR_DISTANCE_M;
const DOOR_CODE: Readonly<Record<DoorState, number>> = { closed: 0, ajar: 1, open: 2 };

export function createTransmission(site: Site, spectra: PartitionSpectra = "rated"): Transmission {
  const areas = new Map(site.rooms.map((room) => [room.id, absorptionArea(room)]));
  const steps = new Map(site.rooms.map(({ id }) => [id, stepsFrom(site, id, areas, spectra)]));
  const routes = new Map<string, Route>();

  const waysBetween = (from: RoomId, to: RoomId): Way[] =>
    steps.get(from)!.flatMap((first): Way[] => {
      if (first.to === to) return [[first]];
      return steps.get(first.to)!.flatMap((second) => (second.to === to ? [[first, second]] : []));
    });
  const make = (from: RoomId, to: RoomId): Route => {
    const area = areas.get(from)!;
    if (from === to) return fixedRoute(from, fieldGain(area, SENSOR_DISTANCE_M));
    return createRoute(from, to, reverberantGain(area), waysBetween(from, to));
  };
  const route = (from: RoomId, to: RoomId): Route => {
    const name = `${from}/${to}`;
    const known = routes.get(name) ?? make(from, to);
    routes.set(name, known);
    return known;
  };
  return {
    route,
    into(to) {
      const near = steps.get(to)!.map((step) => step.to);
      const far = near.flatMap((room) => steps.get(room)!.map((step) => step.to));
      return [...new Set([...near, ...far])].filter((from) => from !== to).map((from) => route(from, to));
    },
  };
}

function fixedRoute(room: RoomId, gain: number): Route {
  const gains = SUMMED_HZ.map(() => gain);
  return { from: room, to: room, gains: () => gains };
}

function createRoute(from: RoomId, to: RoomId, before: number, ways: readonly Way[]): Route {
  const doors = [...new Set(ways.flat().flatMap(({ boundary, index }) => (boundary.kind === "door" ? [index] : [])))];
  const known = new Map<number, Gains>();
  let last: { key: number; gains: Gains } | undefined;
  return {
    from,
    to,
    gains(states) {
      let key = 0;
      for (let i = 0; i < doors.length; i++) key = 3 * key + DOOR_CODE[states[doors[i]!]!];
      if (key === last?.key) return last.gains;
      const gains = known.get(key) ?? sumOf(ways, before, states);
      known.set(key, gains);
      last = { key, gains };
      return gains;
    },
  };
}

/** All ways together; `before` is the mean square before the first boundary per sound power. */
function sumOf(ways: readonly Way[], before: number, states: DoorStates): Gains {
  const sum = new Float64Array(SUMMED_HZ.length);
  for (const way of ways) {
    const passed = way.map((step) => step.passes(states[step.index]!));
    const straight = way.length === 1 ? directThrough(way[0]!.boundary) : undefined;
    for (let i = 0; i < sum.length; i++) {
      sum[i]! += passed.reduce((gain, step) => gain * step[i]!, before);
      if (straight) sum[i]! += straight[i]!;
    }
  }
  return sum;
}

function stepsFrom(
  site: Site,
  room: RoomId,
  areas: ReadonlyMap<RoomId, number>,
  spectra: PartitionSpectra,
): readonly Step[] {
  return site.boundaries.flatMap((boundary, index): Step[] => {
    const [one, other] = boundary.between;
    if (room !== one && room !== other) return [];
    const to = room === one ? other : one;
    const known = new Map<DoorState, Gains>();
    const passes = (state: DoorState): Gains => {
      const gains = known.get(state) ?? coupling(boundary, areas.get(to)!, reductionOf(boundary, state, spectra));
      known.set(state, gains);
      return gains;
    };
    return [{ boundary, index, to, passes }];
  });
}

/**
 * What a diffuse field before a boundary makes behind it: τ·S / (A + τ·S), two coupled rooms. For any wall that is
 * L_B = L_A − R' + 10·log10(S/A_B) (ACOUSTICS §7.1); through an opening no room gets louder than the one before it.
 */
function coupling({ area }: Boundary, areaBehind: number, reduction: readonly number[]): Gains {
  return SUMMED_HZ.map((hz) => {
    const passing = area * energyOf(-atFrequency(reduction, hz));
    return passing / (areaBehind + passing);
  });
}

/** The sound that comes straight through an opening or over a screen, which takes off at 1 kHz what it is rated. */
function directThrough({ kind, rw }: Boundary): Gains | undefined {
  if (kind === "open") return SUMMED_HZ.map(() => directGain(ACROSS_M));
  if (kind !== "screen") return undefined;
  const detour = screenDetour(rw);
  return SUMMED_HZ.map((hz) => directGain(ACROSS_M) * energyOf(-screenLoss(fresnelNumber(detour, hz))));
}
