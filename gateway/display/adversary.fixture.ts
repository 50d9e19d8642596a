/**
 * Somebody who writes down every answer, and reckons. A cell is one room on one day; an answer says that some cells add up
 * to something between two numbers. Exactly: what follows by linear algebra over the rationals. Within bounds: what follows
 * for each cell from each answer, and from differences of two, until nothing follows any more.
 */

/** The sum of these cells lies between `least` and `most`, both included. */
export interface Answer {
  readonly cells: readonly number[];
  readonly least: number;
  readonly most: number;
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Whether the sum of some cells follows exactly from the exact answers. */
export function exactly(answers: readonly Answer[], cells: number): (asked: readonly number[]) => boolean {
  const basis = rowEchelon(
    answers.filter(({ least, most }) => least === most).map((answer) => vector(answer.cells, cells)),
  );
  return (asked) => isZero(reduced(vector(asked, cells), basis));
}

type Vector = bigint[];

const vector = (cells: readonly number[], length: number): Vector => {
  const row = Array.from({ length }, () => 0n);
  for (const cell of cells) row[cell] = 1n;
  return row;
};
const isZero = (row: Vector): boolean => row.every((value) => value === 0n);
const pivotOf = (row: Vector): number => row.findIndex((value) => value !== 0n);

/** By pivot column; integers throughout, each row divided by what its numbers have in common. */
type Basis = Map<number, Vector>;

function rowEchelon(rows: readonly Vector[]): Basis {
  const basis: Basis = new Map();
  for (const row of rows) {
    const rest = reduced(row, basis);
    if (!isZero(rest)) basis.set(pivotOf(rest), rest);
  }
  return basis;
}

/** What is left of a row when the basis is taken out of it, column after column. */
function reduced(row: Vector, basis: Basis): Vector {
  let rest = row;
  for (let column = 0; column < row.length; column++) {
    const own = rest[column]!;
    const other = basis.get(column);
    if (own === 0n || other === undefined) continue;
    const pivot = other[column]!;
    rest = smallest(rest.map((value, i) => value * pivot - other[i]! * own));
  }
  return rest;
}

function smallest(row: Vector): Vector {
  const common = row.reduce((divisor, value) => gcd(divisor, value < 0n ? -value : value), 0n);
  return common > 1n ? row.map((value) => value / common) : row;
}
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/** Cells are never negative. No more than `MOST_ANSWERS` are made of others. */
const MOST_ANSWERS = 600;
const ROUNDS = 30;

/** What is known of a sum of cells, for a person with patience. */
export function within(answers: readonly Answer[], cells: number): (asked: readonly number[]) => Bounds {
  const known = closed(answers);
  const least = new Array<number>(cells).fill(0);
  const most = new Array<number>(cells).fill(Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS && narrow(known, least, most); round++);
  return (asked) => {
    const told = known.filter((answer) => sameCells(answer.cells, asked));
    const parts = { least: sum(asked, least), most: sum(asked, most) };
    return {
      least: Math.max(parts.least, ...told.map((answer) => answer.least)),
      most: Math.min(parts.most, ...told.map((answer) => answer.most)),
    };
  };
}

const sum = (cells: readonly number[], of: readonly number[]): number =>
  cells.reduce((all, cell) => all + of[cell]!, 0);
const sameCells = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((cell, i) => cell === b[i]);

/** Each cell is at most what an answer leaves when the others in it are as small as they can be, and so for the least. */
function narrow(answers: readonly Answer[], least: number[], most: number[]): boolean {
  let changed = false;
  const set = (bounds: number[], cell: number, value: number, better: boolean) => {
    if (!better) return;
    bounds[cell] = value;
    changed = true;
  };
  for (const answer of answers) {
    const [low, high] = [sum(answer.cells, least), sum(answer.cells, most)];
    for (const cell of answer.cells) {
      const atMost = answer.most - (low - least[cell]!);
      const atLeast = answer.least - (Number.isFinite(high) ? high - most[cell]! : Number.POSITIVE_INFINITY);
      set(most, cell, atMost, atMost < most[cell]! - 1e-9);
      set(least, cell, atLeast, atLeast > least[cell]! + 1e-9);
    }
  }
  return changed;
}

/** An answer with its cells as bits, which are quick to compare. */
type Known = Answer & { readonly mask: bigint };

/** The answers, what is left of one when another that lies in it is taken away, and these once more. */
function closed(answers: readonly Answer[]): Answer[] {
  const known = new Map<bigint, Known>();
  for (const answer of answers) add(known, answer);
  for (let round = 0; round < 2; round++) {
    const now = [...known.values()];
    for (const outer of now)
      for (const inner of now)
        if (known.size < MOST_ANSWERS && inner !== outer && (inner.mask & outer.mask) === inner.mask)
          add(known, without(outer, inner));
  }
  return [...known.values()];
}

function add(known: Map<bigint, Known>, { cells, least, most }: Answer): void {
  const mask = cells.reduce((bits, cell) => bits | (1n << BigInt(cell)), 0n);
  const before = known.get(mask);
  known.set(mask, {
    mask,
    cells: cells.toSorted((a, b) => a - b),
    least: Math.max(0, least, before?.least ?? 0),
    most: Math.min(most, before?.most ?? Number.POSITIVE_INFINITY),
  });
}

function without(outer: Answer, inner: Answer): Answer {
  const gone = new Set(inner.cells);
  return {
    cells: outer.cells.filter((cell) => !gone.has(cell)),
    least: outer.least - inner.most,
    most: outer.most - inner.least,
  };
}
