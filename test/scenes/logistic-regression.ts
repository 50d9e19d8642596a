/** Weighted logistic regression with a ridge, by Newton's method (Hastie, Tibshirani and Friedman, ESL 2009, §4.4). */

export interface Example {
  readonly x: readonly number[];
  readonly positive: boolean;
  readonly weight: number;
}

export interface Model {
  readonly bias: number;
  /** One per component of `x`, in its units. */
  readonly weights: readonly number[];
}

/** `ridge` punishes squared weights of components scaled to standard deviation one; example weights should sum to one. */
export function fitLogistic(examples: readonly Example[], ridge: number): Model {
  const size = examples[0]!.x.length;
  const means = component(size, (j) => sum(examples, ({ x }) => x[j]!) / examples.length);
  const scales = component(
    size,
    (j) => Math.sqrt(sum(examples, ({ x }) => (x[j]! - means[j]!) ** 2) / examples.length) || 1,
  );
  const scaled = examples.map(({ x }) => [...x.map((v, j) => (v - means[j]!) / scales[j]!), 1]);
  let beta = component(size + 1, () => 0);
  for (let round = 0; round < 30; round++) {
    const step = newtonStep(examples, scaled, beta, ridge);
    beta = beta.map((b, j) => b - step[j]!);
    if (Math.max(...step.map(Math.abs)) < 1e-6) break;
  }
  const weights = scales.map((scale, j) => beta[j]! / scale);
  return { weights, bias: beta[size]! - sum(weights, (w, j) => w * means[j]!) };
}

const component = (size: number, value: (j: number) => number) => Array.from({ length: size }, (_, j) => value(j));
const sum = <T>(items: readonly T[], value: (item: T, i: number) => number) =>
  items.reduce((total, item, i) => total + value(item, i), 0);

function newtonStep(examples: readonly Example[], scaled: readonly number[][], beta: readonly number[], ridge: number) {
  const size = beta.length;
  const gradient = new Float64Array(size);
  const hessian = Array.from({ length: size }, () => new Float64Array(size));
  for (const [i, { positive, weight }] of examples.entries()) {
    const z = scaled[i]!;
    const p = 1 / (1 + Math.exp(-sum(z, (v, j) => v * beta[j]!)));
    const error = weight * (p - (positive ? 1 : 0));
    const curvature = weight * Math.max(1e-6, p * (1 - p));
    for (let j = 0; j < size; j++) {
      gradient[j]! += error * z[j]!;
      for (let k = 0; k < size; k++) hessian[j]![k]! += curvature * z[j]! * z[k]!;
    }
  }
  for (let j = 0; j < size - 1; j++) {
    gradient[j]! += ridge * beta[j]!;
    hessian[j]![j]! += ridge;
  }
  return solve(hessian, gradient);
}

/** Gauss elimination with the largest pivot; both arguments are used up. */
function solve(matrix: Float64Array[], right: Float64Array): number[] {
  const size = right.length;
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let row = i + 1; row < size; row++) if (Math.abs(matrix[row]![i]!) > Math.abs(matrix[pivot]![i]!)) pivot = row;
    [matrix[i], matrix[pivot]] = [matrix[pivot]!, matrix[i]!];
    [right[i], right[pivot]] = [right[pivot]!, right[i]!];
    for (let row = i + 1; row < size; row++) {
      const factor = matrix[row]![i]! / matrix[i]![i]!;
      for (let k = i; k < size; k++) matrix[row]![k]! -= factor * matrix[i]![k]!;
      right[row]! -= factor * right[i]!;
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let rest = right[i]!;
    for (let k = i + 1; k < size; k++) rest -= matrix[i]![k]! * x[k]!;
    x[i] = rest / matrix[i]![i]!;
  }
  return x;
}
