/**
 * The vocabulary that every message is made of: identities, instants and quantised quantities.
 * Each numeric field states its range and step, so that the information budget (budget.ts) can count its values.
 */
import { z } from "zod";
import { ID } from "./id.ts";

export const Id = z.string().regex(ID, "use 1–32 characters of a–z, 0–9, - and _");
export type Id = z.infer<typeof Id>;

/** A room's identifier, as on the door sign; two that differ only in case are one. */
export const RoomId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/, "use 1–32 letters, digits, - and _");
export type RoomId = z.infer<typeof RoomId>;

/** Random per boot, eight hexadecimal digits. */
export const Boot = z.string().regex(/^[0-9a-f]{8}$/, "use eight hexadecimal digits");
export type Boot = z.infer<typeof Boot>;

/** Milliseconds since 1970-01-01T00:00Z, whole; from 2000 to 2100 so that seconds given by mistake are refused. */
export const Millis = z.int().min(946_684_800_000).max(4_102_444_800_000);
export type Millis = z.infer<typeof Millis>;

/** Position of a message in its boot, from 0. */
export const Seq = z
  .int()
  .min(0)
  .max(2 ** 48);

/** A quantised quantity: `min` to `max` in steps of `step`. */
const quantity = (min: number, max: number, step: number) => z.number().min(min).max(max).multipleOf(step);

/** A-weighted level, dB re 20 µPa. */
export const LevelDb = quantity(20, 119.5, 0.5);
/** Octave level under a lease, dB re 20 µPa (ACOUSTICS §4, §9.2). */
export const OctaveDb = quantity(12, 84, 0.5);
/** One-third octave level, dB re 20 µPa. A quiet 5 kHz third lies far below a whole room's level. */
export const ThirdDb = quantity(-10, 109.5, 0.5);

export const Ratio10 = quantity(0, 1, 0.1);
export const Ratio20 = quantity(0, 1, 0.05);

export const count = (max: number) => z.int().min(0).max(max);
export { quantity };

/** Nearest value of a quantised quantity, clipped to its range. Steps that are decimal fractions stay exact decimals. */
export function quantise(value: number, min: number, max: number, step: number): number {
  const clipped = Math.min(max, Math.max(min, value));
  const perUnit = Math.round(1 / step);
  return perUnit >= 1 ? Math.round(clipped * perUnit) / perUnit : Math.round(clipped / step) * step;
}

/** Fields every device message starts with; `boot` and `seq` identify it, `t` is the start of its window. */
export const header = { boot: Boot, seq: Seq, t: Millis };
