/** Quantiles of small samples. */

/** Value at `share` (0–1) of the sorted values, linear between neighbours; NaN of none. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

/** Value below which half of the weight lies; NaN of none. */
export function weightedMedian(items: readonly { readonly value: number; readonly weight: number }[]): number {
  const sorted = items.toSorted((x, y) => x.value - y.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const [i, { value, weight }] of sorted.entries()) {
    sum += weight;
    if (sum > half * (1 + 1e-12)) return value;
    if (sum >= half * (1 - 1e-12) && i + 1 < sorted.length) return (value + sorted[i + 1]!.value) / 2;
  }
  return sorted.at(-1)?.value ?? Number.NaN;
}
