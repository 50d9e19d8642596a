/** `npm run evaluate`: simulated weeks against ground truth. What is counted how is told in test/README.md. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import cliProgress from "cli-progress";
import { runAll } from "./pool.ts";
import { reach } from "./reach.ts";
import { asJson, asTable, casesOf, type Evaluation, overall } from "./report.ts";
import { SITES, type SiteName, type Task } from "./run.ts";
import { addTallies } from "./tally.ts";

const USAGE = `Usage: npm run evaluate -- [options]

  --weeks N     simulated weeks of each site, each with a seed of its own (20)
  --seed S      the first seed; the others follow it (1)
  --site NAME   ${SITES.join(", ")}; may be repeated (all)
  --days N      instead of whole weeks: so many days of each
  --threads N   at once (one per core)
  --json        an object instead of the table
  --cases       where and when something was missed or said falsely
  --check       end with 1 when a number is not reached
`;

/** Faults come one after another in each week: a few weeks show as much as many. */
const FAULT_WEEKS = 4;

interface Wanted {
  readonly weeks: number;
  readonly seeds: readonly string[];
  readonly sites: readonly SiteName[];
  readonly days: number | undefined;
  readonly threads: number;
}

const isSite = (name: string): name is SiteName => (SITES as readonly string[]).includes(name);

function wholeNumber(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${option} ${text}: a whole number from 1 on`);
  return value;
}

class UsageError extends Error {}

function readArgs() {
  const { values } = parseArgs({
    options: {
      weeks: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      site: { type: "string", multiple: true, default: [...SITES] },
      days: { type: "string" },
      threads: { type: "string", default: String(availableParallelism()) },
      json: { type: "boolean", default: false },
      cases: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const weeks = wholeNumber(values.weeks, "weeks");
  const first = wholeNumber(values.seed, "seed");
  const unknown = values.site.find((name) => !isSite(name));
  if (unknown !== undefined) throw new UsageError(`--site ${unknown}: one of ${SITES.join(", ")}`);
  const wanted: Wanted = {
    weeks,
    seeds: Array.from({ length: weeks }, (_, i) => String(first + i)),
    sites: values.site.filter(isSite),
    days: values.days === undefined ? undefined : wholeNumber(values.days, "days"),
    threads: wholeNumber(values.threads, "threads"),
  };
  return { ...values, wanted };
}

async function evaluate({ weeks, seeds, sites, days, threads }: Wanted): Promise<Evaluation> {
  const started = performance.now();
  const tasks = seeds.flatMap((seed, i) =>
    sites
      .filter((site) => site !== "faults" || i < FAULT_WEEKS)
      .map((site): Task => ({ site, seed, ...(days !== undefined && { days }) })),
  );
  const progress = showProgress(tasks.length);
  const tallies = await runAll(tasks, threads, progress.done);
  progress.end();
  const bySite = Map.groupBy(tallies.keys(), (i) => tasks[i]!.site);
  return {
    weeks,
    seeds,
    sites: Object.fromEntries([...bySite].map(([site, of]) => [site, of.map((i) => tallies[i]!).reduce(addTallies)])),
    seconds: (performance.now() - started) / 1000,
  };
}

/** On standard error, so that the table or the object is alone on standard output: a bar on a terminal, lines elsewhere. */
function showProgress(count: number): { done(task: Task, seconds: number): void; end(): void } {
  if (process.stderr.isTTY) {
    const format = "Evaluating {bar} {value} of {total}  {duration_formatted}, {eta_formatted} left";
    const bar = new cliProgress.SingleBar(
      { format, stream: process.stderr, hideCursor: true },
      cliProgress.Presets.shades_classic,
    );
    bar.start(count, 0);
    return { done: () => bar.increment(), end: () => bar.stop() };
  }
  let finished = 0;
  return {
    done({ site, seed }, seconds) {
      finished++;
      process.stderr.write(`${finished} of ${count}: ${site}, seed ${seed}, ${seconds.toFixed(1)} s\n`);
    },
    end: () => {},
  };
}

async function main(): Promise<void> {
  const args = readArgs();
  if (args.help) {
    process.stdout.write(USAGE);
    return;
  }
  const evaluation = await evaluate(args.wanted);
  process.stdout.write(`${args.json ? asJson(evaluation) : asTable(evaluation)}\n`);
  if (args.cases) for (const one of casesOf(evaluation)) process.stdout.write(`${one}\n`);
  if (args.check && reach(overall(evaluation)).some(({ pass }) => pass === false)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(isUsage ? `${(error as Error).message}\n\n${USAGE}` : `${(error as Error).stack}\n`);
  process.exitCode = 1;
}
