/** The sound field in a room, and what comes through its boundaries (ACOUSTICS §7.1). */
import type { Boundary, Room, Site } from "#protocol/site.ts";
import { type Bands, bandsOf, type Octaves, reduction } from "./spectra.ts";

/** How far a wall or ceiling sensor is from the people who talk, m. */
export const SENSOR_DISTANCE_M = 2.5;

/** Equivalent absorption area, m² (Sabine): 0.16·V/T. */
export const absorptionArea = (room: Pick<Room, "volume" | "reverberation">): number =>
  (0.16 * room.volume) / room.reverberation;

/** Mean square per sound power at `distanceM` from a source: the direct and the reverberant field, 1/m². */
export const fieldGain = (areaM2: number, distanceM: number, directivity = 1): number =>
  directivity / (4 * Math.PI * distanceM ** 2) + 4 / areaM2;

/** The reverberant field alone: what presses on the walls, and what comes through them. */
export const reverberantGain = (areaM2: number): number => 4 / areaM2;

/** How much louder people talk in noise, dB: half of what it has over 45 dBA (Lombard effect; Rindel 2019, ACOUSTICS §7.1). */
export const lombard = (noiseDba: number): number => Math.max(0, 0.5 * (noiseDba - 45));

/** A way from one room into another, in one direction. */
export interface Path {
  readonly from: string;
  readonly to: string;
  readonly boundary: Boundary;
  /** Area of the boundary over the absorption area behind it, the 10·log10(S/A_B) of L_B = L_A − R' + 10·log10(S/A_B). */
  readonly spread: number;
}

/** Every direct way between two rooms of a site, both directions of each boundary. */
export function pathsOf(site: Site): Path[] {
  const areas = new Map(site.rooms.map((room) => [room.id, absorptionArea(room)]));
  return site.boundaries.flatMap((boundary) => {
    const [one, other] = boundary.between;
    const path = (from: string, to: string): Path => ({ from, to, boundary, spread: boundary.area / areas.get(to)! });
    return [path(one, other), path(other, one)];
  });
}

/** What a source of this power (octave levels) in `path.from` makes in `path.to`, Pa². */
export function throughPath(power: Octaves, areaFrom: number, path: Path): Bands {
  const gain = reverberantGain(areaFrom) * path.spread;
  return bandsOf(power, reduction(path.boundary.rw)).map((energy) => energy * gain);
}

/** What a source of this power makes at its own room's sensor, Pa². */
export function inRoom(power: Octaves, area: number, distanceM = SENSOR_DISTANCE_M): Bands {
  const gain = fieldGain(area, distanceM);
  return bandsOf(power).map((energy) => energy * gain);
}
