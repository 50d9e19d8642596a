/** Quantiles of small samples. */

/** Written anew by each call, to spare the memory. */
let scratch = new Float64Array(64);

/** Value at `share` (0–1) of the first `count` values in order, linear between neighbours; NaN of none. No value is NaN. */
export function quantile(values: Float64Array, share: number, count = values.length): number {
  if (count === 0) return Number.NaN;
  if (scratch.length < count) scratch = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) scratch[i] = values[i]!;
  const place = share * (count - 1);
  const below = Math.floor(place);
  select(scratch, count, below);
  let above = below + 1 < count ? Number.POSITIVE_INFINITY : scratch[below]!;
  for (let i = below + 1; i < count; i++) if (scratch[i]! < above) above = scratch[i]!;
  return scratch[below]! + (place - below) * (above - scratch[below]!);
}

/** Hoare's selection: puts at `place` the value that is there in order, lesser ones before it and greater ones behind it. */
function select(values: Float64Array, count: number, place: number): void {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else return;
  }
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
