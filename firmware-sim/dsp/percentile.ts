/** Exceedance levels (ACOUSTICS §1.4). */

/**
 * Lx: the level that `x` % of the values exceed, which is their (100 − x)th percentile, interpolated linearly between
 * neighbours. `ascending` holds the levels in dB in rising order, at least one.
 */
export function exceeded(x: number, ascending: Float64Array): number {
  const place = ((100 - x) / 100) * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below]!;
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!;
  return low === high ? low : low + (place - below) * (high - low);
}
