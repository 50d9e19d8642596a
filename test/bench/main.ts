/** `npm run bench`: the numbers of DESIGN §8, with what a user would otherwise pick beside them. Told in README.md. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Bench, type Figure, figureOf, type Row, told } from "./figure.ts";
import { machine } from "./machine.ts";
import { resultsPage } from "./results.ts";
import { longRows, rows } from "./rows.ts";

const USAGE = `Usage: npm run bench -- [options]

  --only NAME   this row alone; may be repeated. fleet runs for ten minutes, and only when it is asked for
  --runs N      of each row; the median is told
  --quick       shorter, to see whether all works: such figures say little
  --json        a list of figures on standard output
  --list        names of the rows

Progress goes to standard error. All rows, and not in a hurry: RESULTS.md is written. Ends with 1 when anything was lost.
`;

const RESULTS = join(import.meta.dirname, "RESULTS.md");

class UsageError extends Error {}

function readArgs() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      runs: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const all = [...rows, ...longRows];
  const names = all.map(({ name }) => name);
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only ${unknown}: one of ${names.join(", ")}`);
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && !(Number.isInteger(runs) && runs >= 1))
    throw new UsageError(`--runs ${values.runs}: a whole number from 1 on`);
  return {
    ...values,
    runs,
    chosen: values.only === undefined ? rows : all.filter(({ name }) => values.only!.includes(name)),
  };
}

async function measure(chosen: readonly Row[], bench: Bench, runs: number | undefined): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const row of chosen) {
    try {
      const figure = await figureOf(row, bench, runs ?? (bench.quick ? 1 : row.runs));
      bench.say(verdict(figure));
      figures.push(figure);
    } catch (error) {
      // The others are still worth knowing.
      bench.say(`${row.name}: FAILED: ${(error as Error).stack}`);
      process.exitCode = 1;
    }
  }
  return figures;
}

const verdict = ({ name, value, unit, goal, reach, reached, beside }: Figure): string =>
  [
    `${name}: ${told(value)} ${unit}; goal ${reach} ${told(goal)} ${reached ? "reached" : "not reached"}`,
    ...beside.map((one) => `  beside: ${one.name}: ${told(one.value)} ${one.unit}`),
  ].join("\n");

try {
  const { chosen, runs, quick, json, list, help } = readArgs();
  if (help) process.stdout.write(USAGE);
  else if (list)
    process.stdout.write([...rows, ...longRows].map(({ name, title }) => `${name.padEnd(18)}${title}\n`).join(""));
  else {
    const bench: Bench = { quick, say: (words) => process.stderr.write(`${words}\n`) };
    const on = machine();
    const figures = await measure(chosen, bench, runs);
    const complete = figures.map((figure) => ({ ...figure, conditions: { ...figure.conditions, ...on } }));
    if (chosen === rows && figures.length === rows.length && !quick)
      writeFileSync(RESULTS, resultsPage(figures, on, new Date()));
    if (json) process.stdout.write(`${JSON.stringify(complete, null, 2)}\n`);
    if (figures.some(({ lost }) => lost > 0)) process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof TypeError && "code" in error)) throw error;
  process.stderr.write(`bench: ${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
