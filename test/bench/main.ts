/** `npm run bench`: the numbers of DESIGN §8, with what a user would otherwise pick beside them. Told in README.md. */
import { parseArgs } from "node:util";
import { type Bench, type Figure, figureOf, type Row, told } from "./figure.ts";
import { machine } from "./machine.ts";
import { rows } from "./rows.ts";

const USAGE = `Usage: npm run bench -- [options]

  --only NAME   this row alone; may be repeated
  --runs N      of each row; the median is told
  --quick       shorter, to see whether all works: such figures say little
  --json        a list of figures on standard output instead of tables
  --list        names of the rows
`;

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
  const unknown = values.only?.find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined)
    throw new UsageError(`--only ${unknown}: one of ${rows.map(({ name }) => name).join(", ")}`);
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && !(Number.isInteger(runs) && runs >= 1))
    throw new UsageError(`--runs ${values.runs}: a whole number from 1 on`);
  return { ...values, runs, chosen: rows.filter(({ name }) => values.only?.includes(name) ?? true) };
}

async function measure(chosen: readonly Row[], bench: Bench, runs: number | undefined): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const row of chosen) {
    const figure = await figureOf(row, bench, runs ?? (bench.quick ? 1 : row.runs));
    bench.say(verdict(figure));
    figures.push(figure);
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
  else if (list) process.stdout.write(rows.map(({ name, title }) => `${name.padEnd(18)}${title}\n`).join(""));
  else {
    const bench: Bench = { quick, say: (words) => process.stderr.write(`${words}\n`) };
    const on = machine();
    const figures = await measure(chosen, bench, runs);
    const complete = figures.map((figure) => ({ ...figure, conditions: { ...figure.conditions, ...on } }));
    if (json) process.stdout.write(`${JSON.stringify(complete, null, 2)}\n`);
    if (figures.some(({ lost }) => lost > 0)) process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof TypeError && "code" in error)) throw error;
  process.stderr.write(`bench: ${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
