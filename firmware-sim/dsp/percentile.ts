/** Exceedance levels (ACOUSTICS §1.4). */
import { P0_SQUARED } from "./second.ts";

/**
 * Lx in dB re 20 µPa: the level that `x` % of the mean squares exceed, which is their (100 − x)th percentile,
 * interpolated linearly in dB between neighbours. −Infinity where that is silence. Takes the first `count` values,
 * Pa², at least one, and leaves them in another order.
 */
export function exceededLevel(x: number, meanSquares: Float64Array, count = meanSquares.length): number {
  const place = ((100 - x) / 100) * (count - 1);
  const below = Math.floor(place);
  const low = select(meanSquares, below, count);
  if (low === 0) return Number.NEGATIVE_INFINITY;
  const share = place - below;
  const above = share === 0 ? 0 : share * Math.log10(smallestAfter(meanSquares, below, count) / low);
  return 10 * (Math.log10(low / P0_SQUARED) + above);
}

/** The value that `rank` others precede in rising order (Hoare, Algorithm 65: FIND, 1961); no value after it is smaller. */
function select(values: Float64Array, rank: number, count: number): number {
  let from = 0;
  let to = count - 1;
  while (from < to) {
    const pivot = values[rank]!;
    let left = from;
    let right = to;
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const swapped = values[left]!;
      values[left++] = values[right]!;
      values[right--] = swapped;
    }
    if (right < rank) from = left;
    if (left > rank) to = right;
  }
  return values[rank]!;
}

function smallestAfter(values: Float64Array, rank: number, count: number): number {
  let smallest = values[rank + 1]!;
  for (let i = rank + 2; i < count; i++) if (values[i]! < smallest) smallest = values[i]!;
  return smallest;
}
