/** What the bench tells: one figure per row of DESIGN §8. */

/** Of one run. */
export interface Measured {
  readonly value: number;
  /** Acknowledged, and not there in the end or there twice. */
  readonly lost: number;
  /** What is worth telling of the run besides. */
  readonly details: Readonly<Record<string, number | string>>;
}

export interface Beside {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly conditions?: string;
}

export interface Figure {
  readonly name: string;
  readonly title: string;
  /** Median of the runs. */
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  /** A rate is to be at least its goal, a time or a size at most. */
  readonly reach: "at least" | "at most";
  readonly reached: boolean;
  readonly lost: number;
  readonly conditions: Readonly<Record<string, number | string>>;
  /** What a user would otherwise pick, or the limit, measured in the same run. */
  readonly beside: readonly Beside[];
}

/** A row of the table: how it is measured, and what it is held against. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly goal: number;
  readonly reach: Figure["reach"];
  /** Runs whose median is told, unless others are asked for. */
  readonly runs: number;
  readonly measure: (bench: Bench) => Promise<Measured>;
  readonly beside: (bench: Bench) => Promise<readonly Beside[]>;
}

export interface Bench {
  /** Shorter, to see whether all works; such figures say little. */
  readonly quick: boolean;
  readonly say: (words: string) => void;
}

export async function figureOf(row: Row, bench: Bench, runs: number): Promise<Figure> {
  const measured: Measured[] = [];
  for (let run = 0; run < runs; run++) {
    const one = await row.measure(bench);
    bench.say(
      `${row.name} ${run + 1}/${runs}: ${told(one.value)} ${row.unit}${one.lost > 0 ? `, ${one.lost} LOST` : ""}`,
    );
    measured.push(one);
  }
  const beside = await row.beside(bench).catch((error: Error): Beside[] => {
    bench.say(`${row.name}: what stands beside it could not be measured: ${error.message}`);
    return [];
  });
  const sorted = measured.toSorted((a, b) => a.value - b.value);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]!;
  const lost = measured.reduce((sum, one) => sum + one.lost, 0);
  return {
    name: row.name,
    title: row.title,
    value: middle.value,
    unit: row.unit,
    goal: row.goal,
    reach: row.reach,
    reached: row.reach === "at least" ? middle.value >= row.goal : middle.value <= row.goal,
    lost,
    conditions: { ...middle.details, lost, runs, least: sorted[0]!.value, greatest: sorted.at(-1)!.value },
    beside,
  };
}

/** Whole numbers from a hundred on, three digits below. */
export const told = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
