/** The sound field in a room (ACOUSTICS §7.1). */
import type { Room } from "#protocol/site.ts";
import { type Bands, bandsOf, type Octaves } from "./spectra.ts";

/** How far a wall or ceiling sensor is from the people who talk, m. */
export const SENSOR_DISTANCE_M = 2.5;

/** Equivalent absorption area, m² (Sabine): 0.16·V/T. */
export const absorptionArea = (room: Pick<Room, "volume" | "reverberation">): number =>
  (0.16 * room.volume) / room.reverberation;

/** Mean square per sound power at `distanceM` from a source in the open, 1/m². */
export const directGain = (distanceM: number, directivity = 1): number => directivity / (4 * Math.PI * distanceM ** 2);

/** Mean square per sound power at `distanceM` from a source: the direct and the reverberant field, 1/m². */
export const fieldGain = (areaM2: number, distanceM: number, directivity = 1): number =>
  directGain(distanceM, directivity) + reverberantGain(areaM2);

/** The reverberant field alone: what presses on the walls, and what comes through them. */
export const reverberantGain = (areaM2: number): number => 4 / areaM2;

/** A normal voice at 1 m, all around, dBA (ISO 3382-3). */
const NORMAL_AT_1_M_DB = 57.4;

/**
 * How much louder than normal people talk in noise, dB (Lombard effect): 55 dBA at 1 m and half of what the noise has over
 * 45 dBA, once that is more than a normal voice (Rindel 2019, ACOUSTICS §7.1).
 */
export const lombard = (noiseDba: number): number => Math.max(0, 55 + 0.5 * (noiseDba - 45) - NORMAL_AT_1_M_DB);

/** What a source of this power makes at its own room's sensor, Pa². */
export function inRoom(power: Octaves, area: number, distanceM = SENSOR_DISTANCE_M): Bands {
  const gain = fieldGain(area, distanceM);
  return bandsOf(power).map((energy) => energy * gain);
}
