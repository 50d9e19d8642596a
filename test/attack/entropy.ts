/** How much a series of levels tells, second by second, to somebody who knows all that came before (ACOUSTICS §6.3). */

/**
 * Bits per frame of a Gaussian process like this one in steps of `step`: the entropy of what a linear prediction from the
 * `order` frames before leaves. Frames of equal length, many more of them than `order` times that.
 */
export function innovationBits(frames: readonly (readonly number[])[], order: number, step: number): number {
  const width = frames[0]!.length;
  const past = frames.slice(order).map((_, n) => [1, ...frames.slice(n, n + order).flat()]);
  const present = frames.slice(order);
  const weights = solve(products(past, past), products(past, present));
  const left = present.map((frame, n) =>
    frame.map((level, k) => level - past[n]!.reduce((sum, x, j) => sum + x * weights[j]![k]!, 0)),
  );
  const covariance = products(left, left).map((row) => row.map((sum) => sum / left.length));
  return 0.5 * (width * Math.log2(2 * Math.PI * Math.E) + Math.log2(determinant(covariance))) - width * Math.log2(step);
}

type Matrix = number[][];

/** XᵀY of two lists of rows. */
function products(x: readonly (readonly number[])[], y: readonly (readonly number[])[]): Matrix {
  return x[0]!.map((_, i) => y[0]!.map((_, j) => x.reduce((sum, row, n) => sum + row[i]! * y[n]![j]!, 0)));
}

/** Gauss and Jordan, with pivots; A is regular. */
function solve(a: Matrix, b: Matrix): Matrix {
  const rows = a.map((row, i) => [...row, ...b[i]!]);
  for (let i = 0; i < rows.length; i++) {
    swapPivot(rows, i);
    const pivot = rows[i]!.map((x) => x / rows[i]![i]!);
    for (const [k, row] of rows.entries()) rows[k] = k === i ? pivot : row.map((x, j) => x - row[i]! * pivot[j]!);
  }
  return rows.map((row) => row.slice(a.length));
}

function swapPivot(rows: Matrix, i: number): void {
  let best = i;
  for (let k = i + 1; k < rows.length; k++) if (Math.abs(rows[k]![i]!) > Math.abs(rows[best]![i]!)) best = k;
  [rows[i], rows[best]] = [rows[best]!, rows[i]!];
}

/** Of a positive definite matrix, by Cholesky's root. */
function determinant(a: Matrix): number {
  const root: Matrix = a.map(() => []);
  let product = 1;
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j <= i; j++) {
      const rest = a[i]![j]! - root[j]!.reduce((sum, x, k) => (k < j ? sum + x * root[i]![k]! : sum), 0);
      root[i]![j] = i === j ? Math.sqrt(rest) : rest / root[j]![j]!;
      if (i === j) product *= rest;
    }
  return product;
}
