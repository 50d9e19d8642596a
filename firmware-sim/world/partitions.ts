/** What separates rooms, as sound reduction by octave (ACOUSTICS §7.2): as rated, as measured, and with a door that stands open. */
import { energyOf, levelOf } from "#protocol/decibel.ts";
import type { Boundary } from "#protocol/site.ts";
import type { Octaves } from "./spectra.ts";

/** How the leaf of a door stands. Whatever is no door is closed. */
export type DoorState = "closed" | "ajar" | "open";

/** Where a boundary's spectrum comes from: the smooth one of its rating, or that of the measured element rated nearest. */
export type PartitionSpectra = "rated" | "measured";

/** Sound reduction of a boundary rated `rw`, dB by octave; rates exactly R'w = rw (TV-28). Never a gain. */
export const ratedReduction = (rw: number): Octaves =>
  [-16, -16, -7, 0, 3, 4, 4, 4].map((step) => Math.max(0, rw - 2 + step));

/** A building element as measured: sound reduction by octave, and what it rates. */
export interface Element {
  readonly name: string;
  readonly kind: "wall" | "door";
  readonly rw: number;
  readonly reduction: Octaves;
}

/** Bies and Hansen, Engineering Noise Control, table 7.6. The ends of the double wall were not measured: flat. */
// biome-ignore format: one element per line
export const ELEMENTS: readonly Element[] = [
  { name: "hollow-core door, cracks",        kind: "door", rw: 17, reduction: [ 1, 12, 13, 14, 16, 18, 24, 26] },
  { name: "12 mm fibreboard on frame",       kind: "wall", rw: 24, reduction: [10, 12, 16, 20, 24, 30, 31, 36] },
  { name: "9 mm plasterboard on frame",      kind: "wall", rw: 28, reduction: [ 9, 15, 20, 24, 29, 32, 35, 38] },
  { name: "solid hardwood door, cracks",     kind: "door", rw: 29, reduction: [13, 17, 21, 26, 29, 31, 34, 32] },
  { name: "6 mm glass",                      kind: "wall", rw: 29, reduction: [17, 11, 24, 28, 32, 27, 35, 39] },
  { name: "plasterboard and plaster, studs", kind: "wall", rw: 38, reduction: [20, 25, 28, 34, 47, 39, 50, 56] },
  { name: "6 + 6 mm glass, 100 mm cavity",   kind: "wall", rw: 42, reduction: [20, 28, 30, 38, 45, 45, 53, 50] },
  { name: "125 mm brick, plastered",         kind: "wall", rw: 45, reduction: [30, 36, 37, 40, 46, 54, 57, 59] },
  { name: "resilient gypsum double wall",    kind: "wall", rw: 47, reduction: [25, 25, 40, 48, 52, 47, 52, 52] },
  { name: "acoustic door, 100 mm",           kind: "door", rw: 48, reduction: [37, 36, 39, 44, 49, 54, 57, 60] },
];

/** The measured element of this kind rated nearest to `rw`, moved to rate exactly that. */
export function measuredReduction(kind: Element["kind"], rw: number): Octaves {
  const nearest = ELEMENTS.filter((element) => element.kind === kind).reduce((best, element) =>
    Math.abs(element.rw - rw) < Math.abs(best.rw - rw) ? element : best,
  );
  return nearest.reduction.map((reduction) => Math.max(0, reduction + rw - nearest.rw));
}

/** Composite sound reduction of parts side by side, dB: −10·log10(Σ S·10^(−R/10) / Σ S). */
export function compositeReduction(parts: readonly { readonly area: number; readonly reduction: number }[]): number {
  const area = parts.reduce((sum, part) => sum + part.area, 0);
  const through = parts.reduce((sum, part) => sum + part.area * energyOf(-part.reduction), 0);
  return -levelOf(through / area);
}

/** What a leaf leaves open, m²: nothing, a hand's breadth along its edge, or all of itself. */
const OPENING_M2: Readonly<Record<DoorState, number>> = { closed: 0, ajar: 0.05, open: 2 };

/**
 * Sound reduction of a boundary, dB by octave. Its rating holds with the door closed; what the leaf leaves open passes
 * everything: R'w 30 becomes about 22 with the door ajar, 7 with it open. A screen stops nothing but the direct sound.
 */
export function reductionOf(boundary: Boundary, state: DoorState, spectra: PartitionSpectra): Octaves {
  const { area, kind, rw } = boundary;
  if (kind === "screen") return ratedReduction(0);
  const closed = kind === "open" || spectra === "rated" ? ratedReduction(rw) : measuredReduction(kind, rw);
  const opening = kind === "door" ? Math.min(area, OPENING_M2[state]) : 0;
  if (opening === 0) return closed;
  const parts = (reduction: number) => [
    { area: area - opening, reduction },
    { area: opening, reduction: 0 },
  ];
  return closed.map((reduction) => compositeReduction(parts(reduction)));
}

const SPEED_OF_SOUND = 343;
/** What a screen takes off the direct sound at least and at most, dB. */
const LEAST_SCREEN_DB = 5;
const MOST_SCREEN_DB = 20;

/** What a screen takes off the direct sound, dB: Kurze and Anderson 1971, by the Fresnel number 2·δ/λ. */
export function screenLoss(fresnel: number): number {
  const x = Math.sqrt(2 * Math.PI * fresnel);
  if (x < 1e-6) return LEAST_SCREEN_DB;
  return Math.min(MOST_SCREEN_DB, LEAST_SCREEN_DB + 20 * Math.log10(x / Math.tanh(x)));
}

/** The detour over a screen, m, that takes `lossDb` off at 1 kHz: how a screen's rating is read. */
export function screenDetour(lossDb: number): number {
  let [low, high] = [0, 10];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (screenLoss(middle) < lossDb) low = middle;
    else high = middle;
  }
  return (low * SPEED_OF_SOUND) / 2000;
}

/** Fresnel number of a detour at a frequency. */
export const fresnelNumber = (detourM: number, hz: number): number => (2 * detourM * hz) / SPEED_OF_SOUND;
