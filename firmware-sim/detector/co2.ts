/**
 * Carbon dioxide balance of a room, V·dC/dt = 10⁶·N·G − Q·(C − C₀), and the number of people it stands for
 * (ACOUSTICS §8; ASTM D6245). Good for one against several, not for counting.
 */

/** Carbon dioxide from one sedentary adult (1.2 met), L/s. */
export const GENERATION_LPS = 0.0052;

export interface Ventilation {
  /** Room volume, L. */
  readonly volumeL: number;
  /** Outdoor air supplied, L/s, more than zero. */
  readonly airflowLps: number;
  /** Concentration outdoors, ppm. */
  readonly outdoorPpm: number;
}

/** Concentration that `people` end at, ppm. */
export const steadyPpm = ({ airflowLps, outdoorPpm }: Omit<Ventilation, "volumeL">, people: number): number =>
  outdoorPpm + (1e6 * people * GENERATION_LPS) / airflowLps;

/** Concentration `seconds` after it was `ppm`, with `people` in the room throughout; ppm. */
export function ppmAfter(room: Ventilation, ppm: number, people: number, seconds: number): number {
  const end = steadyPpm(room, people);
  return end + (ppm - end) * remaining(room, seconds);
}

/** People that take the concentration from `beforePpm` to `ppm` in `seconds`; the exact inverse of `ppmAfter`. */
export function peopleFrom(room: Ventilation, beforePpm: number, ppm: number, seconds: number): number {
  const a = remaining(room, seconds);
  const rise = (ppm - room.outdoorPpm - (beforePpm - room.outdoorPpm) * a) / (1 - a);
  return (room.airflowLps * rise) / (1e6 * GENERATION_LPS);
}

const remaining = (room: Ventilation, seconds: number) => Math.exp((-room.airflowLps * seconds) / room.volumeL);
